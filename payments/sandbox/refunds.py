"""Refunds."""

from typing import Any

from payments.sandbox import balance, charges, errors, metadata, money
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

CAN_FAIL = ("pending", "succeeded")
CREATABLE = {"amount", "charge", "payment_intent", "reason", "metadata"}


def create(account: Account, values: dict[str, Any]) -> Body:
    """Give money back: at once to a card, after a while to a bank account."""
    unknown = set(values) - CREATABLE
    if unknown:
        raise errors.not_covered(f"refunds with {', '.join(sorted(unknown))}")
    charge = _charge(account, values)
    amount = _amount(charge, values.get("amount"))
    at_once = charges.method_of(charge) == "card"
    refund = account.add(
        "refund",
        "re" if at_once else "pyr",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=metadata.merged({}, values.get("metadata")),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=values.get("reason"),
        status="succeeded" if at_once else "pending",
    )
    if at_once:
        refund["destination_details"] = {"type": "card", "card": _card_reference()}
    if not at_once or account.setting("refunds_fail"):
        account.schedule("settle_refund", refund["id"], _settles_at(account))
    row = balance.book_refund(account, refund, charge)
    account.change(refund, balance_transaction=row["id"])
    _count_in(account, charge, amount)
    account.tell("refund.created", refund)
    return refund


def update(account: Account, refund: Body, values: dict[str, Any]) -> Body:
    """Only the metadata can change."""
    kept = metadata.merged(refund["metadata"], values.get("metadata"))
    return account.change(refund, "refund.updated", metadata=kept)


def settle(account: Account, refund: Body) -> None:
    """The bank has taken the money in, or sent it back."""
    if account.setting("refunds_fail") and refund["status"] in CAN_FAIL:
        fail(account, refund)
    elif refund["status"] == "pending":
        account.change(refund, "refund.updated", status="succeeded")
        account.tell("charge.refund.updated", refund)


def fail(account: Account, refund: Body) -> Body:
    """The bank sent the money back, be it after the refund was said to have succeeded."""
    if refund["status"] not in CAN_FAIL:
        raise StripeError(f"Refund {refund['id']} is {refund['status']} and cannot fail.")
    account.unschedule("settle_refund", refund["id"])
    row = balance.book_refund_failure(account, refund)
    account.change(
        refund,
        "refund.failed",
        status="failed",
        failure_reason="declined",
        failure_balance_transaction=row["id"],
    )
    account.tell("charge.refund.updated", refund)
    charge = account.get("charge", refund["charge"])
    remaining = charge["amount_refunded"] - refund["amount"]
    account.change(charge, "charge.updated", amount_refunded=remaining, refunded=False)
    return refund


def _count_in(account: Account, charge: Body, amount: int) -> None:
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    total = charge["amount_refunded"] + amount
    account.change(
        charge, "charge.refunded", amount_refunded=total, refunded=total == charge["amount"]
    )
    account.tell("charge.updated", charge, previous=before)


def _charge(account: Account, values: dict[str, Any]) -> Body:
    if "charge" in values:
        charge = account.get("charge", values["charge"], "charge")
    elif "payment_intent" in values:
        intent = account.get("payment_intent", values["payment_intent"], "payment_intent")
        if not intent["latest_charge"]:
            raise StripeError(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = account.get("charge", intent["latest_charge"])
    else:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
        )
    _refundable(account, charge)
    return charge


def _refundable(account: Account, charge: Body) -> None:
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} has not been paid, so it cannot be refunded.")
    disputes = account.find("dispute", charge=charge["id"])
    if not all(dispute["is_charge_refundable"] for dispute in disputes):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if charge["refunded"]:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )


def _amount(charge: Body, asked: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if asked is None else asked
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount",
        )
    if amount > left:
        currency = charge["currency"]
        raise StripeError(
            f"Refund amount ({money.written(amount, currency)}) is greater than unrefunded amount"
            f" on charge ({money.written(left, currency)})",
            param="amount",
        )
    return amount


def _settles_at(account: Account) -> int:
    return account.now() + account.settings.settle_seconds


def _card_reference() -> dict[str, str]:
    return {"reference_status": "pending", "reference_type": "acquirer_reference_number",
            "type": "refund"}  # fmt: skip
