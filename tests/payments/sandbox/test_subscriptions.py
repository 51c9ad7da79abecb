import pytest
import stripe

from tests.payments.sandbox.conftest import THANKS, invoices_of, status_of

MONTH = 31 * 86_400
DAY = 86_400

FIRST_PAYMENT = [
    "customer.created",
    "customer.subscription.created",
    "invoice.created",
    "invoice.finalized",
    "payment_intent.created",
    "payment_method.attached",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
    "customer.subscription.updated",
    "checkout.session.completed",
    "charge.updated",
]


def test_monthly_gift_starts_with_a_paid_invoice(sandbox, api, started):
    session = started()

    invoice = session.invoice
    subscription = session.subscription
    intent = invoice.payments.data[0].payment.payment_intent
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.payment_intent is None
    assert subscription.status == "active"
    assert subscription.metadata["plan"] == "3"
    assert subscription.latest_invoice == invoice.id
    assert (invoice.status, invoice.billing_reason) == ("paid", "subscription_create")
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata["plan"] == "3"
    assert api.v1.payment_intents.retrieve(intent).amount_received == 1000
    assert sandbox.event_types()[2:] == FIRST_PAYMENT


def test_invoice_payments_lead_from_a_payment_to_its_invoice(api, started):
    session = started()
    intent = session.invoice.payments.data[0].payment.payment_intent

    found = api.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": intent}}
    ).data

    assert [(one.invoice, one.amount_paid) for one in found] == [(session.invoice.id, 1000)]


def test_subscription_is_incomplete_when_it_is_created(sandbox, started):
    started()

    (created,) = sandbox.events("customer.subscription.created")
    (updated,) = sandbox.events("customer.subscription.updated")

    assert created.data.object["status"] == "incomplete"
    assert updated.data.previous_attributes["status"] == "incomplete"
    assert updated.data.object["status"] == "active"


def test_decline_at_the_start_leaves_an_incomplete_subscription_until_it_works(
    sandbox, api, monthly
):
    session = monthly()

    assert sandbox.pay(session.url, "card_declined") == session.url
    waiting = api.v1.subscriptions.list({"status": "all"}).data[0].status

    assert sandbox.pay(session.url) == f"{THANKS}?sid={session.id}"
    assert waiting == "incomplete"
    (subscription,) = api.v1.subscriptions.list({"status": "all"}).data
    assert subscription.status == "active"
    assert invoices_of(api, subscription.id) == [("subscription_create", "paid")]


def test_start_that_is_given_up_expires(sandbox, api, monthly):
    session = monthly()
    sandbox.pay(session.url, "card_declined")

    sandbox.advance(DAY)

    (subscription,) = api.v1.subscriptions.list({"status": "all"}).data
    assert subscription.status == "incomplete_expired"
    assert invoices_of(api, subscription.id) == [("subscription_create", "void")]


def test_first_direct_debit_makes_the_subscription_active_before_the_money_is_there(
    sandbox, api, started
):
    session = started("sepa_debit")

    assert (session.payment_status, session.subscription.status) == ("unpaid", "active")
    assert session.invoice.status == "open"

    sandbox.advance(20)

    assert api.v1.invoices.retrieve(session.invoice.id).status == "paid"
    assert api.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_first_direct_debit_can_leave_the_subscription_incomplete(sandbox, api, started):
    sandbox.settings(debit_leaves_incomplete=True)

    session = started("sepa_debit")

    assert session.subscription.status == "incomplete"
    sandbox.advance(20)
    assert status_of(api, session.subscription.id) == "active"


def test_first_direct_debit_that_fails_makes_it_past_due(sandbox, api, started):
    session = started("sepa_debit_fails")

    sandbox.advance(20)

    assert status_of(api, session.subscription.id) == "past_due"
    assert api.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_amount_changes_from_the_next_period_on(sandbox, api, started):
    subscription = started().subscription
    item = subscription["items"].data[0]
    price = {
        "currency": "eur",
        "product": item.price.product,
        "unit_amount": 1500,
        "recurring": {"interval": "month"},
    }

    api.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item.id, "price_data": price}], "proration_behavior": "none"},
    )
    sandbox.advance(MONTH)

    totals = [one.total for one in api.v1.invoices.list({"subscription": subscription.id}).data]
    assert totals == [1500, 1000]


def test_change_that_would_be_prorated_is_not_covered(api, started):
    subscription = started().subscription
    item = subscription["items"].data[0]

    with pytest.raises(stripe.APIError, match="prorations"):
        api.v1.subscriptions.update(subscription.id, {"items": [{"id": item.id, "quantity": 2}]})


def test_cancelling_at_the_end_of_the_period_ends_it_then(sandbox, api, started):
    subscription = started().subscription

    changed = api.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    still = status_of(api, subscription.id)
    sandbox.advance(MONTH)

    assert changed.cancel_at == subscription["items"].data[0].current_period_end
    assert still == "active"
    assert status_of(api, subscription.id) == "canceled"
    assert invoices_of(api, subscription.id) == [("subscription_create", "paid")]
    assert sandbox.event_types()[-1] == "customer.subscription.deleted"


def test_cancelling_can_be_taken_back(sandbox, api, started):
    subscription = started().subscription
    api.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    changed = api.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    sandbox.advance(MONTH)

    assert (changed.cancel_at, changed.canceled_at) == (None, None)
    assert status_of(api, subscription.id) == "active"


def test_cancelled_subscription_stays_readable_but_cannot_change(sandbox, api, started):
    subscription = started().subscription

    ended = api.v1.subscriptions.cancel(subscription.id)

    assert (ended.status, ended.cancellation_details.reason) == (
        "canceled",
        "cancellation_requested",
    )
    assert api.v1.subscriptions.list().data == []
    assert status_of(api, subscription.id) == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.subscriptions.update(subscription.id, {"metadata": {"a": "b"}})
    assert caught.value.http_status == 404


def test_deleting_the_customer_ends_the_subscription(api, started):
    session = started()

    assert api.v1.customers.delete(session.customer).deleted is True

    assert status_of(api, session.subscription.id) == "canceled"
    assert api.v1.customers.retrieve(session.customer).deleted is True
    assert api.v1.customers.list().data == []
