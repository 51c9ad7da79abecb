"""Gifts, plans and entries, by the operations themselves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.donations import tallies
from crm.donations.models import Entry, Gift, GiftTally, Plan
from crm.donations.operations import MoneyDiffers, record_entry, record_gift, record_plan
from crm.people.models import Change, Supporter
from tests.factories import EntryFactory, GiftFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

NEW_YEAR = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Belgium


def give(now, supporter, **changes):
    fields = {
        "reference": "test:1",
        "supporter": supporter,
        "amount": 2500,
        "currency": "EUR",
        "method": "card",
        "status": Gift.Status.PAID,
        "given_at": now,
        "at": now,
        **changes,
    }
    return record_gift(**fields)


def promise(now, supporter, **changes):
    fields = {
        "reference": "test:plan",
        "supporter": supporter,
        "amount": 1000,
        "currency": "EUR",
        "status": Plan.Status.ACTIVE,
        "started_at": now,
        "at": now,
        **changes,
    }
    return record_plan(**fields)


@pytest.fixture
def supporter(db):
    return SupporterFactory()


def kinds():
    return list(Change.objects.order_by("pk").values_list("kind", flat=True))


def test_paid_gift_has_its_payment_one_line_in_the_feed_and_one_thanks(supporter, now):
    for _ in range(2):
        give(now, supporter)

    gift = Gift.objects.get()
    assert (gift.status, gift.received_on) == ("paid", date(2026, 3, 14))
    assert list(Entry.objects.values_list("reference", "kind", "amount")) == [
        ("test:1:payment", "payment", 2500)
    ]
    assert kinds() == ["gift.paid"]
    assert run_jobs().count("donations.thank") == 1


def test_gift_is_received_on_the_local_day(supporter, now):
    gift = give(now, supporter, given_at=NEW_YEAR, paid_at=NEW_YEAR)

    assert gift.received_on == date(2026, 1, 1)
    assert Entry.objects.get().day == date(2026, 1, 1)


def test_gift_is_dated_by_when_it_was_written_not_by_when_it_was_given(supporter, now):
    gift = give(now, supporter, given_at=now - timedelta(days=9))

    gift.refresh_from_db()
    assert gift.modified_at == now


@pytest.mark.parametrize("first", [Gift.Status.PROCESSING, Gift.Status.FAILED])
def test_gift_can_become_paid(supporter, now, first):
    give(now, supporter, status=first)

    give(now, supporter)

    assert Gift.objects.get().status == "paid"
    assert kinds() == [f"gift.{first}", "gift.paid"]


@pytest.mark.parametrize("late", [Gift.Status.PROCESSING, Gift.Status.FAILED])
def test_paid_gift_stays_paid_whatever_comes_late(supporter, now, late):
    give(now, supporter)

    give(now, supporter, status=late, method="sepa_debit", plan=promise(now, supporter))

    gift = Gift.objects.get()
    assert (gift.status, gift.method, gift.plan) == ("paid", "card", None)


def test_gift_is_linked_to_a_plan_that_is_known_later(supporter, now):
    give(now, supporter, status=Gift.Status.FAILED)
    plan = promise(now, supporter)

    give(now, supporter, plan=plan)
    tallies.fold()

    assert Gift.objects.get().plan == plan
    assert GiftTally.objects.get().is_recurring


@pytest.mark.parametrize("change", [{"amount": 2400}, {"currency": "USD"}])
def test_known_reference_with_other_money_is_refused(supporter, now, change):
    give(now, supporter)

    with pytest.raises(MoneyDiffers):
        give(now, supporter, **change)

    assert Gift.objects.get().amount == 2500


def test_entries_are_written_once_and_date_the_gift(supporter, now):
    gift = give(now, supporter)
    fee = {"gift": gift, "reference": "test:fee", "kind": Entry.Kind.FEE, "amount": -60, "at": now}

    written = [record_entry(**fee, written_at=now + timedelta(days=1)) for _ in range(2)]

    assert written == [True, False]
    assert Gift.objects.with_sums().get().net == 2440
    assert Gift.objects.get().modified_at == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("payment", -1), ("refund", 1), ("dispute", 1), ("reversal", -1), ("fee", 0)],
)
def test_entry_with_the_wrong_sign_is_refused(db, kind, amount):
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryFactory(kind=kind, amount=amount)


def test_tallies_hold_every_movement_on_its_day(supporter, now):
    gift = give(now, supporter)
    for kind, amount in [("fee", -60), ("refund", -500), ("dispute", -2000), ("reversal", 2000)]:
        record_entry(
            gift=gift, reference=kind, kind=kind, amount=amount, at=now + timedelta(days=1)
        )

    tallies.fold()

    columns = ("day", "gifts", "gross", "fees", "refunds", "is_recurring")
    assert list(GiftTally.objects.order_by("day").values_list(*columns)) == [
        (date(2026, 3, 14), 1, 2500, 0, 0, False),
        (date(2026, 3, 15), 0, 0, -60, -500, False),
    ]


def test_plan_is_what_was_said_last_and_the_feed_hears_of_changes_only(supporter, now):
    promise(now, supporter, status=Plan.Status.STARTING)
    promise(now, supporter)
    promise(now, supporter)

    promise(now, supporter, status=Plan.Status.ENDED, ended_at=now, amount=1500)

    plan = Plan.objects.get()
    assert (plan.status, plan.ended_at, plan.amount) == ("ended", now, 1500)
    assert kinds() == ["plan.starting", "plan.active", "plan.ended"]


def test_same_gift_recorded_at_once_is_one_gift_with_one_thanks(transactional_db, now):
    supporter = SupporterFactory()

    at_once(lambda _n: give(now, supporter), range(8))

    assert (Gift.objects.count(), Entry.objects.count()) == (1, 1)
    assert run_jobs().count("donations.thank") == 1


def test_same_entry_recorded_at_once_is_written_once(transactional_db, now):
    gift = GiftFactory()
    fee = {"gift": gift, "reference": "test:fee", "kind": Entry.Kind.FEE, "amount": -60, "at": now}

    written = at_once(lambda _n: record_entry(**fee), range(8))

    assert sorted(written) == [False] * 7 + [True]
    assert Supporter.objects.count() == 1


def test_same_plan_recorded_at_once_is_one_plan(transactional_db, now):
    supporter = SupporterFactory()

    at_once(lambda _n: promise(now, supporter), range(8))

    assert (Plan.objects.count(), kinds()) == (1, ["plan.active"])
