"""What the payer does on the hosted page and at the bank."""

from dataclasses import dataclass

from payments.sandbox import collection, customers, intents, invoices, methods, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.methods import Outcome
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body


@dataclass(frozen=True)
class Payer:
    """What the payer typed in."""

    email: str
    name: str | None
    country: str = "BE"


def offered(session: Body) -> list[Outcome]:
    """What can happen to this session."""
    return [
        outcome
        for outcome in methods.OUTCOMES.values()
        if outcome.method in session["payment_method_types"]
        and (session["mode"] == "subscription" or not outcome.matters_later)
    ]


def pay(account: Account, session: Body, outcome: Outcome, payer: Payer) -> str:
    """Attempt to pay an open session; the address the payer's browser is sent to."""
    _remember(account, session, payer)
    intent = _intent(account, session)
    method = methods.create(account, outcome, _billing(payer), intent["customer"])
    collection.pay(account, intent, method)
    if intent["status"] == "requires_action":
        return str(intent["next_action"]["redirect_to_url"]["url"])
    return next_address(account, session)


def answer_bank(account: Account, intent: Body, *, authorised: bool) -> str:
    """The payer's yes or no at the bank."""
    if intent["status"] == "requires_action":
        if authorised:
            intents.authorise(account, intent)
        else:
            intents.refuse(account, intent)
        collection.follow(account, intent)
    return after_bank(account, intent)


def after_bank(account: Account, intent: Body) -> str:
    """Where the payer belongs after the bank's page."""
    session = session_of(account, intent)
    return next_address(account, session) if session else intents.return_address(account, intent)


def session_of(account: Account, intent: Body) -> Body | None:
    """The Checkout session of a payment; renewals have none."""
    known = intent.get("_session")
    return account.get("checkout.session", known) if known else None


def next_address(account: Account, session: Body) -> str:
    """Where the payer belongs now."""
    if session["status"] == "complete":
        return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    return f"{account.settings.address}/c/pay/{session['id']}"


def last_error(account: Account, session: Body) -> Body | None:
    """Why the last attempt failed."""
    if not session.get("_intent"):
        return None
    error: Body | None = account.get("payment_intent", session["_intent"])["last_payment_error"]
    return error


def known_email(account: Account, session: Body) -> str:
    """The address Checkout fills in."""
    if session["customer_details"]:
        return str(session["customer_details"]["email"] or "")
    if session["customer"]:
        return account.get("customer", session["customer"])["email"] or ""
    return session["customer_email"] or ""


def _remember(account: Account, session: Body, payer: Payer) -> None:
    details = blanks.blank_part("checkout.session", "customer_details")
    address = customers.full_address({"country": payer.country})
    details.update(
        email=payer.email, name=payer.name, address=address, tax_exempt="none", tax_ids=[]
    )
    changes: Body = {"customer_details": details}
    wanted = session["mode"] == "subscription" or session["customer_creation"] == "always"
    if wanted and not session["customer"]:
        given = {"email": payer.email, "name": payer.name}
        changes["customer"] = customers.create(account, given)["id"]
    account.change(session, **changes)


def _intent(account: Account, session: Body) -> Body:
    if session.get("_intent"):
        return account.get("payment_intent", session["_intent"])
    if session["mode"] == "subscription":
        return _first_invoice_intent(account, session)
    given = session["_payment_intent_data"]
    intent = intents.open_intent(
        account,
        session["amount_total"],
        session["currency"],
        customer=session["customer"],
        description=given.get("description"),
        metadata=given.get("metadata") or {},
        payment_method_types=session["payment_method_types"],
        receipt_email=given.get("receipt_email"),
        setup_future_usage=given.get("setup_future_usage"),
        statement_descriptor=given.get("statement_descriptor"),
        statement_descriptor_suffix=given.get("statement_descriptor_suffix"),
        _session=session["id"],
    )
    account.change(session, payment_intent=intent["id"], _intent=intent["id"])
    return intent


def _first_invoice_intent(account: Account, session: Body) -> Body:
    customer = account.get("customer", session["customer"])
    items = [(item["price"], item["quantity"]) for item in session["_line_items"]]
    values = {
        **session["_subscription_data"],
        "payment_method_types": session["payment_method_types"],
    }
    subscription = subscriptions.create(account, customer, items, values)
    period = subscriptions.period(subscription)
    invoice = invoices.issue(account, subscription, "subscription_create", period)
    account.change(subscription, latest_invoice=invoice["id"])
    intent = account.get("payment_intent", invoice["_intent"])
    account.change(intent, _session=session["id"])
    account.change(session, _intent=intent["id"], _subscription=subscription["id"])
    return intent


def _billing(payer: Payer) -> Body:
    billing = blanks.blank_part("payment_method", "billing_details")
    address = customers.full_address({"country": payer.country})
    billing.update(email=payer.email, name=payer.name, address=address)
    return billing
