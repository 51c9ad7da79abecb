"""Any history, then merges, then their undoing: every table says again what it said before."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.campaigns.models import Signature
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.unmerging import unmerge
from crm.privacy.models import Consent
from tests.crm.merged_world import DEEDS, World, rows_there_are, states, sums_of_deltas, tables

pytestmark = pytest.mark.django_db
few = settings(
    max_examples=8,
    deadline=None,
    # What fails is small already, and each try fills and empties half of the tables.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBER = st.integers(min_value=0, max_value=11)
DONE = st.lists(st.tuples(st.sampled_from(DEEDS), NUMBER, NUMBER), min_size=5, max_size=40)
MERGES = st.lists(st.tuples(NUMBER, NUMBER, st.booleans()), min_size=1, max_size=3)
CHOICES = [
    {},
    {"email": "lost", "postcode": "lost", "given_name": "lost", "language": "lost"},
]


class OnlyTried(Exception):
    """Nothing of an example stays for the next one."""


def tried(work):
    """Let the database say now what it would say at the end, and forget it all."""
    try:
        with transaction.atomic():
            work()
            connection.check_constraints()
            raise OnlyTried  # noqa: TRY301 (it rolls back)
    except OnlyTried:
        pass


def merged(world, pairs):
    """Merge whom there still is to merge, and return the merges in their order."""
    done = []
    for one, other, chosen in pairs:
        left = list(Supporter.objects.current().filter(pk__in=[p.pk for p in world.people]))
        left.sort(key=lambda supporter: supporter.pk)
        kept, lost = left[one % len(left)], left[other % len(left)]
        if kept != lost:
            at = world.at + timedelta(days=len(done) + 1)
            done.append(merge(kept=kept, lost=lost, at=at, choices=CHOICES[chosen]))
    return done


@few
@given(deeds=DONE, pairs=MERGES)
def test_merges_undone_in_reverse_leave_every_row_as_it_was(staff_user, deeds, pairs):
    def work():
        world = World(staff_user)
        for deed in deeds:
            world.do(*deed)
        before, deltas = tables(), sums_of_deltas()

        done = merged(world, pairs)
        conflicts = [
            unmerge(merge=each, at=world.at + timedelta(days=9)) for each in reversed(done)
        ]
        undone = [(each.kept_id, each.lost_id) for each in done]

        connection.check_constraints()
        assert conflicts == [[] for _each in done]
        assert differences(without(before, undone), tables(undone)) == {}
        assert sums_of_deltas() == deltas

    tried(work)


def differences(before, after):
    """What is not as it was, but that pairs taken apart are known to be two."""
    rows, counters = before
    now, count = after
    keys = {key for key in {*rows, *now} if not is_same(rows.get(key), now.get(key))}
    found = {key: (rows.get(key), now.get(key)) for key in keys}
    return found | ({} if counters == count else {"counters": (counters, count)})


def is_same(row, now):
    if row and now and "decided_at" in now and now["state"] == "different":
        decided = {name: now[name] for name in ("state", "decided_at", "decided_by_id")}
        return {**row, **decided} == now
    return row == now


def without(told, undone):
    """What the tables said, but for suspicions of those pairs."""
    rows, counters = told
    pairs = {tuple(sorted(pair)) for pair in undone}
    return {
        key: row
        for key, row in rows.items()
        if key[0] != "crm.Suspicion" or (row["first_id"], row["second_id"]) not in pairs
    }, counters


@few
@given(deeds=DONE, pairs=MERGES)
def test_a_merge_loses_no_person_from_the_count_and_counts_none_twice(staff_user, deeds, pairs):
    def work():
        world = World(staff_user)
        for deed in deeds:
            world.do(*deed)

        merged(world, pairs)

        confirmed = Signature.objects.confirmed()
        signers = {(row.campaign.slug, stands(row.supporter).pk) for row in confirmed}
        assert len(signers) == confirmed.count() == sum(tables()[1].values())
        assert signers == {(row.campaign.slug, row.supporter_id) for row in confirmed}

    tried(work)


def stands(supporter):
    while supporter.merged_into is not None:
        supporter = supporter.merged_into
    return supporter


@few
@given(deeds=DONE, later=DONE, pairs=MERGES)
def test_undoing_after_later_edits_loses_no_row(staff_user, deeds, later, pairs):
    def work():
        world = World(staff_user)
        for deed in deeds:
            world.do(*deed)
        done = merged(world, pairs)
        world.people = list(Supporter.objects.current().order_by("pk"))
        world.at += timedelta(days=5)
        if len(world.people) > 1:
            for deed in later:
                world.do(*deed)
        merges_dropped = sum(
            step["step"] == "Dropped" for each in done for step in each.journal["steps"]
        )
        there = rows_there_are()

        taken = [
            conflict
            for each in reversed(done)
            for conflict in unmerge(merge=each, at=world.at + timedelta(days=9))
            if conflict.kind == "taken"
        ]

        after = rows_there_are()
        ignored = {"crm.ConsentState", "crm.Suppression", "crm.Suspicion"}
        lost = {label: there[label] - after[label] for label in there if label not in ignored}
        assert {label: number for label, number in lost.items() if number > 0} == {}
        added = sum(after[label] - there[label] for label in after if label not in ignored)
        of_suspicions = sum(
            step["step"] == "Dropped" and step["model"] == "crm.Suspicion"
            for each in done
            for step in each.journal["steps"]
        )
        assert added + len([each for each in taken if each.model not in ignored]) >= (
            merges_dropped - of_suspicions
        )
        assert not Supporter.objects.exclude(merged_into=None).exists()

    tried(work)


@few
@given(
    words=st.lists(st.tuples(NUMBER, NUMBER), max_size=12),
    order=st.permutations(range(4)),
    sides=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_merging_in_any_order_gives_the_same_consents(staff_user, words, order, sides):
    found = []

    def work(sequence, directions):
        def build():
            world = World(staff_user, people=4)
            for who, which in words:
                world.do("consents", who, which)
            log = list(Consent.objects.order_by("pk").values_list("given", "at", "source"))
            whole = world.people[sequence[0]]
            for number, is_kept in zip(sequence[1:], directions, strict=True):
                one = world.people[number]
                kept, lost = (whole, one) if is_kept else (one, whole)
                merge(kept=kept, lost=lost, at=world.at)
                whole = kept
            assert list(Consent.objects.order_by("pk").values_list("given", "at", "source")) == log
            found.append(states())

        return build

    tried(work([0, 1, 2, 3], [True, True, True]))
    tried(work(order, sides))

    assert found[0] == found[1]
    assert len(found[0]) == (1 if words else 0)


@pytest.fixture
def staff_user(staff):
    return staff()
