"""Balance transactions: what every movement of money costs and leaves."""

from typing import Any

from payments.sandbox import money, periods
from payments.sandbox.account import Account
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

# What comes in is held back for a week; what goes out is gone at once.
AVAILABLE_AFTER = 7 * 86_400
# Cards are charges and refunds; every other method is a payment in Stripe's reports.
TYPES = {"charge": ("charge", "payment"), "refund": ("refund", "payment_refund")}


def book_charge(account: Account, charge: Body) -> Body:
    """The money of a successful charge, less the fee of its method."""
    method = charge["payment_method_details"]["type"]
    amount, rate = money.settled(charge["amount"], charge["currency"])
    return _book(
        account,
        amount=amount,
        fee=money.fee(amount, method),
        exchange_rate=rate,
        source=charge["id"],
        type=_type("charge", method),
        reporting_category="charge",
        description=charge["description"],
    )


def book_refund(account: Account, refund: Body, charge: Body) -> Body:
    """The money of a refund; Stripe keeps the fee of the charge."""
    amount, rate = money.settled(refund["amount"], refund["currency"])
    return _book(
        account,
        amount=-amount,
        fee=0,
        exchange_rate=rate,
        source=refund["id"],
        type=_type("refund", charge["payment_method_details"]["type"]),
        reporting_category="refund",
        description=f"REFUND FOR {charge['description'] or 'CHARGE'}",
    )


def book_refund_failure(account: Account, refund: Body) -> Body:
    """The money of a refund that came back."""
    amount, rate = money.settled(refund["amount"], refund["currency"])
    return _book(
        account,
        amount=amount,
        fee=0,
        exchange_rate=rate,
        source=refund["id"],
        type="refund_failure",
        reporting_category="refund_failure",
        description="REFUND FAILURE",
    )


def book_debit_failure(account: Account, charge: Body) -> Body:
    """The money of a debit that was booked before the bank refused it, and its fee, go back."""
    booked = account.get("balance_transaction", charge["balance_transaction"])
    return _book(
        account,
        amount=-booked["amount"],
        fee=-booked["fee"],
        exchange_rate=booked["exchange_rate"],
        source=charge["id"],
        type="payment_failure_refund",
        reporting_category="charge_failure",
        description="Payment failure refund",
    )


def book_fee(account: Account, amount: int, description: str) -> Body:
    """What Stripe charges the account itself; it belongs to no payment."""
    return _book(
        account,
        amount=-amount,
        fee=0,
        type="stripe_fee",
        reporting_category="fee",
        description=description,
    )


def book_payout(account: Account, payout: Body) -> Body:
    """The money that leaves for the bank."""
    return _book_payout(account, payout, -payout["amount"], "payout", "STRIPE PAYOUT")


def book_payout_failure(account: Account, payout: Body) -> Body:
    """The money the bank sent back; it is available at once."""
    row = _book_payout(account, payout, payout["amount"], "payout_failure", "Payout failure")
    return account.change(row, available_on=account.now())


def _book_payout(account: Account, payout: Body, amount: int, kind: str, words: str) -> Body:
    return _book(
        account,
        amount=amount,
        fee=0,
        source=payout["id"],
        type=kind,
        reporting_category="payout" if kind == "payout" else "payout_reversal",
        description=words,
    )


def book_dispute(account: Account, dispute: Body, method: str, *, reinstated: bool) -> Body:
    """The money (and the fee) a dispute takes, or gives back when it is won."""
    amount, rate = money.settled(dispute["amount"], dispute["currency"])
    return _book(
        account,
        amount=amount if reinstated else -amount,
        fee=0 if reinstated else money.DISPUTE_FEES.get(method, 0),
        exchange_rate=rate,
        source=dispute["id"],
        type="adjustment",
        reporting_category="dispute_reversal" if reinstated else "dispute",
        description=f"Chargeback {'reversal' if reinstated else 'withdrawal'} for"
        f" {dispute['charge']}",
    )


def summary(account: Account) -> Body:
    """`/v1/balance`: what is available and what is still pending."""
    totals = {"available": 0, "pending": 0}
    for row in account.store.newest_first("balance_transaction"):
        totals[current(account, row)["status"]] += row["net"]
    body = blanks.blank("balance")
    for name, amount in totals.items():
        part = blanks.blank_part("balance", name)
        part.update(amount=amount, currency=money.SETTLEMENT)
        part.pop("source_types", None)
        body[name] = [part]
    return body


def current(account: Account, row: Body) -> Body:
    """A balance transaction with its status by the clock."""
    row["status"] = "available" if row["available_on"] <= account.now() else "pending"
    return row


def _type(kind: str, method: str) -> str:
    card, other = TYPES[kind]
    return card if method == "card" else other


def _book(account: Account, *, amount: int, fee: int, **values: Any) -> Body:
    details = []
    if fee:
        detail = blanks.blank_part("balance_transaction", "fee_details")
        detail.update(
            amount=fee,
            currency=money.SETTLEMENT,
            description="Stripe processing fees",
            type="stripe_fee",
        )
        details.append(detail)
    available_on = account.now() + (AVAILABLE_AFTER if amount > 0 else 0)
    row = account.add(
        "balance_transaction",
        "txn",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=money.SETTLEMENT,
        fee_details=details,
        balance_type="payments",
        available_on=available_on,
        status="pending",
        **values,
    )
    # Should payouts be daily, this is the night that takes the line along.
    account.schedule("pay_out", row["id"], periods.midnight_after(available_on))
    return row
