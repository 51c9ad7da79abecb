"""What Stripe lists: what happened since, its plans, its payouts, the lines of its balance.

What a restricted key must be allowed besides what `gateway` names: read on Events, Checkout
Sessions, Balance transactions and Payouts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from payments import objects
from payments.gateway import api, asks_stripe
from payments.objects import Promise, Signal

PAGE = 100  # as many as Stripe gives at once


@dataclass(frozen=True)
class Event:
    """A signal, and the id of what must be followed because of it."""

    signal: Signal
    about: str


@dataclass(frozen=True)
class StripePayout:
    """Money that Stripe sends to the bank, as it stands now."""

    id: str
    amount: int
    currency: str
    status: str  # pending | in_transit | paid | failed | canceled
    created_at: datetime
    arrives_on: date
    has_lines: bool  # Stripe cannot tell what is in a payout that was asked for by hand


@dataclass(frozen=True)
class BalanceLine:
    """One movement in Stripe's balance. `payment_id` is "" for what comes of no payment."""

    id: str
    kind: str
    source: str
    payment_id: str
    amount: int
    fee: int
    net: int
    currency: str
    at: datetime


def page(**asked: Any) -> dict[str, Any]:
    return {"limit": PAGE, **asked}


def since(moment: datetime) -> dict[str, int]:
    return {"gte": int(moment.timestamp())}


def every(found: Any) -> Iterator[dict[str, Any]]:
    """Read a list to its end, page by page."""
    return (row.to_dict() for row in found.auto_paging_iter())


@asks_stripe
def events_since(moment: datetime) -> list[Event]:
    """Return the events since then, newest first. Stripe keeps them for thirty days."""
    found = api().events.list(page(created=since(moment)))
    return [event_from(row) for row in every(found)]


@asks_stripe
def payments_since(moment: datetime) -> list[str]:
    """Return the ids of the payments that began, or whose money moved, since then."""
    asked = page(created=since(moment))
    begun = [row["id"] for row in every(api().payment_intents.list(asked))]
    moved = [
        row.get("payment_intent") or ""
        for kind in (api().charges, api().refunds, api().disputes)
        for row in every(kind.list(asked))
    ]
    return [payment_id for payment_id in dict.fromkeys([*begun, *moved]) if payment_id]


@asks_stripe
def sessions_since(moment: datetime) -> list[str]:
    """Return the ids of the payment pages opened since then that are open no more."""
    found = api().checkout.sessions.list(page(created=since(moment)))
    return [row["id"] for row in every(found) if row["status"] != "open"]


@asks_stripe
def unended_plans() -> dict[str, Promise]:
    """Return every subscription that still binds somebody, by its id."""
    found = (objects.promise_from(row) for row in every(api().subscriptions.list(page())))
    return {promise.id: promise for promise in found if promise.status != "ended"}


@asks_stripe
def payouts_since(moment: datetime) -> list[StripePayout]:
    found = api().payouts.list(page(created=since(moment)))
    return [payout_from(row) for row in every(found)]


@asks_stripe
def fetch_payout(payout_id: str) -> StripePayout:
    return payout_from(api().payouts.retrieve(payout_id).to_dict())


@asks_stripe
def lines_of(payout_id: str) -> list[BalanceLine]:
    """Return what a payout carried to the bank, without the line of the payout itself."""
    asked = page(payout=payout_id, expand=["data.source"])
    found = (line_from(row) for row in every(api().balance_transactions.list(asked)))
    return [line for line in found if line.source != payout_id]


@asks_stripe
def lines_since(moment: datetime) -> list[BalanceLine]:
    asked = page(created=since(moment), expand=["data.source"])
    return [line_from(row) for row in every(api().balance_transactions.list(asked))]


@asks_stripe
def fetch_line(line_id: str) -> BalanceLine:
    found = api().balance_transactions.retrieve(line_id, {"expand": ["source"]})
    return line_from(found.to_dict())


def event_from(event: dict[str, Any]) -> Event:
    signal, subject = objects.signal_from(event), event["data"]["object"]
    is_part = subject["object"] in {"charge", "refund", "dispute"}
    return Event(signal, (is_part and subject["payment_intent"]) or signal.object_id)


def payout_from(payout: dict[str, Any]) -> StripePayout:
    return StripePayout(
        id=payout["id"],
        amount=payout["amount"],
        currency=payout["currency"].upper(),
        status=payout["status"],
        created_at=objects.moment(payout["created"]),
        arrives_on=objects.moment(payout["arrival_date"]).date(),  # midnight in UTC
        has_lines=payout["automatic"],
    )


def line_from(booked: dict[str, Any]) -> BalanceLine:
    source = booked["source"] or ""
    about = source if isinstance(source, dict) else {"id": source}
    return BalanceLine(
        id=booked["id"],
        kind=booked["type"],
        source=about["id"],
        payment_id=payment_behind(about),
        amount=booked["amount"],
        fee=booked["fee"],
        net=booked["net"],
        currency=booked["currency"].upper(),
        at=objects.moment(booked["created"]),
    )


def payment_behind(source: dict[str, Any]) -> str:
    """Return the payment whose money moved. A debit that is under way or failed moved none:

    Stripe books such a one at once, and books it back when the bank refuses it.
    """
    if source.get("object") == "charge" and source["status"] != "succeeded":
        return ""
    return source.get("payment_intent") or ""
