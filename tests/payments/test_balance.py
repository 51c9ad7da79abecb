"""Our entries say of every movement in Stripe's balance what Stripe says of it, to the cent."""

import pytest
from django.db.models import Sum
from django.db.models.functions import Coalesce

from crm.donations.models import Entry, Gift
from tests.jobs import run_jobs
from tests.payments.donor import signed
from tests.payments.giving import Givers

pytestmark = pytest.mark.django_db


@pytest.fixture
def givers(client, stripe):
    return Givers(client, stripe)


def theirs(givers):
    """What each transaction left in Stripe's balance."""
    lines = givers.api.balance_transactions.list({"limit": 100}).auto_paging_iter()
    return {line.id: line.net for line in lines}


def ours():
    """What our entries say that it left."""
    told = Entry.objects.exclude(transaction="").values_list("transaction")
    return dict(told.annotate(net=Sum(Coalesce("settled_amount", "amount"))))


def entries():
    """Kind, amount, currency and what was booked of every entry, by kind."""
    return sorted(Entry.objects.values_list("kind", "amount", "currency", "settled_amount"))


def refund(givers, amount=None):
    wanted = {"payment_intent": givers.payment(), **({"amount": amount} if amount else {})}
    return givers.api.refunds.create(wanted)


def nothing(_givers):
    """Nothing happens to the gift."""


def refunded(givers):
    refund(givers, 1)
    refund(givers, 700)


def refund_came_back(givers):
    givers.stripe.settings(refunds_fail=True)
    refund(givers)
    givers.stripe.advance(30)


def disputed(givers):
    givers.stripe.dispute(givers.charge())


def dispute_won(givers):
    dispute = givers.stripe.dispute(givers.charge())
    givers.stripe.close_dispute(dispute["id"], "won")


def dispute_lost(givers):
    dispute = givers.stripe.dispute(givers.charge())
    givers.stripe.close_dispute(dispute["id"], "lost")


def refunded_then_disputed(givers):
    refund(givers, 700)
    disputed(givers)


CASES = [
    ("card", "EUR", nothing),
    ("card", "EUR", refunded),
    ("card", "EUR", dispute_won),
    ("card", "EUR", dispute_lost),
    ("card", "EUR", refunded_then_disputed),
    ("bancontact", "EUR", refunded),
    ("bancontact", "EUR", refund_came_back),
    ("ideal", "EUR", nothing),
    ("sepa_debit", "EUR", nothing),
    ("sepa_debit", "EUR", refund_came_back),
    ("sepa_debit", "EUR", disputed),
    ("card", "USD", refunded),
    ("card", "CHF", dispute_won),
    ("card", "JPY", refunded),
    ("card", "KRW", dispute_lost),
]


@pytest.mark.parametrize("is_heard_late", [False, True])
@pytest.mark.parametrize(
    ("way", "currency", "happens"),
    CASES,
    ids=[f"{way} {currency} {happens.__name__}" for way, currency, happens in CASES],
)
def test_every_transaction_is_the_sum_of_our_entries(givers, way, currency, happens, is_heard_late):
    givers.pay(way, amount=25001, currency=currency)
    if way == "sepa_debit":
        givers.stripe.settle(givers.payment())
    if not is_heard_late:
        givers.hear()

    happens(givers)
    givers.hear()

    assert ours() == theirs(givers) != {}
    assert not Entry.objects.filter(transaction="").exists()


def test_fee_that_is_booked_late_completes_the_payment(givers):
    givers.stripe.settings(late_fees=60)
    givers.pay(amount=2500, currency="USD")
    givers.hear()
    assert entries() == [("payment", 2500, "USD", None)]
    assert ours() == {}

    givers.stripe.advance(61)
    givers.hear()

    assert entries() == [("fee", -59, "EUR", None), ("payment", 2500, "USD", 2250)]
    assert ours() == theirs(givers)


@pytest.mark.parametrize(
    ("currency", "settled", "fee"), [("JPY", 3000, -70), ("KRW", 350, -30), ("EUR", None, -7525)]
)
def test_currency_without_cents_is_neither_multiplied_nor_divided(givers, currency, settled, fee):
    givers.pay(amount=5000 if currency != "EUR" else 500_000, currency=currency)

    givers.hear()

    gift = Gift.objects.get()
    intent = givers.api.payment_intents.retrieve(givers.payment())
    assert (gift.amount, gift.currency) == (intent.amount, currency)
    assert entries() == [("fee", fee, "EUR", None), ("payment", gift.amount, currency, settled)]


def test_failed_debit_leaves_nothing_in_either_book(givers):
    givers.pay("sepa_debit_fails")
    givers.hear()
    givers.stripe.settle(givers.payment())
    givers.hear()

    assert sum(theirs(givers).values()) == 0
    assert ours() == {}


def test_retried_renewal_is_booked_once(givers):
    givers.pay("card_renewal_fails", frequency="monthly")
    [plan] = givers.api.subscriptions.list().data
    givers.stripe.renew(plan.id)
    givers.hear()
    givers.stripe.change_payment_method(plan.id, "card")
    givers.stripe.advance(4 * 86_400)

    givers.hear()

    assert ours() == theirs(givers)
    assert len(ours()) == 2


def test_everything_heard_again_adds_nothing(givers):
    givers.pay(amount=5000, currency="USD")
    dispute_won(givers)
    givers.hear()
    before = entries()

    givers.heard.clear()
    for event in givers.events():
        event["id"] += "_again"
        givers.tell(*signed(event))
    run_jobs()

    assert entries() == before
