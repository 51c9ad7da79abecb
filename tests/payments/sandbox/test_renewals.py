import pytest

from tests.payments.sandbox.conftest import invoices_of, status_of

MONTH = 31 * 86_400
DAY = 86_400


def test_monthly_gift_renews_when_its_period_ends(sandbox, api, started):
    subscription = started().subscription
    first_end = subscription["items"].data[0].current_period_end
    so_far = len(sandbox.events())

    sandbox.advance(MONTH)

    renewed = api.v1.subscriptions.retrieve(subscription.id)
    assert renewed["items"].data[0].current_period_start == first_end
    assert invoices_of(api, subscription.id) == [
        ("subscription_cycle", "paid"),
        ("subscription_create", "paid"),
    ]
    assert sandbox.event_types()[so_far:] == [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "charge.updated",
    ]


def test_a_year_brings_twelve_renewals_in_order(sandbox, api, started):
    subscription = started().subscription

    sandbox.advance(366 * DAY)

    found = api.v1.invoices.list({"subscription": subscription.id, "limit": 100}).data
    assert len(found) == 13
    assert [one.created for one in found] == sorted((o.created for o in found), reverse=True)


def test_tester_can_renew_at_once(sandbox, api, started):
    subscription = started().subscription

    sandbox.renew(subscription.id)

    assert len(invoices_of(api, subscription.id)) == 2


def test_failed_renewal_is_tried_again_and_healed_by_another_card(sandbox, api, started):
    subscription = started("card_renewal_fails").subscription

    sandbox.advance(MONTH)

    invoice = api.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert status_of(api, subscription.id) == "past_due"
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt - invoice.created == pytest.approx(3 * DAY, abs=5)
    assert sandbox.event_types()[-4:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]

    sandbox.change_payment_method(subscription.id, "card")
    sandbox.advance(3 * DAY)

    assert status_of(api, subscription.id) == "active"
    assert api.v1.invoices.retrieve(invoice.id).attempt_count == 2
    assert invoices_of(api, subscription.id)[0] == ("subscription_cycle", "paid")


def test_renewal_that_never_succeeds_ends_the_subscription(sandbox, api, started):
    subscription = started("card_renewal_fails").subscription

    sandbox.advance(MONTH + 16 * DAY)

    ended = api.v1.subscriptions.retrieve(subscription.id)
    invoice = api.v1.invoices.retrieve(ended.latest_invoice)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    assert sandbox.event_types()[-2:] == ["invoice.payment_failed", "customer.subscription.deleted"]


def test_bancontact_is_renewed_by_direct_debit(sandbox, api, started):
    session = started("bancontact")

    method = api.v1.payment_methods.retrieve(session.subscription.default_payment_method)
    sandbox.advance(session.subscription["items"].data[0].current_period_end - sandbox.now())
    waiting = invoices_of(api, session.subscription.id)[0]
    sandbox.advance(20)

    assert method.type == "sepa_debit"
    assert waiting == ("subscription_cycle", "open")
    assert invoices_of(api, session.subscription.id)[0] == ("subscription_cycle", "paid")
    charge = api.v1.charges.list().data[0]
    assert charge.payment_method_details.type == "sepa_debit"


def test_paused_collection_voids_the_invoices_meanwhile(sandbox, api, started):
    subscription = started().subscription
    api.v1.subscriptions.update(subscription.id, {"pause_collection": {"behavior": "void"}})

    sandbox.advance(MONTH)

    assert invoices_of(api, subscription.id)[0] == ("subscription_cycle", "void")
    assert len(api.v1.charges.list().data) == 1
