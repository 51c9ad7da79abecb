"""The pages on which staff decide about possible duplicates."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from crm.access import Role
from crm.people.contact_points import Phone, PostalAddress
from crm.people.duplicates import MatchRule, MatchRun, Suspicion
from crm.people.explaining import reasons
from tests.factories import SupporterFactory
from tests.people_factories import SuspicionFactory

pytestmark = pytest.mark.django_db
LIST = "admin:crm_suspicion_changelist"


@pytest.fixture
def pair():
    first = SupporterFactory(given_name="Marie", family_name="Dupont", birth_date="1950-03-12")
    second = SupporterFactory(given_name="Marie", family_name="Dupond", email="")
    Phone.objects.create(supporter=second, number="+3232000000")
    PostalAddress.objects.create(supporter=second, street="Kerkstraat 5", town="Antwerpen")
    return SuspicionFactory(first=first, second=second)


@pytest.fixture
def enter(client, staff):
    def make(role=Role.FUNDRAISER):
        user = staff(role)
        client.force_login(user)
        return user

    return make


def page(client, name=LIST, *args, **query):
    return client.get(reverse(name, args=args), query, headers={"accept-language": "en"})


def test_list_shows_both_records_and_why(client, enter, pair):
    enter()

    body = page(client).content.decode()

    for words in (
        "97 % likely one",
        "Dupond",
        "+3232000000",
        "Kerkstraat 5",
        "same given name",
        "family name differs by one letter",
        "telephones differ",
    ):
        assert words in body
    merge = reverse("admin:crm_supporter_merge", args=[pair.first_id, pair.second_id])
    assert f'href="{merge}"' in body


def test_list_is_best_first_and_hides_what_is_less_likely(client, enter):
    likely, sure = SuspicionFactory(score=0.85), SuspicionFactory(score=0.999)
    SuspicionFactory(state="different")
    enter()

    every = [each.suspicion for each in page(client).context["pairs"]]
    best = [each.suspicion for each in page(client, **{"from": "0.95"}).context["pairs"]]

    assert (every, best) == ([sure, likely], [sure])


def test_list_takes_as_many_queries_for_three_pairs_as_for_one(client, enter):
    enter()

    def queries(wanted):
        while Suspicion.objects.count() < wanted:
            Phone.objects.create(supporter=SuspicionFactory().first, number="+3232000000")
        page(client)
        with CaptureQueriesContext(connection) as counted:
            page(client)
        return len(counted)

    assert queries(1) == queries(3)


def test_pair_of_a_merged_record_is_not_to_decide(client, enter, pair):
    pair.second.merged_into = pair.first
    pair.second.save()
    enter()

    assert page(client).context["pairs"] == []


def test_not_a_duplicate_is_remembered_and_can_be_taken_back(client, enter, pair):
    user = enter()

    answer = client.post(reverse("admin:crm_suspicion_different", args=[pair.pk]) + "?from=0.95")

    pair.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse(LIST) + "?from=0.95")
    assert (pair.state, pair.decided_by) == ("different", user)
    assert [each.suspicion for each in page(client, state="different").context["pairs"]] == [pair]
    client.post(reverse("admin:crm_suspicion_again", args=[pair.pk]))
    assert Suspicion.objects.get().state == "open"


def test_second_decision_is_told_not_made(client, enter, pair):
    enter()
    client.post(reverse("admin:crm_suspicion_different", args=[pair.pk]))
    decided = Suspicion.objects.get().decided_at

    answer = client.post(
        reverse("admin:crm_suspicion_different", args=[pair.pk]),
        follow=True,
        headers={"accept-language": "en"},
    )

    assert "Somebody decided about this pair already." in answer.content.decode()
    assert Suspicion.objects.get().decided_at == decided


def test_search_is_started_and_its_progress_shown(client, enter):
    user = enter()

    client.post(reverse("admin:crm_suspicions_search"))

    run = MatchRun.objects.get()
    assert (run.state, run.started_by) == ("waiting", user)
    MatchRun.objects.update(state="running", stage="reading", done=250, total=1000)
    body = page(client, "admin:crm_suspicions_progress").content.decode()
    assert '<progress max="100" value="25"' in body
    assert 'hx-trigger="every 2s"' in body
    MatchRun.objects.update(state="done", finished_at=run.started_at, found=3)
    assert "hx-trigger" not in page(client, "admin:crm_suspicions_progress").content.decode()


def test_rule_is_set_by_administrators(client, enter):
    user = enter(Role.ADMINISTRATOR)

    client.post(reverse("admin:crm_suspicions_rule"), {"merges_from": "0.999"})
    rule = MatchRule.objects.get()
    refused = client.post(reverse("admin:crm_suspicions_rule"), {"merges_from": "0.5"})

    assert (rule.merges_from, rule.modified_by) == (0.999, user)
    assert refused.status_code == 200
    assert MatchRule.objects.get().merges_from == 0.999
    client.post(reverse("admin:crm_suspicions_rule"), {"merges_from": ""})
    assert MatchRule.objects.get().merges_from is None


def test_what_a_reader_may_not_see_is_not_explained_either():
    evidence = [
        {"field": "given", "level": "same", "weight": 7.0},
        {"field": "birth", "level": "same", "weight": 14.0},
        {"field": "phone", "level": "different", "weight": -2.8},
        {"field": "relatives", "level": "twins_two", "weight": -30.0},
    ]

    with translation.override("en"):
        told = [str(each.words) for each in reasons(evidence, frozenset({"birth_date"}))]

    assert told == ["same given name", "telephones differ"]


def test_reasons_for_come_before_reasons_against_the_weightiest_first():
    evidence = [
        {"field": "phone", "level": "different", "weight": -2.8},
        {"field": "given", "level": "same", "weight": 7.0},
        {"field": "birth", "level": "same", "weight": 14.0},
    ]

    told = [(each.weight, each.is_for) for each in reasons(evidence, frozenset())]

    assert told == [(14.0, True), (7.0, True), (2.8, False)]


def test_nobody_decides_without_the_right(client, enter, pair):
    enter(Role.CAMPAIGNER)

    answers = [
        client.post(reverse(f"admin:{name}", args=args)).status_code
        for name, args in (
            ("crm_suspicion_different", [pair.pk]),
            ("crm_suspicion_again", [pair.pk]),
            ("crm_suspicions_search", []),
            ("crm_suspicions_rule", []),
        )
    ]

    assert answers == [403, 403, 403, 403]
    assert Suspicion.objects.get().state == "open"
