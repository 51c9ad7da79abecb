"""What Stripe's objects say, in our words. Pure: plain dicts go in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from payments.movements import Movement, moment, moment_or_none, movements_of

METHODS = ["card", "bancontact", "ideal", "sepa_debit"]
DELAYED = {"sepa_debit"}
PLAN_STATUS = {
    "incomplete": "starting",
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "canceled": "ended",
    "incomplete_expired": "ended",
}


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
class Attempt:
    """The newest of Stripe's tries to be paid what a plan promised."""

    invoice_id: str
    number: int
    again_at: datetime | None  # None: it was the last


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
    attempt: Attempt | None = None
    movements: list[Movement] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Promise:
    """A subscription, as it stands now."""

    id: str
    status: str  # starting | active | past_due | paused | ended
    amount: int
    currency: str
    customer: str
    checkout_id: str
    started_at: datetime
    ended_at: datetime | None
    interval: str = "month"
    method: str = ""  # "": not told
    next_at: datetime | None = None
    resumes_at: datetime | None = None
    cancels_at: datetime | None = None
    was_cancelled: bool = False  # by somebody, not because nothing was paid


@dataclass(frozen=True)
class Method:
    """A way to pay that a customer has entered."""

    id: str
    created_at: datetime


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
    is_renewal = bool(plan) and invoice["billing_reason"] != "subscription_create"
    attempt = attempt_from(invoice) if is_renewal else None
    return Payment(
        id=intent["id"],
        status=status_of(intent, method, attempt),
        amount=intent["amount"],
        currency=intent["currency"].upper(),
        method=known_method(method),
        customer=intent["customer"] or "",
        checkout_id=intent["metadata"].get("checkout", ""),
        plan_id=plan.get("subscription") or "",
        is_renewal=is_renewal,
        given_at=given_at,
        settled_at=settled_at(charge, method, given_at),
        attempt=attempt,
        movements=list(movements_of(intent, charge, disputes)),
        disputes=[dispute["id"] for dispute in disputes],
    )


def plan_of_invoice(invoice: dict[str, Any]) -> dict[str, Any]:
    return (invoice.get("parent") or {}).get("subscription_details") or {}


def method_of(intent: dict[str, Any], charge: dict[str, Any]) -> str:
    error = intent["last_payment_error"] or {}
    details = charge.get("payment_method_details") or error.get("payment_method") or {}
    return details.get("type") or ""


def known_method(name: str) -> str:
    return name if name in METHODS else "other"


def attempt_from(invoice: dict[str, Any]) -> Attempt | None:
    if not invoice["attempt_count"]:
        return None
    again_at = moment_or_none(invoice["next_payment_attempt"])
    return Attempt(invoice["id"], invoice["attempt_count"], again_at)


def status_of(intent: dict[str, Any], method: str, attempt: Attempt | None) -> str:
    if intent["status"] == "requires_payment_method" and intent["last_payment_error"]:
        # A debit is refused days later, when nobody sits before the payment page any more.
        return "failed" if method in DELAYED else "declined"
    if intent["status"] == "requires_action" and attempt is not None:
        # A renewal for which the bank wants to hear the donor, who is not there.
        return "declined"
    known = {"succeeded": "paid", "processing": "processing", "canceled": "cancelled"}
    return known.get(intent["status"], "open")


def settled_at(charge: dict[str, Any], method: str, given_at: datetime) -> datetime | None:
    """Return when the money came: at once, or for a debit when Stripe booked it."""
    if method not in DELAYED:
        return given_at
    booked = charge.get("balance_transaction")
    at = moment(booked["created"]) if booked else given_at
    return at if at > given_at else None


def promise_from(subscription: dict[str, Any]) -> Promise:
    items = subscription["items"]["data"]
    pause = subscription["pause_collection"] or {}
    return Promise(
        id=subscription["id"],
        status=status_of_plan(subscription),
        # Ours have a plain amount; other people's may be priced in ways that have none.
        amount=sum((item["price"]["unit_amount"] or 0) * item.get("quantity", 1) for item in items),
        currency=subscription["currency"].upper(),
        customer=subscription["customer"],
        checkout_id=subscription["metadata"].get("checkout", ""),
        started_at=moment(subscription["start_date"]),
        ended_at=moment_or_none(subscription["ended_at"]),
        interval=interval_of(items),
        method=method_of_plan(subscription),
        next_at=next_at(subscription, items),
        resumes_at=moment_or_none(pause.get("resumes_at")),
        cancels_at=moment_or_none(subscription["cancel_at"]),
        was_cancelled=reason_of_end(subscription) == "cancellation_requested",
    )


def status_of_plan(subscription: dict[str, Any]) -> str:
    status = PLAN_STATUS.get(subscription["status"], "past_due")
    is_paused = subscription["pause_collection"] and status in {"active", "past_due"}
    return "paused" if is_paused else status


def interval_of(items: list[dict[str, Any]]) -> str:
    recurring = (items[0]["price"].get("recurring") if items else None) or {}
    return "year" if recurring.get("interval") == "year" else "month"


def method_of_plan(subscription: dict[str, Any]) -> str:
    """Return how the next payment is made, or "" where only its id was told, or nothing."""
    method = subscription["default_payment_method"]
    return known_method(method["type"]) if isinstance(method, dict) else ""


def next_at(subscription: dict[str, Any], items: list[dict[str, Any]]) -> datetime | None:
    """Return when money is to come again: never once it has ended, or is about to."""
    ends = [item["current_period_end"] for item in items]
    until = subscription["cancel_at"]
    if subscription["ended_at"] or not ends or (until and until <= min(ends)):
        return None
    return moment(min(ends))


def reason_of_end(subscription: dict[str, Any]) -> str:
    return (subscription["cancellation_details"] or {}).get("reason") or ""


def default_method_from(customer: dict[str, Any]) -> Method | None:
    """Return the way to pay that a customer chose for what is to come."""
    method = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return method_from(method) if method else None


def method_from(method: dict[str, Any]) -> Method:
    return Method(id=method["id"], created_at=moment(method["created"]))
