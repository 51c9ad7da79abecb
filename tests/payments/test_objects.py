"""What Stripe's objects say, where the local Stripe cannot be brought to say it."""

from datetime import UTC, datetime

import pytest

from payments import objects, operations
from payments.models import Checkout
from tests.factories import CheckoutFactory

GIVEN_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ITEM = {"price": {"unit_amount": 500}, "quantity": 2, "current_period_end": 2}
BOOKED_AT = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def charge_booked(at):
    return {"balance_transaction": {"created": int(at.timestamp())}}


@pytest.mark.parametrize(
    ("method", "charge", "settled_at"),
    [
        ("card", charge_booked(BOOKED_AT), GIVEN_AT),
        ("sepa_debit", charge_booked(BOOKED_AT), BOOKED_AT),
        ("sepa_debit", charge_booked(GIVEN_AT), None),
        ("sepa_debit", {"balance_transaction": None}, None),
    ],
)
def test_debit_is_settled_when_stripe_booked_it(method, charge, settled_at):
    assert objects.settled_at(charge, method, GIVEN_AT) == settled_at


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("paused", "paused"),
        ("unpaid", "past_due"),
        ("new to us", "past_due"),
        ("trialing", "active"),
    ],
)
def test_every_state_of_a_subscription_has_a_word_of_ours(status, ours):
    subscription = {
        "id": "sub_1",
        "status": status,
        "items": {"data": [ITEM]},
        "currency": "eur",
        "customer": "cus_1",
        "metadata": {},
        "start_date": 1,
        "ended_at": None,
        "cancel_at": None,
        "cancellation_details": None,
        "default_payment_method": None,
        "pause_collection": None,
    }

    promise = objects.promise_from(subscription)

    assert (promise.status, promise.amount, promise.currency) == (ours, 1000, "EUR")


@pytest.mark.django_db
def test_news_of_a_declined_card_that_comes_after_the_end_leaves_the_end(now):
    checkout = CheckoutFactory(state=Checkout.State.EXPIRED)
    payment = objects.Payment(
        id="pi_1",
        status="declined",
        amount=2500,
        currency="EUR",
        method="card",
        customer="",
        checkout_id=str(checkout.public_id),
        plan_id="",
        is_renewal=False,
        given_at=now,
        settled_at=now,
    )

    operations.record_payment(checkout=checkout, payment=payment, promise=None, at=now)

    checkout.refresh_from_db()
    assert checkout.state == Checkout.State.EXPIRED
