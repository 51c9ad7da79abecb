"""Combinations Stripe refuses, in its words."""

import pytest
import stripe

from tests.payments.sandbox.conftest import gift_params, monthly_params


def price(**changes):
    return {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "Gift"}, **changes}


def items(**changes):
    return [{"quantity": 1, "price_data": price(**changes)}]


MONTH = {"recurring": {"interval": "month"}}

REFUSED = [
    (gift_params(subscription_data={"description": "x"}), "You can not pass `subscription_data`"),
    (monthly_params(payment_intent_data={"description": "x"}), "You can not pass `payment_int"),
    (monthly_params(customer_creation="always"), "You can not pass `customer_creation`"),
    (gift_params(line_items=items(**MONTH)), "You specified `payment` mode but passed a recurr"),
    (monthly_params(line_items=items()), "You must provide at least one recurring price"),
    (gift_params(line_items=items(unit_amount=49)), "at least €0.50 eur"),
    (gift_params(customer="cus_1"), "You may only specify one of these parameters: customer, cus"),
    (gift_params(success_url="thanks"), "Not a valid URL"),
    (gift_params(expires_at=1), "at least 30 minutes from Checkout Session creation"),
    (gift_params(expires_at=9_999_999_999), "less than 24 hours from Checkout Session creation"),
    (gift_params(metadata={"k" * 41: "v"}), "is longer than 40 characters"),
    (gift_params(metadata={"k": "v" * 501}), "up to 500 characters"),
    (gift_params(allowed_payment_method_types=["paypal"]), "No valid payment method types"),
    (gift_params(client_reference_id="x" * 201), "at most 200 characters"),
]


@pytest.mark.parametrize(("params", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_checkout_session_is_refused(api, params, message):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.checkout.sessions.create(params)

    assert message in caught.value.user_message
    assert api.v1.checkout.sessions.list().data == []
    assert api.v1.products.list().data == []


@pytest.mark.parametrize("name", ["mode", "line_items", "success_url"])
def test_checkout_session_needs_it(api, name):
    params = gift_params()
    del params[name]

    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.checkout.sessions.create(params)

    assert (caught.value.code, caught.value.param) == ("parameter_missing", name)


def test_what_the_local_checkout_cannot_do_is_said_loudly(api):
    with pytest.raises(stripe.APIError, match="Checkout with automatic_tax"):
        api.v1.checkout.sessions.create(gift_params(automatic_tax={"enabled": True}))


def test_fifty_cents_are_enough(api):
    session = api.v1.checkout.sessions.create(gift_params(line_items=items(unit_amount=50)))

    assert session.amount_total == 50
