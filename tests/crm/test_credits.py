"""Soft credits and matching gifts: thanks and promises, never money."""

from datetime import date, timedelta

import pytest

from crm.audit import AuditEntry
from crm.donations.credits import CannotCredit, MatchingGift, SoftCredit, credit, take_back
from crm.donations.matching import (
    CannotMatch,
    Totals,
    answers_to,
    cancel_matching,
    expect_matching,
    receive_matching,
    totals,
)
from crm.donations.models import Entry, Gift, GiftDelta
from crm.donations.operations import record_gift
from crm.lib.periods import Period, local_day
from crm.reports import donations, today
from crm.reports.scope import Scope
from crm.staff import profile_giving
from tests.factories import EntryFactory, GiftFactory, MatchingGiftFactory, SupporterFactory
from tests.threads import at_once

MARCH = date(2026, 3, 1)


@pytest.fixture
def gift(db):
    return GiftFactory(amount=5000)


def credited(gift):
    return list(SoftCredit.objects.filter(gift=gift).order_by("pk").values_list("kind", "amount"))


def test_several_are_credited_up_to_the_gift_and_not_beyond(gift, now):
    for amount in (3000, 2000):
        credit(gift=gift, supporter=SupporterFactory(), kind="solicitor", amount=amount, at=now)

    with pytest.raises(CannotCredit) as refusal:
        credit(gift=gift, supporter=SupporterFactory(), kind="other", amount=1, at=now)

    assert refusal.value.left == 0
    assert credited(gift) == [("solicitor", 3000), ("solicitor", 2000)]


@pytest.mark.parametrize("amount", [0, -1, 5001])
def test_credit_is_a_part_of_the_gift(gift, now, amount):
    with pytest.raises(CannotCredit) as refusal:
        credit(gift=gift, supporter=SupporterFactory(), kind="other", amount=amount, at=now)

    assert (refusal.value.left, credited(gift)) == (5000, [])


def test_giver_is_not_credited_with_the_own_gift(gift, now):
    with pytest.raises(CannotCredit):
        credit(gift=gift, supporter=gift.supporter, kind="other", amount=100, at=now)


def test_second_credit_for_the_same_reason_replaces_the_first(gift, now):
    friend = SupporterFactory()
    for amount in (4000, 4500, 4500):
        credit(gift=gift, supporter=friend, kind="solicitor", amount=amount, at=now)

    assert credited(gift) == [("solicitor", 4500)]
    trail = AuditEntry.objects.filter(action="softcredit.given").order_by("pk")
    assert [entry.details["amount"] for entry in trail] == [4000, 4500]


def test_credits_given_at_once_never_exceed_the_gift(transactional_db, now):
    gift = GiftFactory(amount=5000)
    friends = SupporterFactory.create_batch(4)

    def give(friend):
        try:
            return bool(credit(gift=gift, supporter=friend, kind="other", amount=2000, at=now))
        except CannotCredit:
            return False

    assert sorted(at_once(give, friends)) == [False, False, True, True]


def test_credit_is_taken_back_once_and_stands_in_the_trail(gift, now):
    known = credit(gift=gift, supporter=SupporterFactory(), kind="other", amount=100, at=now)

    for _ in range(2):
        take_back(soft_credit=SoftCredit(pk=known.pk, gift=gift, kind="other", amount=100), at=now)

    assert credited(gift) == []
    assert AuditEntry.objects.filter(action="softcredit.taken_back").count() == 1


def sums(now, supporter):
    """Every sum of money that we tell anybody."""
    scope = Scope(period=Period(MARCH, date(2026, 4, 1)))
    return (
        donations.per_month(scope, today=local_day(now)).to_dict(),
        donations.people(scope),
        today.gifts(local_day(now)),
        profile_giving.giving(supporter),
        list(Entry.objects.values_list("amount", flat=True)),
        GiftDelta.objects.count(),
        list(Gift.objects.with_sums().values_list("net", flat=True)),
        Gift.objects.of_money().count(),
    )


