"""What staff decide, what the rule merges, and the search through everybody."""

from datetime import date

import pytest

from crm.people import runs
from crm.people.deciding import (
    CannotDecide,
    ask_again,
    merge_by_rule,
    say_different,
    set_rule,
)
from crm.people.duplicates import MatchRule, MatchRun, Suspicion
from crm.people.matching import MANY, match_newcomers
from crm.people.merges import Merge
from crm.people.models import Change, ChangeQuerySet
from crm.people.operations import register
from crm.people.unmerging import unmerge
from tests.factories import SupporterFactory
from tests.jobs import run_jobs, run_periodic
from tests.people_factories import SuspicionFactory

pytestmark = pytest.mark.django_db
RARE = {"given_name": "Odilon", "family_name": "Van Cauwenberghe", "postcode": "9700"}


@pytest.fixture
def sure():
    """A pair that the model is sure of."""
    first = SupporterFactory(**RARE)
    return SuspicionFactory(first=first, second=SupporterFactory(**RARE, email=""), score=0.9995)


@pytest.fixture
def all_settled(monkeypatch):
    """The feed as it is once the transactions of every database on this server have ended."""
    monkeypatch.setattr(ChangeQuerySet, "settled", lambda feed: feed.order_by("transaction", "id"))


def states():
    return list(Suspicion.objects.order_by("pk").values_list("state", flat=True))


def test_not_a_duplicate_is_remembered_with_who_said_so(sure, staff, now):
    by = staff()

    say_different(suspicion=sure, at=now, by=by)

    sure.refresh_from_db()
    assert (sure.state, sure.decided_by, sure.decided_at) == ("different", by, now)


def test_deciding_twice_is_refused(sure, now):
    say_different(suspicion=sure, at=now)

    with pytest.raises(CannotDecide):
        say_different(suspicion=sure, at=now)


def test_not_a_duplicate_can_be_taken_back(sure, now):
    say_different(suspicion=sure, at=now)

    ask_again(suspicion=sure, at=now)

    assert states() == ["open"]


def test_nothing_merges_by_itself_without_a_rule(sure, now):
    assert merge_by_rule([sure], at=now) == 0
    assert states() == ["open"]


def test_rule_merges_the_sure_and_keeps_the_older_record(sure, now):
    set_rule(merges_from=0.99, at=now)

    merged = merge_by_rule([sure], at=now)

    merge = Merge.objects.get()
    assert (merged, states()) == (1, ["merged"])
    assert (merge.kept_id, merge.lost_id) == (sure.first_id, sure.second_id)
    assert (merge.score, merge.merged_by) == (0.9995, None)


def test_rule_leaves_what_is_less_sure_than_it_says(sure, now):
    set_rule(merges_from=0.9999, at=now)

    assert merge_by_rule([sure], at=now) == 0


def test_rule_does_not_merge_two_who_have_an_address_each(now):
    pair = SuspicionFactory(
        first=SupporterFactory(**RARE), second=SupporterFactory(**RARE), score=1.0
    )
    set_rule(merges_from=0.99, at=now)

    assert merge_by_rule([pair], at=now) == 0


def test_rule_does_not_merge_two_dates_of_birth(sure, now):
    for supporter, year in ((sure.first, 1950), (sure.second, 1951)):
        supporter.birth_date = date(year, 1, 1)
        supporter.save()
    set_rule(merges_from=0.99, at=now)

    assert merge_by_rule([sure], at=now) == 0


def test_rule_does_not_merge_who_are_said_to_be_two(sure, now):
    say_different(suspicion=sure, at=now)
    set_rule(merges_from=0.99, at=now)

    assert merge_by_rule([sure], at=now) == 0


def test_rule_does_not_merge_again_what_was_taken_apart(sure, now):
    set_rule(merges_from=0.99, at=now)
    merge_by_rule([sure], at=now)
    unmerge(merge=Merge.objects.get(), at=now)
    Suspicion.objects.update(state="open")

    assert merge_by_rule([sure], at=now) == 0


def test_rule_does_not_merge_organisations(now):
    first, second = (
        SupporterFactory(kind="organisation", family_name="Les Amis", email="") for _n in range(2)
    )
    set_rule(merges_from=0.99, at=now)

    assert merge_by_rule([SuspicionFactory(first=first, second=second, score=1.0)], at=now) == 0


