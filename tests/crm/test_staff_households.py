"""Households and relationships on the pages of staff."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.addressing import add_address
from crm.people.belonging import form_household
from crm.people.households import Household, Relationship
from crm.people.relating import relate
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


@pytest.fixture
def marie(db):
    return SupporterFactory(given_name="Marie", family_name="Dupont", form_of_address="madam")


@pytest.fixture
def paul(db):
    return SupporterFactory(given_name="Paul", family_name="Dupont", form_of_address="sir")


@pytest.fixture
def samen(db):
    return SupporterFactory(kind="organisation", given_name="", family_name="Samen vzw")


def page_of(supporter):
    return reverse("admin:crm_supporter_change", args=[supporter.pk])


def of(name, supporter):
    return reverse(f"admin:crm_supporter_{name}", args=[supporter.pk])


def edit(household):
    return reverse("admin:crm_household_edit", args=[household.pk])


def answers(client, household):
    page = client.get(edit(household))
    form = {bound.name: bound.value() for bound in page.context["form"]}
    kept = {name: value for name, value in form.items() if value not in (None, False)}
    return {**kept, "based_on": page.context["edit"].based_on}


def members(household):
    return [each.supporter.given_name for each in household.members.order_by("position")]


def test_couple_becomes_a_household_and_is_greeted_together(client, campaigner, marie, paul):
    answer = client.post(of("household", marie), {"supporter": paul.pk})

    household = Household.objects.get()
    assert answer.url == edit(household)
    told = client.get(page_of(marie)).context["household"]
    assert (told["greeting"], told["name"]) == (
        "Chers Madame et Monsieur Dupont,",
        "Madame et Monsieur Dupont",
    )
    assert members(household) == ["Marie", "Paul"]


def test_who_lives_there_is_proposed_to_who_sees_addresses(client, staff, marie, paul, now):
    client.force_login(staff(Role.FUNDRAISER))
    for person in (marie, paul):
        add_address(
            supporter=person,
            street="Rue Haute 1",
            postcode="1000",
            country="BE",
            source="",
            at=now,
        )

    page = client.get(of("household", marie))
    client.post(of("household", marie), {"neighbours": [paul.pk]})

    assert list(page.context["form"].fields["neighbours"].queryset) == [paul]
    assert members(Household.objects.get()) == ["Marie", "Paul"]


def test_who_has_a_household_is_led_to_it(client, campaigner, marie, paul, now):
    household = form_household(members=[marie, paul], at=now)

    assert client.get(of("household", paul)).url == edit(household)


@pytest.mark.parametrize(
    ("whom", "error"),
    [
        ("nobody", "Choose with whom."),
        ("an organisation", "Organisations belong to no household."),
        ("married", "Paul Dupont is in another household: leave that one first."),
    ],
)
def test_household_that_cannot_be_says_why(
    client, campaigner, marie, paul, samen, now, whom, error
):
    form_household(members=[paul, SupporterFactory()], at=now)
    chosen = {"nobody": "", "an organisation": samen.pk, "married": paul.pk}[whom]

    page = client.post(of("household", marie), {"supporter": chosen})

    assert page.context["form"].errors == {"supporter": [error]}
    assert Household.objects.count() == 1


def test_order_names_and_who_is_greeted_are_changed(client, campaigner, marie, paul, now):
    child = SupporterFactory(given_name="Zoé", family_name="Dupont")
    household = form_household(members=[marie, paul, child], at=now)
    form = answers(client, household)

    form |= {f"position-{paul.pk}": 1, f"position-{marie.pk}": 2, "own_name": "Les Dupont"}
    del form[f"greeted-{child.pk}"]
    client.post(edit(household), form)

    household.refresh_from_db()
    assert members(household) == ["Paul", "Marie", "Zoé"]
    assert household.own_name == "Les Dupont"
    assert not household.members.get(supporter=child).is_greeted


def test_two_edits_of_a_household_are_both_kept(client, campaigner, marie, paul, now):
    household = form_household(members=[marie, paul], at=now)
    first, second = answers(client, household), answers(client, household)
    client.post(edit(household), {**first, "own_name": "Les Dupont"})

    client.post(edit(household), {**second, "own_greeting": "Chers amis"})

    household.refresh_from_db()
    assert (household.own_name, household.own_greeting) == ("Les Dupont", "Chers amis")


def test_member_joins_and_leaves_and_the_last_two_end_it(client, campaigner, marie, paul, now):
    household = form_household(members=[marie, paul], at=now)
    child = SupporterFactory(given_name="Zoé")

    client.post(edit(household), {"action": "join", "supporter": child.pk})
    assert members(household) == ["Marie", "Paul", "Zoé"]
    client.post(edit(household), {"action": f"leave:{paul.pk}"})
    assert members(household) == ["Marie", "Zoé"]
    answer = client.post(edit(household), {"action": f"leave:{child.pk}"})

    assert answer.url == page_of(marie)
    assert not Household.objects.exists()


def test_household_is_dissolved(client, campaigner, marie, paul, now):
    household = form_household(members=[marie, paul], at=now)

    answer = client.post(edit(household), {"action": "dissolve"})

    assert answer.url == page_of(marie)
    assert not Household.objects.exists()


def test_who_is_no_member_cannot_be_taken_out(client, campaigner, marie, paul, now):
    household = form_household(members=[marie, paul], at=now)

    answer = client.post(edit(household), {"action": f"leave:{SupporterFactory().pk}"})

    assert answer.status_code == 404
    assert household.members.count() == 2


def test_relationship_is_worded_from_both_sides(client, campaigner, marie, samen):
    answer = client.post(
        of("relate", marie), {"kind": "contact", "other": samen.pk, "role": "director"}
    )

    assert answer.url == page_of(marie)
    hers = client.get(page_of(marie)).context["related"]
    theirs = client.get(page_of(samen)).context["related"]
    assert [(str(each.words), each.other) for each in hers] == [("contact person of", samen)]
    assert [(str(each.words), each.other) for each in theirs] == [("has as contact person", marie)]


def test_relationship_is_told_from_the_other_side(client, campaigner, marie, paul):
    client.post(of("relate", marie), {"kind": "of:parent", "other": paul.pk})

    (relationship,) = Relationship.objects.all()
    assert (relationship.supporter, relationship.other) == (paul, marie)
    (hers,) = client.get(page_of(marie)).context["related"]
    assert (str(hers.words), hers.other) == ("child of", paul)


@pytest.mark.parametrize(
    ("kind", "other", "error"),
    [
        ("contact", "paul", "This can only be said of an organisation."),
        ("partner", "samen", "This can only be said of two persons."),
        ("friend", "marie", "Choose somebody else than themselves."),
    ],
)
def test_relationship_that_cannot_be_says_why(
    client, campaigner, marie, paul, samen, kind, other, error
):
    whom = {"marie": marie, "paul": paul, "samen": samen}[other]

    page = client.post(of("relate", marie), {"kind": kind, "other": whom.pk})

    assert page.context["form"].errors == {"other": [error]}
    assert not Relationship.objects.exists()


def test_relationship_is_led_changed_ended_and_removed(client, campaigner, marie, samen, now):
    this = relate(supporter=marie, other=samen, kind="contact", at=now)
    where = reverse("admin:crm_relationship_edit", args=[this.pk])

    client.post(where, {"action": "lead"})
    client.post(where, {"role": "chair", "begins_on": "2020-01-01", "ends_on": ""})
    this.refresh_from_db()
    assert (this.is_main_contact, this.role, this.begins_on.year) == (True, "chair", 2020)
    wrong = client.post(
        where, {"role": "chair", "begins_on": "2020-01-01", "ends_on": "2019-01-01"}
    )
    assert wrong.context["form"].errors == {"ends_on": ["This day is before the first."]}
    client.post(where, {"role": "chair", "begins_on": "2020-01-01", "ends_on": "2026-01-01"})
    this.refresh_from_db()
    assert (this.ends_on.year, this.is_main_contact) == (2026, False)
    client.post(where, {"action": "remove"})

    assert not Relationship.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_household_takes_as_many_queries_for_more_members(
    client, campaigner, now, number, django_assert_num_queries
):
    household = form_household(members=SupporterFactory.create_batch(number + 1), at=now)
    client.get(edit(household))

    with django_assert_num_queries(QUERIES):
        client.get(edit(household))


QUERIES = 8


def test_reader_changes_no_household_and_no_relationship(client, staff, marie, paul, samen, now):
    household = form_household(members=[marie, paul], at=now)
    this = relate(supporter=marie, other=samen, kind="contact", at=now)
    client.force_login(staff(Role.READER))

    answers = [
        client.post(edit(household), {"action": "dissolve"}),
        client.post(of("household", SupporterFactory()), {"supporter": marie.pk}),
        client.post(of("relate", marie), {"kind": "friend", "other": paul.pk}),
        client.post(reverse("admin:crm_relationship_edit", args=[this.pk]), {"action": "remove"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert (Household.objects.count(), Relationship.objects.count()) == (1, 1)
