"""Blank objects: every field of a response class with its emptiest value."""

import functools
from typing import Any

from payments.sandbox.referee import answers
from payments.sandbox.referee.copies import copied
from payments.sandbox.referee.shapes import (
    Choice,
    ListOf,
    MapOf,
    Maybe,
    OneOf,
    PageOf,
    Record,
    Scalar,
    Shape,
    fields,
)
from payments.sandbox.referee.source import ClassRef

# Fields Stripe leaves out of the answer until they are asked for or have happened.
ABSENT = {
    "Charge": {"refunds", "source"},
    "Customer": {
        "cash_balance",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "Event": {"account", "context"},
    "Event.Data": {"previous_attributes"},
    "Invoice": {"payments"},
    "Price": {"currency_options", "tiers"},
    "Plan": {"tiers"},
    "Session": {"line_items"},
    "WebhookEndpoint": {"secret"},
}

EMPTY_SCALARS: dict[str, Any] = {"str": "", "bool": False, "int": 0, "float": 0, "Decimal": "0"}


def blank(kind: str) -> dict[str, Any]:
    """A complete, valid-as-possible object of that type; the caller fills in what matters."""
    ref = answers.resource(kind)
    if ref is None:
        raise LookupError(f"the stripe package knows no object {kind!r}")
    return copied(_blank_record(ref))


def blank_part(kind: str, *path: str) -> dict[str, Any]:
    """A blank of a hash nested in an object, e.g. `"charge", "payment_method_details", "card"`."""
    ref = answers.resource(kind)
    for name in path:
        ref = _record_of(fields(ref)[name].shape) if ref else None
    if ref is None:
        raise LookupError(f"{kind} has no hash at {'.'.join(path)}")
    return copied(_blank_record(ref))


def _record_of(shape: Shape) -> ClassRef | None:
    while isinstance(shape, Maybe | ListOf):
        shape = shape.inner if isinstance(shape, Maybe) else shape.item
    return shape.ref if isinstance(shape, Record) else None


@functools.cache
def _blank_record(ref: ClassRef) -> dict[str, Any]:
    absent = ABSENT.get(ref.name, set()) | {"deleted"}
    known = fields(ref)
    ordered = ["id", *known] if "id" in known else list(known)
    return {name: _blank(known[name].shape) for name in ordered if name not in absent}


def _blank(shape: Shape) -> Any:
    match shape:
        case Scalar():
            return EMPTY_SCALARS.get(shape.name)
        case Choice():
            return shape.values[0]
        case OneOf():
            return _blank(shape.options[0])
        case ListOf():
            return []
        case MapOf():
            return {}
        case Record():
            return copied(_blank_record(shape.ref))
        case PageOf():
            return {"object": "list", "data": [], "has_more": False, "url": ""}
    return None
