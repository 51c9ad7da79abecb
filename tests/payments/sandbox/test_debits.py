from tests.payments.sandbox.conftest import paid_intent


def test_sepa_debit_is_paid_only_when_it_settles(sandbox, api, gift):
    session = gift()

    sandbox.pay(session.url, "sepa_debit")

    waiting = api.v1.checkout.sessions.retrieve(session.id)
    intent = paid_intent(api, session)
    details = intent.latest_charge.payment_method_details.sepa_debit
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.latest_charge.status) == ("processing", "pending")
    assert api.v1.mandates.retrieve(details.mandate).type == "single_use"

    sandbox.advance(20)

    assert api.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert paid_intent(api, session).latest_charge.balance_transaction.fee == 35
    assert sandbox.event_types()[3:] == [
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]


def test_sepa_debit_that_fails_later_leaves_the_session_unpaid(sandbox, api, gift):
    session = gift()
    sandbox.pay(session.url, "sepa_debit_fails")

    sandbox.settle(paid_intent(api, session).id)

    intent = paid_intent(api, session)
    assert api.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    assert (intent.status, intent.latest_charge.status) == ("requires_payment_method", "failed")
    assert intent.latest_charge.failure_code == "insufficient_funds"
    assert sandbox.event_types()[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
