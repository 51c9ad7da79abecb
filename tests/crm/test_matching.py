"""Finding people who are written down twice: the model, and newcomers as they come."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.people.contact_points import Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.levels import person
from crm.people.linkage import fill, frequencies, opened, pairs
from crm.people.matching import Pair, match_one, suspect
from crm.people.operations import correct
from crm.people.scoring import SUSPECT_FROM, Evidence, Frequencies, model, score, weight_of
from tests.data.people.make import Written, rows
from tests.data.people.train import as_person
from tests.factories import AT, SupporterFactory

OWN = Path(__file__).parent.parent / "data" / "people" / "people.csv"
NOBODY_FREQUENT = Frequencies(people=100_000)
FREQUENT = Frequencies(
    100_000,
    {
        "given": {"marie": 0.03, "jan": 0.01},
        "family": {"peeters": 0.02},
        "postcode": {"1000": 0.02, "2000": 0.01},
    },
)


def own_list():
    with OWN.open(newline="") as file:
        return [Written(**row) for row in csv.DictReader(file)]


def likely(one, other, known=NOBODY_FREQUENT):
    return score(person(id=1, **one), person(id=2, **other), known).probability >= SUSPECT_FROM


def test_list_in_the_repository_is_what_its_rules_make():
    again = [row._replace(person=str(row.person)) for row in rows("to try", 2_000)]

    assert again == own_list()


def test_model_finds_the_doubles_of_our_list(tmp_path):
    written = own_list()
    people = [as_person(number, row) for number, row in enumerate(written)]
    same = {}
    for number, row in enumerate(written):
        same.setdefault(row.person, []).append(number)
    truth = {(a, b) for ids in same.values() for a in ids for b in ids if a < b}

    with opened(tmp_path) as database:
        fill(database, people)
        known = frequencies(database)
        found = pairs(database, model(), known, weight=weight_of(SUSPECT_FROM))

    right = sum((a, b) in truth for a, b, _weight in found)
    precision, recall = right / len(found), right / len(truth)
    assert 2 * precision * recall / (precision + recall) >= 0.97
    # A newcomer is judged as in the search through everybody.
    for a, b, weight in found:
        assert score(people[a], people[b], known).weight == pytest.approx(weight, abs=1e-9)


def test_newcomer_is_judged_as_splink_judges_pairs_of_every_kind(tmp_path):
    people = [as_person(number, row) for number, row in enumerate(rows("levels", 400))]

    with opened(tmp_path) as database:
        fill(database, people)
        known = frequencies(database)
        found = pairs(database, model(), known, weight=-200)

    assert len(found) > 500
    for a, b, weight in found:
        assert score(people[a], people[b], known).weight == pytest.approx(weight, abs=1e-9)


MARIE = {"given_name": "Marie", "family_name": "Van den Berghe", "postcode": "9000"}


@pytest.mark.parametrize(
    "other",
    [
        {"family_name": "Vandenberghe"},
        {"family_name": "van den Berghe", "given_name": "Mieke"},
        {"family_name": "Vandenberge"},
        {"family_name": "Marie", "given_name": "Van den Berghe"},
        {"given_name": "MARIE", "family_name": "VAN DEN BERGHE"},
    ],
)
def test_names_in_another_form_are_likely_the_same_person(other):
    assert likely(MARIE, MARIE | other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"given_name": "Jan", "birth": "19700517"}, {"given_name": "Els", "birth": "19731102"}),
        ({"birth": "19500312"}, {"birth": "19810917"}),
        ({"given_name": "Lotte", "birth": "20010203"}, {"given_name": "Fien", "birth": "20010203"}),
        ({"given_name": "Jan"}, {"given_name": "Els"}),
    ],
    ids=["couple", "father and son", "twins", "shared telephone"],
)
def test_people_of_one_household_are_not_one_person(one, other):
    home = {
        "given_name": "Jan",
        "family_name": "Peeters",
        "postcode": "2000",
        "street_and_number": "Kerkstraat 5",
        "phones": ["+3232000000"],
    }

    assert not likely(home | one, home | other, FREQUENT)


def test_frequent_name_in_a_large_town_says_less_than_a_rare_one():
    marie = {"given_name": "Marie", "family_name": "Peeters", "postcode": "1000"}
    rare = {"given_name": "Godelieve", "family_name": "Vanquickelberghe", "postcode": "8647"}

    assert not likely(marie, marie, FREQUENT)
    assert likely(rare, rare, FREQUENT)


@pytest.mark.django_db
def test_newcomer_is_compared_by_names_place_birth_and_telephone(now):
    known = {"given_name": "Godelieve", "family_name": "D'Hondt", "postcode": "9000"}
    same = [
        SupporterFactory(**known, email=""),
        SupporterFactory(**known | {"family_name": "Dhont"}, email=""),
        SupporterFactory(**known | {"postcode": "8000"}, birth_date=date(1951, 4, 5), email=""),
    ]
    called = SupporterFactory(**known | {"postcode": ""}, email="")
    Phone.objects.create(supporter=called, number="+32475000001")
    SupporterFactory(given_name="Rita", family_name="Maes", postcode="9000")
    new = SupporterFactory(**known | {"given_name": "Lieve"}, birth_date=date(1951, 4, 5))
    Phone.objects.create(supporter=new, number="+32475000001")

    match_one(new, at=now)

    found = Suspicion.objects.order_by("first_id").values_list("first_id", "second_id", "state")
    assert list(found) == [(old.pk, new.pk, "open") for old in [*same, called]]


@pytest.mark.django_db
def test_matching_one_takes_as_many_queries_whatever_it_finds(now):
    def queries(name, doubles):
        new = SupporterFactory(given_name="Jef", family_name=name)
        for _double in range(doubles):
            SupporterFactory(given_name="Jozef", family_name=name)
        with CaptureQueriesContext(
            connection,
        ) as counted:
            found = match_one(new, at=now)
        assert len(found) == doubles
        return len(counted)

    match_one(SupporterFactory(), at=now)  # writes the row of the rule
    assert queries("Quaghebeur", 1) == queries("Vandercruyssen", 3)


@pytest.mark.django_db
def test_pair_that_is_not_likely_any_more_is_not_to_decide(now):
    old = SupporterFactory(given_name="Odilon", family_name="Van Cauwenberghe")
    new = SupporterFactory(given_name="Odilon", family_name="Van Cauwenberghe", email="")
    match_one(new, at=now)
    assert Suspicion.objects.count() == 1

    correct(supporter=new, at=now, given_name="Beatrijs", family_name="Leroy")
    match_one(new, at=now)

    assert list(Suspicion.objects.all()) == []
    assert old.pk < new.pk


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["different", "merged"])
def test_what_was_decided_stays_decided_when_the_pair_is_found_again(now, state):
    one, other = SupporterFactory(), SupporterFactory()
    Suspicion.objects.create(first=one, second=other, score=0.6, state=state, found_at=AT)

    suspect([Pair(one.pk, other.pk, 0.9, [Evidence("given", "same", 7.0)])], at=now)

    assert Suspicion.objects.get().state == state


@pytest.mark.django_db
def test_address_and_telephone_of_a_supporter_are_read(now):
    home = {"street": "Rue de la Loi 16", "postcode": "1000", "town": "Bruxelles"}
    names = {"given_name": "Zénobe", "family_name": "Quatannens"}
    one, other = SupporterFactory(**names), SupporterFactory(**names)
    PostalAddress.objects.create(supporter=one, is_preferred=True, **home)
    PostalAddress.objects.create(
        supporter=other, is_preferred=True, **home | {"street": "Wetstraat 16"}
    )

    [found] = match_one(other, at=now)

    levels = {each["field"]: each["level"] for each in found.evidence}
    assert levels == {"given": "same", "family": "same", "place": "same", "street": "same"}


@pytest.mark.django_db
def test_organisations_are_compared_by_name_and_place(now):
    fields = {"kind": "organisation", "given_name": "", "email": ""}
    first = SupporterFactory(family_name="Les Amis asbl", **fields)
    SupporterFactory(family_name="Les Amis asbl", postcode="4000", **fields)
    SupporterFactory(family_name="Les Amis", kind="person", given_name="Lea")
    new = SupporterFactory(family_name="A.S.B.L. Les amis", **fields)

    found = match_one(new, at=now)

    assert [(each.first_id, each.second_id) for each in found] == [(first.pk, new.pk)]


def test_what_a_dead_worker_left_on_disk_is_deleted(tmp_path):
    old, new = tmp_path / "matching-old", tmp_path / "matching-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))

    with opened(tmp_path):
        during = sorted(tmp_path.iterdir())

    assert (len(during), old in during) == (2, False)
    assert list(tmp_path.iterdir()) == [new]