def test_three_records_of_one_person_become_one(now):
    first, second, third = (SupporterFactory(**RARE, email="") for _n in range(3))
    found = [
        SuspicionFactory(first=one, second=other, score=0.9995)
        for one, other in ((first, second), (first, third), (second, third))
    ]
    set_rule(merges_from=0.99, at=now)

    merged = merge_by_rule(found, at=now)

    assert merged == 2
    assert sorted(Merge.objects.values_list("kept_id", "lost_id")) == [
        (first.pk, second.pk),
        (first.pk, third.pk),
    ]


def test_search_finds_everybody_and_tells_how_far_it_is(now):
    first, second = (SupporterFactory(**RARE, email="") for _n in range(2))
    SupporterFactory(given_name="Lea", family_name="Leroy")
    for _n in range(2):
        SupporterFactory(kind="organisation", family_name="Les Amis", given_name="", email="")

    run = runs.start(at=now)
    assert (run.state, runs.start(at=now)) == ("waiting", run)
    assert run_jobs() == ["people.search_duplicates"]

    run.refresh_from_db()
    assert (run.state, run.stage, run.done, run.total) == ("done", "writing", 2, 2)
    assert (run.found, run.merged) == (2, 0)
    assert (first.pk, second.pk) in Suspicion.objects.values_list("first_id", "second_id")
    assert MatchRule.objects.get().frequencies["people"] == 3


def test_search_merges_by_the_rule_too(now):
    for _n in range(2):
        SupporterFactory(**RARE, email="", birth_date=date(1950, 3, 12))
    set_rule(merges_from=0.99, at=now)

    runs.start(at=now)
    run_jobs()

    assert MatchRun.objects.get().merged == 1


def test_search_does_not_propose_again_who_are_two_and_drops_what_is_not_likely(now):
    first, second = (SupporterFactory(**RARE, email="") for _n in range(2))
    SuspicionFactory(first=first, second=second, state="different")
    leroy = SupporterFactory(given_name="Lea", family_name="Leroy")
    unlikely = SuspicionFactory(first=first, second=leroy)

    runs.start(at=now)
    run_jobs()

    assert states() == ["different"]
    assert not Suspicion.objects.filter(pk=unlikely.pk).exists()


def test_search_of_nobody_ends(now):
    runs.start(at=now)
    run_jobs()

    assert MatchRun.objects.values_list("state", "found").get() == ("done", 0)


def test_failed_search_says_so(now, monkeypatch):
    runs.start(at=now)
    monkeypatch.setattr("crm.people.linkage.BLOCKS", ("no_such_column",))
    SupporterFactory()

    with pytest.raises(Exception, match="no_such_column"):
        run_jobs()

    assert MatchRun.objects.get().state == "failed"


def test_search_whose_worker_died_is_begun_again(now):
    run = runs.start(at=now)
    runs.begin(run_id=run.pk, at=now)

    again = runs.begin(run_id=run.pk, at=now)

    assert again == run
    runs.end(run=run, at=now)
    assert runs.begin(run_id=run.pk, at=now) is None


def test_who_registers_is_compared_once(now, all_settled):
    first = register(at=now, **RARE)
    second = register(at=now, email="odilon@example.org", **RARE)

    match_newcomers(at=now)
    found = list(Suspicion.objects.values_list("first_id", "second_id"))
    again, is_more = match_newcomers(at=now)

    assert found == [(first.pk, second.pk)]
    assert (again, is_more) == ([], False)


def test_newcomers_are_matched_by_the_minute_and_merged_by_the_rule(now, all_settled):
    set_rule(merges_from=0.99, at=now)
    first = register(at=now, **RARE)
    second = register(at=now, **RARE)

    run_periodic("people.match_newcomers")

    assert Merge.objects.values_list("kept_id", "lost_id").get() == (first.pk, second.pk)


def test_after_a_large_import_everybody_is_searched_once(now, all_settled):
    supporter = SupporterFactory()
    Change.objects.bulk_create(
        Change(supporter=supporter, kind="registered", at=now) for _n in range(MANY + 1)
    )

    run_periodic("people.match_newcomers")
    assert MatchRun.objects.get().state == "waiting"
    run_jobs()

    assert MatchRun.objects.get().state == "done"
    assert match_newcomers(at=now) == ([], False)
