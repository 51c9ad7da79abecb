"""What follows from a payment: for its invoice, its subscription and its Checkout session."""

from payments.sandbox import charges, intents, invoices, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.checkout import sessions
from payments.sandbox.store import Body

RUNNING = ("active", "past_due")
DEBITED_BY_SEPA = ("bancontact", "ideal")


def pay(account: Account, intent: Body, method: Body, *, off_session: bool = False) -> None:
    """Attempt a payment, and let everything follow that hangs on it."""
    intents.confirm(account, intent, method, off_session=off_session)
    follow(account, intent)


def follow(account: Account, intent: Body) -> None:
    """Bring invoice, subscription and session in line with the intent."""
    step = {
        "succeeded": _succeeded,
        "processing": _processing,
        "requires_action": _needs_the_payer,
        "requires_payment_method": _failed,
    }
    step[intent["status"]](account, intent)


def _succeeded(account: Account, intent: Body) -> None:
    charge = account.get("charge", intent["latest_charge"])
    invoice = _invoice(account, intent)
    if invoice:
        subscription = _subscription(account, invoice)
        invoices.mark_paid(account, invoice)
        subscriptions.start(account, subscription, _reusable_method(charge))
        subscriptions.recover(account, subscription)
    session = _session(account, intent)
    if session:
        sessions.paid(account, session)
    charges.book_when_due(account, charge)


def _processing(account: Account, intent: Body) -> None:
    invoice = _invoice(account, intent)
    if invoice and not account.setting("debit_leaves_incomplete"):
        subscription = _subscription(account, invoice)
        subscriptions.start(account, subscription, intent["payment_method"])
    session = _session(account, intent)
    if session and session["status"] == "open":
        sessions.complete(account, session, payment_status="unpaid")


def _needs_the_payer(account: Account, intent: Body) -> None:
    invoice = _invoice(account, intent)
    if invoice:
        account.change(invoice, "invoice.payment_action_required", attempted=True)
        if _subscription(account, invoice)["status"] in RUNNING:
            fail(account, invoice)


def _failed(account: Account, intent: Body) -> None:
    invoice = _invoice(account, intent)
    if invoice:
        fail(account, invoice)
    session = _session(account, intent)
    if session and session["status"] == "complete":
        sessions.failed_later(account, session)


def fail(account: Account, invoice: Body) -> None:
    """An attempt to pay an invoice has failed, or there was nothing to attempt it with."""
    subscription = _subscription(account, invoice)
    # On the hosted page the payer tries again; afterwards Stripe does.
    retry = subscription["status"] in RUNNING
    again = invoices.mark_failed(account, invoice, retry=retry)
    if retry and again:
        subscriptions.move_to(account, subscription, "past_due")
    elif retry:
        subscriptions.give_up(account, subscription)
    elif subscription["status"] == "incomplete":
        subscriptions.give_time(account, subscription)


def _reusable_method(charge: Body) -> str:
    kind = charges.method_of(charge)
    details = charge["payment_method_details"][kind]
    if kind in DEBITED_BY_SEPA and details["generated_sepa_debit"]:
        return str(details["generated_sepa_debit"])
    return str(charge["payment_method"])


def _invoice(account: Account, intent: Body) -> Body | None:
    return account.get("invoice", intent["_invoice"]) if intent.get("_invoice") else None


def _subscription(account: Account, invoice: Body) -> Body:
    return account.get("subscription", invoices.subscription_of(invoice))


def _session(account: Account, intent: Body) -> Body | None:
    return account.get("checkout.session", intent["_session"]) if intent.get("_session") else None
