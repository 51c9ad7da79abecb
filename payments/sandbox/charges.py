"""Charges: single attempts to move money."""

from typing import Any

from payments.sandbox import balance, methods
from payments.sandbox.account import Account
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

DECLINED = "Your card was declined."
DEBIT_FAILED = "The customer's account has insufficient funds to cover this payment."


def succeed(account: Account, intent: Body, method: Body, **details: Any) -> Body:
    """A charge that goes through at once; its fee is booked afterwards."""
    charge = _create(account, intent, method, "succeeded", **details)
    charge.update(
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        outcome=_outcome("approved_by_network", "authorized", "Payment complete."),
    )
    account.change(charge, "charge.succeeded")
    return charge


def decline(account: Account, intent: Body, method: Body) -> Body:
    """A card that says no."""
    charge = _create(account, intent, method, "failed")
    outcome = _outcome("declined_by_network", "issuer_declined", DECLINED)
    outcome.update(reason="generic_decline")
    charge.update(failure_code="card_declined", failure_message=DECLINED, outcome=outcome)
    account.change(charge, "charge.failed")
    return charge


def begin_debit(account: Account, intent: Body, method: Body, mandate: Body) -> Body:
    """A SEPA debit that has been sent to the bank."""
    charge = _create(account, intent, method, "pending", mandate=mandate["id"])
    charge.update(
        captured=True,
        outcome=_outcome("approved_by_network", "authorized", "Payment pending."),
    )
    account.change(charge, "charge.pending")
    if account.setting("debits_booked_at_once"):
        book(account, charge)
    return charge


def settle_debit(account: Account, charge: Body) -> Body:
    """The bank has paid."""
    return account.change(
        charge,
        "charge.succeeded",
        status="succeeded",
        paid=True,
        amount_captured=charge["amount"],
    )


def fail_debit(account: Account, charge: Body) -> Body:
    """The bank has refused; what was booked already goes back."""
    returned = None
    if charge["balance_transaction"]:
        returned = balance.book_debit_failure(account, charge)["id"]
    return account.change(
        charge,
        "charge.failed",
        status="failed",
        failure_balance_transaction=returned,
        failure_code="insufficient_funds",
        failure_message=DEBIT_FAILED,
    )


def book_when_due(account: Account, charge: Body) -> None:
    """Stripe books the fee after `charge.succeeded`: at once, or late when that is asked for."""
    late = account.setting("late_fees")
    if late:
        account.schedule("book_fee", charge["id"], account.now() + late)
    else:
        book(account, charge)


def book(account: Account, charge: Body) -> None:
    """Give a charge its balance transaction and tell of it."""
    if charge["balance_transaction"] is None:
        row = balance.book_charge(account, charge)
        account.change(charge, "charge.updated", balance_transaction=row["id"])


def method_of(charge: Body) -> str:
    """The type of the method a charge was paid with."""
    return str(charge["payment_method_details"]["type"])


def _create(account: Account, intent: Body, method: Body, status: str, **details: Any) -> Body:
    charge = account.add(
        "charge",
        "ch" if method["type"] == "card" else "py",
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=methods.charge_details(method, **details),
        billing_details=method["billing_details"],
        calculated_statement_descriptor="LOCAL ORGANISATION",
        receipt_email=intent["receipt_email"],
        status=status,
    )
    charge["receipt_url"] = f"{account.settings.address}/_sandbox/receipts/{charge['id']}"
    return charge


def _outcome(network_status: str, kind: str, message: str) -> Body:
    outcome = blanks.blank_part("charge", "outcome")
    outcome.update(
        network_status=network_status,
        risk_level="normal",
        seller_message=message,
        type=kind,
    )
    return outcome
