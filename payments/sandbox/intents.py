"""PaymentIntents: one amount to be paid, over as many attempts as it takes."""

from typing import Any

from payments.sandbox import charges, methods
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

REFUSED_AT_BANK = (
    "We are unable to authenticate your payment method. Please choose a different payment"
    " method and try again."
)
NO_MANDATE = "The provided mandate is invalid and can not be used for the payment intent."


def open_intent(account: Account, amount: int, currency: str, **values: Any) -> Body:
    """An intent that waits for a payment method."""
    intent = account.add(
        "payment_intent",
        "pi",
        amount=amount,
        currency=currency,
        status="requires_payment_method",
        capture_method="automatic_async",
        payment_method_options={},
        **values,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{account.new_id('s', 16)[2:]}"
    account.change(intent, "payment_intent.created")
    return intent


def confirm(account: Account, intent: Body, method: Body, *, off_session: bool = False) -> Body:
    """Attempt the payment with a method; the intent's status says how it went."""
    outcome = methods.outcome_of(method)
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    if outcome.declined or (off_session and outcome.fails_at_renewal):
        return _declined(account, intent, method)
    if method["type"] == "sepa_debit":
        return _begin_debit(account, intent, method)
    if outcome.asks_again or (outcome.at_bank and not off_session):
        return _send_to_bank(account, intent)
    return _succeeded(account, intent, charges.succeed(account, intent, method))


def authorise(account: Account, intent: Body) -> Body:
    """The payer said yes at the bank."""
    method = account.get("payment_method", intent["payment_method"])
    details: dict[str, Any] = {}
    if method["type"] in ("bancontact", "ideal") and intent["setup_future_usage"]:
        debit, mandate = methods.generated_debit(account, method)
        details["generated_sepa_debit"] = debit["id"]
        details["generated_sepa_debit_mandate"] = mandate["id"]
    return _succeeded(account, intent, charges.succeed(account, intent, method, **details))


def refuse(account: Account, intent: Body) -> Body:
    """The payer said no at the bank: no charge comes of it."""
    code = "payment_intent_authentication_failure"
    return _failed(account, intent, code=code, message=REFUSED_AT_BANK)


def settle(account: Account, intent: Body) -> Body:
    """The outcome of a debit has become known."""
    method = account.get("payment_method", intent["payment_method"])
    charge = account.get("charge", intent["latest_charge"])
    if methods.outcome_of(method).fails_later:
        charges.fail_debit(account, charge)
        return _failed(
            account,
            intent,
            code="payment_intent_payment_attempt_failed",
            message=charges.DEBIT_FAILED,
            charge=charge["id"],
        )
    return _succeeded(account, intent, charges.settle_debit(account, charge))


def cancel(account: Account, intent: Body, reason: str | None = None) -> Body:
    """Give an unpaid intent up."""
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise StripeError(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    return account.change(
        intent,
        "payment_intent.canceled",
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason=reason,
        next_action=None,
    )


def return_address(account: Account, intent: Body) -> str:
    """The page the bank sends the payer back to."""
    if intent.get("_session"):
        return f"{account.settings.address}/c/pay/{intent['_session']}"
    return f"{account.settings.address}/i/{intent['_invoice']}"


def _declined(account: Account, intent: Body, method: Body) -> Body:
    charge = charges.decline(account, intent, method)
    return _failed(
        account,
        intent,
        code="card_declined",
        decline_code="generic_decline",
        message=charges.DECLINED,
        charge=charge["id"],
        doc_url="https://docs.stripe.com/error-codes/card-declined",
    )


def _failed(account: Account, intent: Body, **error: Any) -> Body:
    method = account.get("payment_method", intent["payment_method"])
    shown = {name: value for name, value in method.items() if not name.startswith("_")}
    failure = {"type": "card_error", "payment_method": shown, **error}
    failure["payment_method_type"] = method["type"]
    return account.change(
        intent,
        "payment_intent.payment_failed",
        status="requires_payment_method",
        last_payment_error=failure,
        latest_charge=error.get("charge", intent["latest_charge"]),
        payment_method=None,
        next_action=None,
    )


def _send_to_bank(account: Account, intent: Body) -> Body:
    action = {
        "type": "redirect_to_url",
        "redirect_to_url": {
            "url": f"{account.settings.address}/_bank/{intent['id']}",
            "return_url": return_address(account, intent),
        },
    }
    return account.change(
        intent,
        "payment_intent.requires_action",
        status="requires_action",
        next_action=action,
    )


def _begin_debit(account: Account, intent: Body, method: Body) -> Body:
    known = account.find("mandate", payment_method=method["id"])
    multi_use = bool(intent["setup_future_usage"])
    mandate = known[0] if known else methods.mandate(account, method, multi_use=multi_use)
    if mandate["status"] != "active":
        return _failed(account, intent, code="payment_intent_mandate_invalid", message=NO_MANDATE)
    charge = charges.begin_debit(account, intent, method, mandate)
    account.schedule("settle_debit", intent["id"], account.now() + account.settings.settle_seconds)
    return account.change(
        intent,
        "payment_intent.processing",
        status="processing",
        latest_charge=charge["id"],
    )


def _succeeded(account: Account, intent: Body, charge: Body) -> Body:
    return account.change(
        intent,
        "payment_intent.succeeded",
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
    )
