"""Disputes: the payer goes to the bank to get the money back."""

from payments.sandbox import balance, charges
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

OPEN = {"needs_response", "under_review"}
INQUIRY = "warning_needs_response"
ANSWER_WITHIN = 9 * 86_400


def create(
    account: Account, charge: Body, reason: str | None = None, *, inquiry: bool = False
) -> Body:
    """What is left of the charge is disputed and withdrawn; an inquiry only asks a question."""
    if charge["status"] != "succeeded" or charge["disputed"] or charge["refunded"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed.")
    method = charges.method_of(charge)
    dispute = account.add(
        "dispute",
        "du",
        amount=charge["amount"] - charge["amount_refunded"],
        charge=charge["id"],
        currency=charge["currency"],
        evidence_details=_evidence_details(account),
        is_charge_refundable=inquiry,
        payment_intent=charge["payment_intent"],
        reason=reason or ("fraudulent" if method == "card" else "debit_not_authorized"),
        status=INQUIRY if inquiry else "needs_response",
    )
    if method == "card":
        card = blanks.blank_part("dispute", "payment_method_details", "card")
        card.update(brand="visa", case_type="chargeback", network_reason_code="10")
        dispute["payment_method_details"] = {"type": "card", "card": card}
    account.change(charge, "charge.updated", disputed=True)
    account.change(dispute, "charge.dispute.created")
    if not inquiry:
        _book(account, dispute, method, "charge.dispute.funds_withdrawn", reinstated=False)
    return dispute


def escalate(account: Account, dispute: Body) -> Body:
    """The answer to an inquiry did not please the payer: now it is a dispute."""
    if dispute["status"] != INQUIRY:
        raise StripeError(f"Dispute {dispute['id']} is no open inquiry.")
    method = charges.method_of(account.get("charge", dispute["charge"]))
    changes = {"status": "needs_response", "is_charge_refundable": False}
    account.change(dispute, "charge.dispute.updated", **changes)
    _book(account, dispute, method, "charge.dispute.funds_withdrawn", reinstated=False)
    return dispute


def close(account: Account, dispute: Body, status: str) -> Body:
    """The bank has decided; a dispute that is won brings the money back."""
    if dispute["status"] == INQUIRY:
        return account.change(dispute, "charge.dispute.closed", status="warning_closed")
    if dispute["status"] not in OPEN:
        raise StripeError(f"Dispute {dispute['id']} is already closed.")
    if status == "won":
        method = charges.method_of(account.get("charge", dispute["charge"]))
        dispute.update(status=status, is_charge_refundable=True)
        _book(account, dispute, method, "charge.dispute.funds_reinstated", reinstated=True)
    return account.change(dispute, "charge.dispute.closed", status=status)


def _book(account: Account, dispute: Body, method: str, event: str, *, reinstated: bool) -> None:
    row = balance.book_dispute(account, dispute, method, reinstated=reinstated)
    rows = [*dispute["balance_transactions"], row]
    account.change(dispute, event, balance_transactions=rows)


def _evidence_details(account: Account) -> Body:
    details = blanks.blank_part("dispute", "evidence_details")
    details.update(due_by=account.now() + ANSWER_WITHIN)
    details["enhanced_eligibility"] = {}
    return details
