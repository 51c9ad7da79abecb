"""What Stripe's objects say, in our words. Pure: plain dicts go in."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

METHODS = ["card", "bancontact", "ideal", "sepa_debit"]
DELAYED = {"sepa_debit"}
PLAN_STATUS = {
    "incomplete": "starting",
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "ended",
    "incomplete_expired": "ended",
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Signal:
    """An event, reduced to what we keep of it."""

    id: str
    type: str
    object_id: str
    created_at: datetime


@dataclass(frozen=True)
class Session:
    """A hosted payment page, and what it led to."""

    id: str
    url: str
    status: str  # open | complete | expired
    checkout_id: str
    payment_id: str
    plan_id: str
    invoice_id: str
    is_paid: bool


@dataclass(frozen=True)
class Movement:
    """Money that came, was kept or went back; signed, in the payment's currency."""

    reference: str
    kind: str  # fee | refund | dispute | reversal
    amount: int
    at: datetime


@dataclass(frozen=True)
class Payment:
    """One amount to be paid, over as many attempts as it takes, as it stands now."""

    id: str
    status: str  # open | processing | paid | declined | failed | cancelled
    amount: int
    currency: str
    method: str
    customer: str
    checkout_id: str
    plan_id: str
    is_renewal: bool
    given_at: datetime
    settled_at: datetime | None  # None: not told, or not yet
    movements: list[Movement] = field(default_factory=list)


@dataclass(frozen=True)
class Promise:
    """A subscription, as it stands now."""

    id: str
    status: str  # starting | active | past_due | ended
    amount: int
    currency: str
    customer: str
    checkout_id: str
    started_at: datetime
    ended_at: datetime | None


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def signal_from(event: dict[str, Any]) -> Signal:
    """Read a snapshot event or a thin one; a thin one's type begins with `v1.`."""
    if event["object"] == "v2.core.event":
        subject = event.get("related_object") or {}
        created_at = datetime.fromisoformat(event["created"])
    elif event["object"] == "event":
        subject = event["data"]["object"]
        created_at = moment(event["created"])
    else:
        raise ValueError(event["object"])
    return Signal(
        id=str(event["id"])[:120],
        type=str(event["type"]).removeprefix("v1.")[:80],
        object_id=str(subject.get("id") or "")[:120],
        created_at=created_at,
    )


def session_from(session: dict[str, Any]) -> Session:
    return Session(
        id=session["id"],
        url=session["url"] or "",
        status=session["status"],
        checkout_id=(session["metadata"] or {}).get("checkout", ""),
        payment_id=session["payment_intent"] or "",
        plan_id=session["subscription"] or "",
        invoice_id=session["invoice"] or "",
        is_paid=session["payment_status"] == "paid",
    )


def payment_from(
    intent: dict[str, Any],
    charge: dict[str, Any],
    invoice: dict[str, Any],
    disputes: list[dict[str, Any]],
) -> Payment:
    plan = plan_of_invoice(invoice)
    method = method_of(intent, charge)
    given_at = moment(charge.get("created") or intent["created"])
    return Payment(
        id=intent["id"],
        status=status_of(intent, method),
        amount=intent["amount"],
        currency=intent["currency"].upper(),
        method=method if method in METHODS else "other",
        customer=intent["customer"] or "",
        checkout_id=intent["metadata"].get("checkout", ""),
        plan_id=plan.get("subscription") or "",
        is_renewal=bool(plan) and invoice["billing_reason"] != "subscription_create",
        given_at=given_at,
        settled_at=settled_at(charge, method, given_at),
        movements=list(movements_of(charge, disputes)),
    )


def plan_of_invoice(invoice: dict[str, Any]) -> dict[str, Any]:
    return (invoice.get("parent") or {}).get("subscription_details") or {}


def method_of(intent: dict[str, Any], charge: dict[str, Any]) -> str:
    error = intent["last_payment_error"] or {}
    details = charge.get("payment_method_details") or error.get("payment_method") or {}
    return details.get("type") or ""


def status_of(intent: dict[str, Any], method: str) -> str:
    if intent["status"] == "requires_payment_method" and intent["last_payment_error"]:
        # A debit is refused days later, when nobody sits before the payment page any more.
        return "failed" if method in DELAYED else "declined"
    known = {"succeeded": "paid", "processing": "processing", "canceled": "cancelled"}
    return known.get(intent["status"], "open")


def settled_at(charge: dict[str, Any], method: str, given_at: datetime) -> datetime | None:
    """Return when the money came: at once, or for a debit when Stripe booked it."""
    if method not in DELAYED:
        return given_at
    booked = charge.get("balance_transaction")
    at = moment(booked["created"]) if booked else given_at
    return at if at > given_at else None


def movements_of(charge: dict[str, Any], disputes: list[dict[str, Any]]) -> Iterator[Movement]:
    if charge.get("balance_transaction"):
        yield from fee_of(charge["balance_transaction"], charge["currency"])
    for refund in (charge.get("refunds") or {}).get("data", []):
        yield from movements_of_refund(refund)
    for dispute in disputes:
        for booked in dispute["balance_transactions"]:
            yield from movements_of_dispute(booked, dispute["currency"])


def fee_of(booked: dict[str, Any], currency: str) -> Iterator[Movement]:
    if booked["currency"] != currency:
        logger.warning("%s is in another currency: its fee awaits reconciliation", booked["id"])
    elif booked["fee"]:
        yield Movement(
            f"stripe:{booked['id']}:fee", "fee", -booked["fee"], moment(booked["created"])
        )


def movements_of_refund(refund: dict[str, Any]) -> Iterator[Movement]:
    booked, undone = refund["balance_transaction"], refund.get("failure_balance_transaction")
    if not booked and refund["status"] != "succeeded":
        return
    reference, at = f"stripe:{refund['id']}", moment(refund["created"])
    yield Movement(reference, "refund", -refund["amount"], at)
    if booked:
        yield from fee_of(booked, refund["currency"])
    if refund["status"] in {"failed", "canceled"}:
        at = moment(undone["created"]) if undone else at
        yield Movement(f"{reference}:undone", "reversal", refund["amount"], at)


def movements_of_dispute(booked: dict[str, Any], currency: str) -> Iterator[Movement]:
    if booked["currency"] == currency and booked["amount"]:
        kind = "dispute" if booked["amount"] < 0 else "reversal"
        at = moment(booked["created"])
        yield Movement(f"stripe:{booked['id']}", kind, booked["amount"], at)
    yield from fee_of(booked, currency)


def promise_from(subscription: dict[str, Any]) -> Promise:
    items = subscription["items"]["data"]
    ended = subscription["ended_at"]
    return Promise(
        id=subscription["id"],
        status=PLAN_STATUS.get(subscription["status"], "past_due"),
        # Ours have a plain amount; other people's may be priced in ways that have none.
        amount=sum((item["price"]["unit_amount"] or 0) * item.get("quantity", 1) for item in items),
        currency=subscription["currency"].upper(),
        customer=subscription["customer"],
        checkout_id=subscription["metadata"].get("checkout", ""),
        started_at=moment(subscription["start_date"]),
        ended_at=moment(ended) if ended else None,
    )
