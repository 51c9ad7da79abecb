"""Pauses, failures and retries of what subscriptions ask for."""

import pytest
import stripe

from tests.payments.sandbox.conftest import gift_params, invoices_of, monthly_params, status_of

DAY = 86_400
MONTH = 31 * DAY


def charges_of(api):
    return [charge.status for charge in api.v1.charges.list().data]


def pause(api, subscription, **given):
    return api.v1.subscriptions.update(subscription.id, {"pause_collection": given or ""})


def latest_invoice(api, subscription):
    newest = api.v1.subscriptions.retrieve(subscription.id).latest_invoice
    return api.v1.invoices.retrieve(newest, {"expand": ["payments.data.payment.payment_intent"]})


def test_yearly_gift_is_renewed_after_a_year(sandbox, api):
    params = monthly_params()
    params["line_items"][0]["price_data"]["recurring"] = {"interval": "year"}
    session = api.v1.checkout.sessions.create(params)
    sandbox.pay(session.url)
    subscription = api.v1.checkout.sessions.retrieve(session.id).subscription

    sandbox.advance(364 * DAY)
    before = len(invoices_of(api, subscription))
    sandbox.advance(2 * DAY)

    assert before == 1
    assert invoices_of(api, subscription)[0] == ("subscription_cycle", "paid")


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")],
)
def test_pause_takes_nothing_whatever_becomes_of_the_invoice(
    sandbox, api, started, behavior, status
):
    subscription = started().subscription
    pause(api, subscription, behavior=behavior)

    sandbox.advance(2 * MONTH)

    assert [found for _, found in invoices_of(api, subscription.id)] == [status, status, "paid"]
    assert charges_of(api) == ["succeeded"]
    assert status_of(api, subscription.id) == "active"


def test_pause_ends_at_its_own_time(sandbox, api, started):
    subscription = started().subscription
    pause(api, subscription, behavior="void", resumes_at=sandbox.now() + 40 * DAY)

    sandbox.advance(40 * DAY)
    resumed = api.v1.subscriptions.retrieve(subscription.id)
    (event,) = sandbox.events("customer.subscription.updated")[-1:]
    sandbox.advance(MONTH)

    assert resumed.pause_collection is None
    assert event.data.previous_attributes["pause_collection"]["behavior"] == "void"
    assert [status for _, status in invoices_of(api, subscription.id)] == ["paid", "void", "paid"]


def test_pause_that_is_ended_early_or_begun_anew_does_not_end_by_the_old_time(
    sandbox, api, started
):
    subscription = started().subscription
    pause(api, subscription, behavior="void", resumes_at=sandbox.now() + DAY)
    pause(api, subscription)
    pause(api, subscription, behavior="void")

    sandbox.advance(2 * DAY)

    assert api.v1.subscriptions.retrieve(subscription.id).pause_collection.behavior == "void"


def test_pause_until_yesterday_is_refused(sandbox, api, started):
    subscription = started().subscription

    with pytest.raises(stripe.InvalidRequestError) as caught:
        pause(api, subscription, behavior="void", resumes_at=sandbox.now() - DAY)

    assert caught.value.param == "pause_collection[resumes_at]"


@pytest.mark.parametrize("status", ["unpaid", "past_due"])
def test_what_follows_the_last_retry_is_a_setting(sandbox, api, started, status):
    sandbox.settings(after_retries=status, retry_days=[1])
    subscription = started("card_renewal_fails").subscription

    sandbox.advance(MONTH + DAY)

    invoice = latest_invoice(api, subscription)
    assert status_of(api, subscription.id) == status
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == (
        "open",
        2,
        None,
    )


def test_unpaid_subscription_goes_on_with_drafts_until_its_debt_is_paid(sandbox, api, started):
    sandbox.settings(after_retries="unpaid", retry_days=[])
    subscription = started("card_renewal_fails").subscription
    sandbox.advance(MONTH)
    debt = latest_invoice(api, subscription)

    sandbox.advance(MONTH)
    statuses = [status for _, status in invoices_of(api, subscription.id)]
    sandbox.pay_invoice(debt.hosted_invoice_url)

    assert statuses == ["draft", "open", "paid"]
    assert status_of(api, subscription.id) == "active"


def test_setting_nobody_knows_or_of_another_kind_is_refused(sandbox):
    for wrong in ({"nonsense": 1}, {"after_retries": "hope"}, {"late_fees": "soon"}):
        with pytest.raises(Exception, match="400"):
            sandbox.settings(**wrong)


def test_renewal_without_any_method_fails_without_a_charge(sandbox, api, started):
    subscription = started().subscription
    api.v1.payment_methods.detach(subscription.default_payment_method)

    sandbox.renew(subscription.id)

    invoice = latest_invoice(api, subscription)
    assert charges_of(api) == ["succeeded"]
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert status_of(api, subscription.id) == "past_due"


