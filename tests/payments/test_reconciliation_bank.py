"""Payouts and the lines of the bank statement on which they arrived."""

from datetime import date, timedelta

import pytest

from crm.people.operations import identify
from payments import jobs
from payments.books import Difference, Payout
from payments.reconciliation.bank import match_payouts
from payments.statements import BankLine
from tests.factories import (
    AT,
    BankLineFactory,
    BankStatementFactory,
    GiftFactory,
    PayoutFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db
ARRIVES = date(2026, 3, 3)


def differences():
    return list(Difference.objects.open().values_list("kind", "reference", "theirs"))


@pytest.mark.parametrize("days", [-1, 0, 7])
@pytest.mark.parametrize("name", ["payer_name", "communication"])
def test_payout_is_found_on_the_line_that_names_stripe(days, name):
    payout = PayoutFactory()
    line = BankLineFactory(booked_on=ARRIVES + timedelta(days=days), **{name: "Stripe Payments"})
    BankLineFactory()  # the same amount from somebody else

    jobs.match_payouts()

    payout.refresh_from_db()
    line.refresh_from_db()
    assert payout.bank_line == line
    assert (line.state, line.matched_by, line.gift) == (BankLine.State.PAYOUT, "payout", None)
    assert line.decided_at is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 2436},
        {"currency": "USD"},
        {"booked_on": ARRIVES - timedelta(days=2)},
        {"booked_on": ARRIVES + timedelta(days=8)},
        {"state": BankLine.State.NO_GIFT},
        {"structured": "010806817183"},
    ],
    ids=["amount", "currency", "before", "after", "decided", "communication of ours"],
)
def test_line_that_does_not_fit_is_left_alone(fields):
    payout = PayoutFactory()
    BankLineFactory(payer_name="STRIPE", **fields)

    assert match_payouts(at=AT) == 0

    payout.refresh_from_db()
    assert payout.bank_line is None


def test_line_that_is_a_gift_is_never_a_payout():
    PayoutFactory()
    BankLineFactory(payer_name="STRIPE", state=BankLine.State.GIFT, gift=GiftFactory())

    assert match_payouts(at=AT) == 0


@pytest.mark.parametrize("status", ["pending", "failed", "canceled"])
def test_payout_that_does_not_arrive_has_no_line(status):
    PayoutFactory(status=status)
    BankLineFactory(payer_name="STRIPE")

    assert match_payouts(at=AT) == 0


def test_line_without_a_name_is_taken_when_it_fits_alone():
    payout, line = PayoutFactory(), BankLineFactory()

    assert match_payouts(at=AT) == 1

    payout.refresh_from_db()
    assert payout.bank_line == line


def test_line_from_the_account_of_a_donor_is_not_guessed_to_be_a_payout():
    PayoutFactory()
    line = BankLineFactory(payer_iban="BE71096123456769")
    identify(supporter=SupporterFactory(), system="iban", value=line.payer_iban)

    assert match_payouts(at=AT) == 0

    line.refresh_from_db()
    assert line.state == BankLine.State.WAITING


@pytest.mark.parametrize(("payouts", "lines"), [(1, 2), (2, 1), (2, 2)])
def test_lines_without_a_name_are_not_guessed_at(payouts, lines):
    PayoutFactory.create_batch(payouts)
    BankLineFactory.create_batch(lines)

    assert match_payouts(at=AT) == 0


def test_two_payouts_of_the_same_amount_take_their_lines_in_order():
    later = PayoutFactory(arrives_on=ARRIVES + timedelta(days=1))
    first = PayoutFactory()
    lines = [
        BankLineFactory(payer_name="STRIPE", booked_on=ARRIVES + timedelta(days=day))
        for day in (0, 1)
    ]

    assert match_payouts(at=AT) == 2

    first.refresh_from_db()
    later.refresh_from_db()
    assert [first.bank_line, later.bank_line] == lines


def test_matching_twice_changes_nothing():
    payout = PayoutFactory()
    line = BankLineFactory(payer_name="STRIPE")
    match_payouts(at=AT)

    assert match_payouts(at=AT + timedelta(days=1)) == 0

    payout.refresh_from_db()
    line.refresh_from_db()
    assert (payout.bank_line, line.decided_at) == (line, AT)


def test_balance_that_stripe_takes_back_is_found_as_well():
    payout = PayoutFactory(amount=-500)
    line = BankLineFactory(amount=-500, payer_name="STRIPE")

    match_payouts(at=AT)

    payout.refresh_from_db()
    assert payout.bank_line == line


def test_payout_missing_from_statements_of_all_its_days_differs():
    payout = PayoutFactory()
    BankStatementFactory(opened_on=ARRIVES, closed_on=ARRIVES + timedelta(days=7))

    match_payouts(at=AT)

    assert differences() == [("not_at_the_bank", payout.payout_id, "2437 EUR")]


@pytest.mark.parametrize(
    ("first", "last", "currency"), [(0, 6, "EUR"), (1, 7, "EUR"), (0, 7, "USD")]
)
def test_payout_is_not_missed_before_its_statements_are_here(first, last, currency):
    PayoutFactory()
    BankStatementFactory(
        opened_on=ARRIVES + timedelta(days=first),
        closed_on=ARRIVES + timedelta(days=last),
        currency=currency,
    )

    match_payouts(at=AT)

    assert differences() == []


def test_payout_is_missed_on_the_account_where_others_arrive():
    found = PayoutFactory(amount=100)
    BankLineFactory(amount=100, payer_name="STRIPE", statement__account="BE1")
    BankStatementFactory(account="BE2", opened_on=date(2026, 4, 1), closed_on=date(2026, 4, 2))
    missing = PayoutFactory()

    match_payouts(at=AT)

    found.refresh_from_db()
    assert found.bank_line is not None
    assert differences() == [("not_at_the_bank", missing.payout_id, "2437 EUR")]


def test_difference_is_resolved_when_the_line_comes():
    payout = PayoutFactory()
    statement = BankStatementFactory()
    match_payouts(at=AT)
    assert len(differences()) == 1

    BankLineFactory(statement=statement, payer_name="STRIPE", booked_on=ARRIVES)
    match_payouts(at=AT + timedelta(days=1))

    assert differences() == []
    assert Difference.objects.get().resolved_at == AT + timedelta(days=1)
    assert Payout.objects.get(pk=payout.pk).bank_line is not None


@pytest.mark.parametrize("count", [1, 3])
def test_matching_reads_all_payouts_and_lines_at_once(count, django_assert_num_queries):
    PayoutFactory.create_batch(count)
    statement = BankStatementFactory(closed_on=ARRIVES)
    BankLineFactory.create_batch(2, statement=statement)

    with django_assert_num_queries(8):
        match_payouts(at=AT)