def test_no_sum_of_money_changes_by_soft_credits(db, now):
    friend = SupporterFactory()
    money = {"amount": 2500, "currency": "EUR", "method": "card", "status": "paid"}
    gift = record_gift(
        reference="test:1", supporter=SupporterFactory(), given_at=now, at=now, thank=False, **money
    )
    before = [sums(now, each) for each in (friend, gift.supporter)]

    for kind in ("solicitor", "household"):
        credit(gift=gift, supporter=friend, kind=kind, amount=1250, at=now)

    assert [sums(now, each) for each in (friend, gift.supporter)] == before
    assert before[0][3]["number"] == 0


def promise(now, gift, **changes):
    fields = {"employer": SupporterFactory(), "amount": 5000, "promised_on": MARCH, "at": now}
    return expect_matching(gift=gift, **{**fields, **changes})


def test_promise_waits_until_the_employer_gives(gift, now):
    matching = promise(now, gift)
    answer = GiftFactory(supporter=matching.employer, amount=4000)
    EntryFactory(gift=answer, amount=4000)
    EntryFactory(gift=answer, kind="fee", amount=-40)
    waiting = totals()

    for _ in range(2):
        receive_matching(matching=matching, gift=answer, at=now)

    assert waiting == [Totals("EUR", 5000, 0)]
    assert totals() == [Totals("EUR", 0, 4000)]
    assert MatchingGift.objects.get().received == answer
    assert AuditEntry.objects.filter(action="matching.received").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"kind": "in_kind"},
        {"status": "failed", "received_on": None},
        {"supporter": "another"},
    ],
)
def test_only_paid_money_of_the_employer_answers(gift, now, changes):
    matching = promise(now, gift)
    who = {} if "supporter" in changes else {"supporter": matching.employer, **changes}
    answer = GiftFactory(**who)

    with pytest.raises(CannotMatch):
        receive_matching(matching=matching, gift=answer, at=now)

    assert list(answers_to(matching)) == []


def test_one_gift_answers_one_promise(gift, now):
    matching = promise(now, gift)
    answer = GiftFactory(supporter=matching.employer)
    receive_matching(matching=matching, gift=answer, at=now)
    other = promise(now, GiftFactory(), employer=matching.employer)

    with pytest.raises(CannotMatch):
        receive_matching(matching=other, gift=answer, at=now)

    assert MatchingGift.objects.waiting().get() == other


def test_two_promises_that_want_the_same_gift_at_once_do_not_both_get_it(transactional_db, now):
    employer = SupporterFactory()
    matchings = [promise(now, GiftFactory(), employer=employer) for _ in range(3)]
    answer = GiftFactory(supporter=employer)

    def receive(matching):
        try:
            return bool(receive_matching(matching=matching, gift=answer, at=now))
        except CannotMatch:
            return False

    assert sorted(at_once(receive, matchings)) == [False, False, True]


@pytest.mark.parametrize("wrong", ["giver", "kind", "twice"])
def test_promise_that_makes_no_sense_is_refused(gift, now, wrong):
    if wrong == "twice":
        promise(now, gift)
    if wrong == "kind":
        gift = GiftFactory(kind="in_kind")
    employer = gift.supporter if wrong == "giver" else SupporterFactory()

    with pytest.raises(CannotMatch):
        promise(now, gift, employer=employer)


def test_cancelled_promise_is_waited_for_no_longer_and_can_be_made_anew(gift, now):
    matching = promise(now, gift)

    for day in (0, 1):
        cancel_matching(matching=matching, at=now + timedelta(days=day))

    matching.refresh_from_db()
    assert (matching.cancelled_at, totals()) == (now, [])
    with pytest.raises(CannotMatch):
        receive_matching(matching=matching, gift=GiftFactory(supporter=matching.employer), at=now)
    assert promise(now, gift, amount=700).amount == 700
    assert totals() == [Totals("EUR", 700, 0)]


def test_what_was_received_is_not_cancelled(db, now):
    matching = MatchingGiftFactory()
    receive_matching(matching=matching, gift=GiftFactory(supporter=matching.employer), at=now)

    with pytest.raises(CannotMatch):
        cancel_matching(matching=matching, at=now)
