"""What Stripe's balance says of a payment's money, in our words. Pure: plain dicts go in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Movement:
    """Money that came, was kept or went back; signed.

    A fee is in the currency of Stripe's balance; the rest in that of the payment, with the
    `settled_amount` that the balance knows it by where its currency is another one. So what a
    transaction moved there is the sum of its movements' settled amounts, or else amounts.
    """

    reference: str
    kind: str  # payment | fee | refund | dispute | reversal
    amount: int
    at: datetime
    currency: str
    transaction_id: str = ""
    settled_amount: int | None = None


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    return moment(seconds) if seconds else None


def movements_of(
    intent: dict[str, Any], charge: dict[str, Any], disputes: list[dict[str, Any]]
) -> Iterator[Movement]:
    booked = charge.get("balance_transaction")
    if booked:
        reference, at = f"stripe:{intent['id']}:payment", moment(booked["created"])
        yield moved(reference, "payment", charge["amount"], charge["currency"], at, booked)
        yield from fee_of(booked)
    for refund in (charge.get("refunds") or {}).get("data", []):
        yield from movements_of_refund(refund)
    for dispute in disputes:
        for booked in dispute["balance_transactions"]:
            yield from movements_of_dispute(booked, dispute)


def moved(
    reference: str,
    kind: str,
    amount: int,
    currency: str,
    at: datetime,
    booked: dict[str, Any] | None,
) -> Movement:
    """Return a movement, with what Stripe's balance says of it as far as it does."""
    if not booked:
        return Movement(reference, kind, amount, at, currency.upper())
    is_converted = booked["currency"] != currency
    settled = booked["amount"] if is_converted else None
    return Movement(reference, kind, amount, at, currency.upper(), booked["id"], settled)


def fee_of(booked: dict[str, Any]) -> Iterator[Movement]:
    if booked["fee"]:
        reference, at = f"stripe:{booked['id']}:fee", moment(booked["created"])
        yield Movement(
            reference, "fee", -booked["fee"], at, booked["currency"].upper(), booked["id"]
        )


def movements_of_refund(refund: dict[str, Any]) -> Iterator[Movement]:
    booked, undone = refund["balance_transaction"], refund.get("failure_balance_transaction")
    if not booked and refund["status"] != "succeeded":
        return
    reference, amount, currency = f"stripe:{refund['id']}", refund["amount"], refund["currency"]
    at = moment(refund["created"])
    yield moved(reference, "refund", -amount, currency, at, booked)
    yield from fee_of(booked) if booked else ()
    if refund["status"] in {"failed", "canceled"}:
        at = moment(undone["created"]) if undone else at
        yield moved(f"{reference}:undone", "reversal", amount, currency, at, undone)
        yield from fee_of(undone) if undone else ()


def movements_of_dispute(booked: dict[str, Any], dispute: dict[str, Any]) -> Iterator[Movement]:
    currency, amount = dispute["currency"], booked["amount"]
    if booked["currency"] != currency:
        amount = dispute["amount"] if amount > 0 else -dispute["amount"]
    if booked["amount"]:
        kind = "dispute" if amount < 0 else "reversal"
        at = moment(booked["created"])
        yield moved(f"stripe:{booked['id']}", kind, amount, currency, at, booked)
    yield from fee_of(booked)
