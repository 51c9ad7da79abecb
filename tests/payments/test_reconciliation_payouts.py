"""Payout by payout: our entries beside what Stripe sent to the bank, to the cent."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from crm.donations.models import Entry, Gift
from payments import gateway, jobs, listing
from payments.books import Difference, Payout, PayoutLine
from payments.models import Checkout
from payments.reconciliation.run import reconcile
from tests.factories import BankLineFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def compare(days=0):
    return reconcile(now=timezone.now() + timedelta(days=days))


def differences():
    still = Difference.objects.open().order_by("kind", "reference")
    return list(still.values_list("kind", "reference", "ours", "theirs"))


def sums(payout):
    """What Stripe sent, what its lines and what our books say."""
    kept = Payout.objects.get(payout_id=payout["id"])
    return kept.amount, kept.lines_sum, kept.our_sum


def lines():
    """Kind and net of the lines kept, and whether they are of a gift of ours."""
    kept = PayoutLine.objects.order_by("kind", "net")
    return [(line.kind, line.net, line.gift_id is not None) for line in kept]


def test_payout_equals_our_entries_over_the_whole_life_of_gifts(givers):
    givers.pay()
    refunded = givers.pay("bancontact").payment_intent
    givers.pay("sepa_debit", frequency="monthly")
    givers.stripe.settle(givers.payment())
    givers.pay()
    dispute = givers.stripe.dispute(givers.charge())
    givers.stripe.close_dispute(dispute["id"], "won")
    givers.pay()
    givers.stripe.dispute(givers.charge())
    givers.api.refunds.create({"payment_intent": refunded, "amount": 700})
    givers.hear()

    payout = givers.stripe.pay_out(everything=True)
    compare()

    assert differences() == []
    assert set(sums(payout)) == {payout["amount"]}
    assert Entry.objects.aggregate(sum=Sum("amount"))["sum"] == payout["amount"]
    assert all(is_ours for _kind, _net, is_ours in lines())


def test_payout_tells_of_the_payments_whose_webhooks_were_lost(givers):
    givers.pay()
    payout = givers.stripe.pay_out(everything=True)

    jobs.read_payouts()

    assert (sums(payout), differences()) == ((2437, 2437, 2437), [])
    assert Gift.objects.get().status == "paid"


def test_payout_of_another_currency_is_compared_in_that_of_the_balance(givers):
    givers.pay(currency="USD")
    givers.pay(currency="JPY", amount=5000)
    givers.hear()

    payout = givers.stripe.pay_out(everything=True)
    compare()

    assert differences() == []
    assert set(sums(payout)) == {payout["amount"]}


def test_what_is_no_gift_of_ours_is_explained_and_no_difference(givers):
    givers.pay()
    givers.pay()
    Checkout.objects.latest("pk").delete()
    givers.stripe.book_fee(200)

    payout = givers.stripe.pay_out(everything=True)
    compare()

    assert (sums(payout), differences()) == ((4674, 4674, 4674), [])
    assert lines() == [
        ("charge", 2437, False),
        ("charge", 2437, True),
        ("stripe_fee", -200, False),
    ]


def test_line_that_differs_is_named_until_it_agrees(givers):
    givers.pay()
    givers.pay()
    givers.hear()
    payout = givers.stripe.pay_out(everything=True)
    compare()
    assert differences() == []
    wrong = Entry.objects.filter(kind="fee").first()
    Entry.objects.filter(pk=wrong.pk).update(amount=-60)

    compare(days=40)
    assert differences() == [("payout", wrong.transaction, "2440 EUR", "2437 EUR")]
    assert Difference.objects.get().gift == wrong.gift
    assert sums(payout) == (4874, 4874, 4877)
    compare(days=41)
    assert Difference.objects.count() == 1

    Entry.objects.filter(pk=wrong.pk).update(amount=-63)
    compare(days=42)
    assert (sums(payout), differences()) == ((4874, 4874, 4874), [])


def test_difference_of_a_line_moves_to_its_payout(givers):
    givers.pay()
    givers.hear()
    Entry.objects.filter(kind="fee").update(amount=-60)
    line = Entry.objects.get(kind="fee").transaction
    compare()
    assert differences() == [("amount", line, "2440 EUR", "2437 EUR")]

    givers.stripe.pay_out(everything=True)
    compare(days=1)

    assert differences() == [("payout", line, "2440 EUR", "2437 EUR")]


def test_payout_that_is_not_the_sum_of_its_lines_differs(givers, monkeypatch):
    givers.pay()
    givers.hear()
    payout = givers.stripe.pay_out(everything=True)
    monkeypatch.setattr(listing, "lines_of", lambda _payout_id: [])

    compare()

    assert differences() == [("payout", payout["id"], "0 EUR", "2437 EUR")]


def test_payout_asked_for_by_hand_is_kept_without_lines_and_differs_in_nothing(givers):
    givers.pay()
    givers.hear()

    payout = givers.stripe.pay_out(everything=True, manual=True)
    compare()

    assert (sums(payout), differences()) == ((payout["amount"], None, None), [])
    assert Payout.objects.get().checked_at is not None


def test_payout_on_its_way_is_read_again_until_it_arrived(givers):
    givers.pay()
    givers.hear()
    payout = givers.stripe.pay_out(everything=True, in_transit=True)
    compare()
    assert Payout.objects.get().status == "in_transit"

    givers.stripe.advance(10 * 86_400)
    compare(days=40)

    assert Payout.objects.get().status == "paid"
    assert set(sums(payout)) == {2437}


def test_payout_that_comes_back_is_failed_and_its_money_goes_out_with_the_next(givers):
    givers.pay()
    givers.hear()
    first = givers.stripe.pay_out(everything=True)
    compare()

    givers.stripe.fail_payout(first["id"])
    second = givers.stripe.pay_out(everything=True)
    compare()

    states = dict(Payout.objects.values_list("payout_id", "status"))
    assert states == {first["id"]: "failed", second["id"]: "paid"}
    assert (sums(second), differences()) == ((2437, 2437, 2437), [])


def test_settled_payout_is_not_read_again(givers, monkeypatch):
    givers.pay()
    givers.hear()
    givers.stripe.pay_out(everything=True)
    compare()
    asked = []
    monkeypatch.setattr(listing, "lines_of", asked.append)

    outcome = compare()

    assert (outcome.payouts, asked) == (0, [])


@pytest.mark.parametrize("outcome", ["sepa_debit", "sepa_debit_fails"])
def test_debit_that_stripe_books_at_once_counts_when_it_is_through(givers, outcome):
    givers.stripe.settings(debits_booked_at_once=True)
    givers.pay(outcome)
    givers.hear()
    compare()
    assert differences() == []

    givers.stripe.settle(givers.payment())
    compare()
    payout = givers.stripe.pay_out(everything=True)
    compare()

    assert differences() == []
    if outcome == "sepa_debit":
        assert set(sums(payout)) == {2465}
        assert lines() == [("payment", 2465, True)]
    else:
        assert Gift.objects.get().status == "failed"


def test_payout_is_read_when_stripe_tells_of_it(givers):
    givers.pay()
    payout = givers.stripe.pay_out(everything=True)
    BankLineFactory(
        amount=2437,
        booked_on=Payout(arrives_on=listing.fetch_payout(payout["id"]).arrives_on).arrives_on,
        payer_name="STRIPE",
    )

    done = givers.hear("payout.paid")

    assert done[:2] == ["payments.handle_event", "payments.read_payouts"]
    assert Payout.objects.get().bank_line is not None


def test_payouts_that_stripe_interrupts_are_read_the_next_time(givers):
    givers.pay()
    payout = givers.stripe.pay_out(everything=True)
    givers.stripe.faults(
        {"method": "GET", "path": r"/v1/balance_transactions", "times": 3, "status": 500}
    )

    with pytest.raises(gateway.StripeUnavailable):
        jobs.read_payouts()
    assert Payout.objects.count() == 0
    jobs.read_payouts()
    run_jobs()

    assert set(sums(payout)) == {2437}


@pytest.mark.parametrize("count", [1, 3])
def test_lines_are_compared_all_at_once(givers, count, django_assert_num_queries):
    for _ in range(count):
        givers.pay()
    givers.hear()
    givers.stripe.pay_out(everything=True)

    with django_assert_num_queries(30):
        jobs.read_payouts()