def test_card_that_asks_again_waits_for_the_donor(sandbox, api, started):
    subscription = started("card_asks_again").subscription
    so_far = len(sandbox.events())

    sandbox.renew(subscription.id)

    invoice = latest_invoice(api, subscription)
    intent = invoice.payments.data[0].payment.payment_intent
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt - invoice.created == pytest.approx(3 * DAY, abs=5)
    assert (intent.status, intent.latest_charge) == ("requires_action", None)
    assert status_of(api, subscription.id) == "past_due"
    assert sandbox.event_types()[so_far:] == [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]

    ends_at = sandbox.confirm_at_bank(intent.id)

    assert ends_at == invoice.hosted_invoice_url
    assert latest_invoice(api, subscription).status == "paid"
    assert status_of(api, subscription.id) == "active"


def test_donor_who_refuses_at_the_bank_still_owes(sandbox, api, started):
    subscription = started("card_asks_again").subscription
    sandbox.renew(subscription.id)
    invoice = latest_invoice(api, subscription)

    sandbox.confirm_at_bank(invoice.payments.data[0].payment.payment_intent.id, "refuse")

    assert latest_invoice(api, subscription).status == "open"
    assert status_of(api, subscription.id) == "past_due"
    assert "The last attempt to pay this failed." in sandbox.get(invoice.hosted_invoice_url).text


def test_open_invoice_is_paid_on_its_page_once(sandbox, api, started):
    subscription = started("card_renewal_fails").subscription
    sandbox.advance(MONTH)
    invoice = latest_invoice(api, subscription)

    page = sandbox.get(invoice.hosted_invoice_url)
    no_choice = sandbox.post(invoice.hosted_invoice_url, {})
    sandbox.pay_invoice(invoice.id, "card_3ds")
    sandbox.post(invoice.hosted_invoice_url, {"outcome": "card"})

    assert f"Invoice {invoice.number}" in page.text
    assert no_choice.status_code == 422
    assert "This has already been paid." in sandbox.get(invoice.hosted_invoice_url).text
    assert charges_of(api) == ["succeeded", "failed", "succeeded"]
    assert status_of(api, subscription.id) == "active"


def test_debit_on_its_way_is_not_sent_a_second_time(sandbox, api, started):
    subscription = started("card_renewal_fails").subscription
    sandbox.advance(MONTH)
    invoice = latest_invoice(api, subscription)
    sandbox.pay_invoice(invoice.id, "sepa_debit")

    page = sandbox.get(invoice.hosted_invoice_url)
    sandbox.post(invoice.hosted_invoice_url, {"outcome": "card"})

    assert "The payment is under way." in page.text
    assert charges_of(api) == ["pending", "failed", "succeeded"]


def test_retry_waits_for_a_debit_that_is_on_its_way(sandbox, api, started):
    subscription = started("card_renewal_fails").subscription
    sandbox.advance(MONTH)
    invoice = latest_invoice(api, subscription)
    sandbox.advance(invoice.next_payment_attempt - sandbox.now() - 10)
    sandbox.pay_invoice(invoice.id, "sepa_debit")

    sandbox.advance(15)
    waiting = charges_of(api)
    sandbox.advance(15)

    assert waiting == ["pending", "failed", "succeeded"]
    assert latest_invoice(api, subscription).status == "paid"
    assert charges_of(api) == ["succeeded", "failed", "succeeded"]


def test_mandate_that_was_revoked_lets_the_next_debit_fail(sandbox, api, started):
    subscription = started("sepa_debit").subscription
    sandbox.advance(20)
    mandate = api.v1.charges.list().data[0].payment_method_details.sepa_debit.mandate

    sandbox.revoke_mandate(mandate)
    sandbox.renew(subscription.id)

    intent = latest_invoice(api, subscription).payments.data[0].payment.payment_intent
    (told,) = sandbox.events("mandate.updated")
    assert api.v1.mandates.retrieve(mandate).status == "inactive"
    assert told.data.previous_attributes["status"] == "active"
    assert intent.last_payment_error.code == "payment_intent_mandate_invalid"
    assert charges_of(api) == ["succeeded"]
    assert status_of(api, subscription.id) == "past_due"


def test_reason_for_stopping_can_be_told_on_its_own(api, started):
    subscription = started().subscription
    details = {"comment": "Too dear", "feedback": "too_expensive"}

    api.v1.subscriptions.update(subscription.id, {"cancellation_details": details})
    ended = api.v1.subscriptions.cancel(
        subscription.id, {"cancellation_details": {"comment": "Enough"}}
    )

    assert (ended.cancellation_details.comment, ended.cancellation_details.feedback) == (
        "Enough",
        "too_expensive",
    )
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.subscriptions.cancel(subscription.id)
    assert caught.value.http_status == 404


def test_gift_once_does_not_offer_what_only_matters_later(sandbox, api):
    session = api.v1.checkout.sessions.create(gift_params())

    assert "card_asks_again" not in sandbox.get(session.url).text
