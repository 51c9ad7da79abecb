from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from tests.payments.sandbox.conftest import THANKS, paid_intent

DATA = {"metadata": {"gift": "7"}, "description": "Gift 7"}


def test_session_is_open_and_without_a_payment(gift):
    session = gift(client_reference_id="gift-7", metadata={"gift": "7"}, locale="fr")

    assert (session.status, session.payment_status, session.amount_total) == (
        "open",
        "unpaid",
        2500,
    )
    assert (session.client_reference_id, session.metadata["gift"]) == ("gift-7", "7")
    assert session.payment_intent is None
    assert session.payment_method_types == ["card", "bancontact", "ideal", "sepa_debit"]


def test_card_pays_at_once(sandbox, api, gift):
    session = gift(payment_intent_data=DATA)

    address = sandbox.pay(session.url)

    assert address == f"{THANKS}?sid={session.id}"
    intent = paid_intent(api, session)
    charge = intent.latest_charge
    fee = charge.balance_transaction
    assert (intent.status, intent.amount_received, intent.metadata["gift"]) == (
        "succeeded",
        2500,
        "7",
    )
    assert (charge.paid, charge.description, charge.metadata["gift"]) == (True, "Gift 7", "7")
    assert charge.payment_method_details.card.last4 == "4242"
    assert charge.billing_details.email == "donor@example.org"
    assert (fee.amount, fee.fee, fee.net) == (2500, 63, 2437)
    assert sandbox.event_types() == [
        "product.created",
        "price.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]


def test_fee_is_not_known_when_the_charge_succeeds(sandbox, gift):
    sandbox.pay(gift().url)

    (succeeded,) = sandbox.events("charge.succeeded")
    (updated,) = sandbox.events("charge.updated")

    assert succeeded.data.object["balance_transaction"] is None
    assert updated.data.previous_attributes["balance_transaction"] is None
    assert updated.data.object["balance_transaction"].startswith("txn_")


def test_fee_can_come_late(sandbox, api, gift):
    sandbox.settings(late_fees=600)
    session = gift()
    sandbox.pay(session.url)
    before = paid_intent(api, session).latest_charge.balance_transaction

    sandbox.advance(600)

    assert before is None
    assert paid_intent(api, session).latest_charge.balance_transaction.fee == 63


def test_declined_card_can_be_followed_by_another_in_the_same_session(sandbox, api, gift):
    session = gift()

    address = sandbox.pay(session.url, "card_declined")

    page = sandbox.get(address)
    failed = paid_intent(api, session)
    assert address == session.url
    assert "Your card was declined." in page.text
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.decline_code == "generic_decline"

    assert sandbox.pay(session.url) == f"{THANKS}?sid={session.id}"

    charges = api.v1.charges.list({"payment_intent": failed.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]
    assert len(api.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize("outcome", ["card_3ds", "bancontact", "ideal"])
def test_payment_confirmed_at_the_bank_is_paid(sandbox, api, gift, outcome):
    session = gift()

    assert sandbox.pay(session.url, outcome) == f"{THANKS}?sid={session.id}"

    assert paid_intent(api, session).status == "succeeded"


def test_bancontact_names_the_account_and_has_its_own_fee(sandbox, api, gift):
    session = gift()

    sandbox.pay(session.url, "bancontact", name="A. Donor")

    charge = paid_intent(api, session).latest_charge
    assert charge.payment_method_details.type == "bancontact"
    assert charge.payment_method_details.bancontact.verified_name == "A. Donor"
    assert charge.payment_method_details.bancontact.generated_sepa_debit is None
    assert charge.balance_transaction.fee == 39


def test_refusal_at_the_bank_leads_back_and_allows_another_try(sandbox, api, gift):
    session = gift()

    address = sandbox.pay(session.url, "card_3ds", bank="refuse")

    intent = paid_intent(api, session)
    assert address == session.url
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert api.v1.charges.list().data == []
    assert sandbox.pay(session.url, "card_3ds") == f"{THANKS}?sid={session.id}"


def test_abandoned_session_expires_and_its_intent_is_cancelled(sandbox, api, gift):
    session = gift(expires_at=sandbox.now() + 1900)
    sandbox.pay(session.url, "card_declined")

    sandbox.advance(1900)

    assert api.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert paid_intent(api, session).status == "canceled"
    assert sandbox.event_types()[-2:] == ["checkout.session.expired", "payment_intent.canceled"]


def test_session_lives_a_day_unless_it_says_otherwise(sandbox, api, gift):
    session = gift()

    sandbox.advance(86_390)
    almost = api.v1.checkout.sessions.retrieve(session.id).status
    sandbox.advance(20)

    assert almost == "open"
    assert api.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_session_can_be_expired_by_the_site_but_not_twice(api, gift):
    session = gift()

    assert api.v1.checkout.sessions.expire(session.id).status == "expired"

    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions with a status"):
        api.v1.checkout.sessions.expire(session.id)


def test_double_submit_makes_one_payment(sandbox, api, gift):
    session = gift()

    addresses = {sandbox.pay(session.url) for _ in range(2)}

    assert addresses == {f"{THANKS}?sid={session.id}"}
    assert len(api.v1.charges.list().data) == 1


def test_customer_is_made_when_asked_for(sandbox, api, gift):
    session = gift(customer_creation="always")
    sandbox.pay(session.url, name="A. Donor")

    customer = api.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]}).customer

    assert (customer.email, customer.name) == ("donor@example.org", "A. Donor")
    assert api.v1.checkout.sessions.list({"customer": customer.id}).data[0].id == session.id


def test_sessions_are_found_by_their_payment_and_their_payer(sandbox, api, gift):
    session = gift()
    gift()
    sandbox.pay(session.url)

    intent = paid_intent(api, session).id
    by_payment = api.v1.checkout.sessions.list({"payment_intent": intent}).data
    by_email = api.v1.checkout.sessions.list(
        {"customer_details": {"email": "donor@example.org"}, "status": "complete"}
    ).data

    assert [one.id for one in by_payment] == [session.id]
    assert [one.id for one in by_email] == [session.id]


def test_line_items_tell_what_is_paid_for(api, gift):
    session = gift()

    listed = api.v1.checkout.sessions.line_items.list(session.id).data
    expanded = api.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})

    assert [(item.description, item.amount_total) for item in listed] == [("Gift", 2500)]
    assert expanded.line_items.data[0].id == listed[0].id


def test_another_currency_is_settled_in_euro(sandbox, api, gift):
    price = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Gift"}}
    session = gift(line_items=[{"quantity": 1, "price_data": price}])

    sandbox.pay(session.url)

    money = paid_intent(api, session).latest_charge.balance_transaction
    assert session.payment_method_types == ["card"]
    assert (money.currency, money.amount, money.exchange_rate) == ("eur", 900, 0.9)


def test_many_submits_at_the_same_moment_make_one_payment(sandbox, api, gift):
    session = gift()
    form = {"outcome": "card", "email": "donor@example.org"}

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: httpx.post(session.url, data=form), range(6)))

    assert {answer.headers["Location"] for answer in answers} == {f"{THANKS}?sid={session.id}"}
    assert len(api.v1.charges.list().data) == 1
    assert len(sandbox.events("checkout.session.completed")) == 1
