"""Controls of payments: what the payer and the banks do on their own."""

from typing import Any

from payments.sandbox import collection, disputes, intents, methods, refunds, renewals
from payments.sandbox.account import Account, public
from payments.sandbox.controls.registry import control
from payments.sandbox.errors import StripeError


@control("POST", "/charges/{}/dispute")
def dispute_charge(account: Account, ids: list[str], given: Any) -> Any:
    """The payer goes to the bank; with `inquiry` the bank only asks a question yet."""
    charge = account.get("charge", ids[0])
    inquiry = bool(given.get("inquiry"))
    return public(disputes.create(account, charge, given.get("reason"), inquiry=inquiry))


@control("POST", "/disputes/{}/escalate")
def escalate_dispute(account: Account, ids: list[str], _given: Any) -> Any:
    """An inquiry becomes a dispute."""
    return public(disputes.escalate(account, account.get("dispute", ids[0])))


@control("POST", "/disputes/{}/close")
def close_dispute(account: Account, ids: list[str], given: Any) -> Any:
    """The bank decides: `won` or `lost`."""
    status = given.get("status", "lost")
    if status not in ("won", "lost"):
        raise StripeError("status must be won or lost", param="status")
    return public(disputes.close(account, account.get("dispute", ids[0]), status))


@control("POST", "/payment_intents/{}/settle")
def settle_intent(account: Account, ids: list[str], _given: Any) -> Any:
    """A debit settles now rather than later."""
    intent = account.get("payment_intent", ids[0])
    if intent["status"] != "processing":
        raise StripeError(f"{intent['id']} is {intent['status']}, not processing.")
    account.unschedule("settle_debit", intent["id"])
    intents.settle(account, intent)
    collection.follow(account, intent)
    return public(intent)


@control("POST", "/refunds/{}/settle")
def settle_refund(account: Account, ids: list[str], _given: Any) -> Any:
    """A refund to a bank account arrives now rather than later."""
    refund = account.get("refund", ids[0])
    account.unschedule("settle_refund", refund["id"])
    refunds.settle(account, refund)
    return public(refund)


@control("POST", "/refunds/{}/fail")
def fail_refund(account: Account, ids: list[str], _given: Any) -> Any:
    """The bank sends a refund back."""
    return public(refunds.fail(account, account.get("refund", ids[0])))


@control("POST", "/mandates/{}/revoke")
def revoke_mandate(account: Account, ids: list[str], _given: Any) -> Any:
    """The payer, or the payer's bank, ends a mandate."""
    return public(methods.revoke(account, account.get("mandate", ids[0])))


@control("POST", "/subscriptions/{}/renew")
def renew_subscription(account: Account, ids: list[str], _given: Any) -> Any:
    """The current period ends now."""
    subscription = account.get("subscription", ids[0])
    renewals.renew_now(account, subscription)
    return public(subscription)


@control("POST", "/subscriptions/{}/payment_method")
def change_method(account: Account, ids: list[str], given: Any) -> Any:
    """The payer enters another card (or debit), named by its outcome."""
    outcome = methods.OUTCOMES.get(given.get("outcome", "card"))
    if outcome is None:
        raise StripeError("no such outcome", param="outcome")
    subscription = account.get("subscription", ids[0])
    old = account.get("payment_method", subscription["default_payment_method"])
    method = methods.create(account, outcome, old["billing_details"], old["customer"])
    told = "customer.subscription.updated"
    changed = account.change(subscription, told, default_payment_method=method["id"])
    return public(changed)
