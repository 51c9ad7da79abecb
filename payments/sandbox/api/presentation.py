"""Objects as Stripe shows them: public fields, lists in pages, expanded where asked."""

from collections.abc import Callable, Iterable
from typing import Any

from payments.sandbox import balance
from payments.sandbox.account import Account, public
from payments.sandbox.checkout import sessions
from payments.sandbox.errors import StripeError
from payments.sandbox.referee import answers
from payments.sandbox.referee.shapes import Expandable, ListOf, Maybe, Record, Shape, fields
from payments.sandbox.referee.source import ClassRef
from payments.sandbox.store import Body

DEEPEST = 4
# A list inside an object is its first page.
SHOWN_INSIDE = 10


def shown(account: Account, body: Body) -> Body:
    """A copy of the object for the outside."""
    if body["object"] == "balance_transaction":
        return balance.current(account, public(body))
    return public(body)


def listed(url: str, items: Iterable[Body], *, more: bool = False) -> Body:
    """Stripe's list object."""
    return {"object": "list", "data": list(items), "has_more": more, "url": url}


def expand(account: Account, body: Body, paths: list[str]) -> Body:
    """Put objects in the place of their ids along every path."""
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST:
            raise StripeError(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        _walk(account, body, _class_of(body), names, path)
    return body


def _walk(
    account: Account, holder: Body, ref: ClassRef | None, names: list[str], path: str
) -> None:
    if holder.get("object") == "list":
        _walk_list(account, holder, names, path)
        return
    name, *rest = names
    include = INCLUDED.get((str(holder.get("object")), name))
    if include and name not in holder:
        holder[name] = include(account, holder)
    shape = _shape_of(ref, name, path)
    holder[name] = _expanded(account, holder.get(name), shape, path)
    for value in _hashes(holder[name]):
        if rest:
            _walk(account, value, _class_of(value) or _record_of(shape), rest, path)


def _walk_list(account: Account, holder: Body, names: list[str], path: str) -> None:
    if names[0] != "data":
        raise _not_expandable(path, f". You may want to try expanding 'data.{path}' instead.")
    for item in holder["data"]:
        if names[1:]:
            _walk(account, item, _class_of(item), names[1:], path)


def _expanded(account: Account, value: Any, shape: Shape, path: str) -> Any:
    if not isinstance(value, str):
        return value
    if not isinstance(_inner(shape), Expandable):
        raise _not_expandable(path)
    found = account.store.load(value)
    return shown(account, found) if found else value


def _hashes(value: Any) -> list[Body]:
    candidates = value if isinstance(value, list) else [value]
    return [candidate for candidate in candidates if isinstance(candidate, dict)]


def _class_of(body: Body) -> ClassRef | None:
    return answers.resource(str(body.get("object")))


def _shape_of(ref: ClassRef | None, name: str, path: str) -> Shape:
    known = fields(ref) if ref else {}
    if name not in known:
        raise _not_expandable(path)
    return known[name].shape


def _inner(shape: Shape) -> Shape:
    while isinstance(shape, Maybe | ListOf):
        shape = shape.inner if isinstance(shape, Maybe) else shape.item
    return shape


def _record_of(shape: Shape) -> ClassRef | None:
    inner = _inner(shape)
    return inner.ref if isinstance(inner, Record) else None


def _not_expandable(path: str, hint: str = "") -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}){hint}", param="expand")


def _payments(account: Account, invoice: Body) -> Body:
    found = account.find("invoice_payment", invoice=invoice["id"])
    url = f"/v1/invoice_payments?invoice={invoice['id']}"
    return listed(url, [public(payment) for payment in found])


def _refunds(account: Account, charge: Body) -> Body:
    found = account.find("refund", charge=charge["id"])
    shown_here = [public(refund) for refund in found[:SHOWN_INSIDE]]
    url = f"/v1/charges/{charge['id']}/refunds"
    return listed(url, shown_here, more=len(found) > SHOWN_INSIDE)


def _line_items(account: Account, session: Body) -> Body:
    kept = account.get("checkout.session", session["id"])
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return listed(url, sessions.line_items(kept))


INCLUDED: dict[tuple[str, str], Callable[[Account, Body], Body]] = {
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): _line_items,
    ("invoice", "payments"): _payments,
}
