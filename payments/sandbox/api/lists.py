"""Lists: filtered, newest first, in pages."""

from collections.abc import Callable, Iterator
from typing import Any

from payments.sandbox import errors
from payments.sandbox.account import Account
from payments.sandbox.api.presentation import listed, shown
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

PAGING = {"limit", "starting_after", "ending_before", "expand", "created"}
DEFAULT_LIMIT, HIGHEST_LIMIT = 10, 100

Filter = Callable[[Body, Any], bool]


def field(*path: str) -> Filter:
    """Whether the value at a path is the one asked for."""

    def matches(body: Body, wanted: Any) -> bool:
        value: Any = body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return bool(value == wanted)

    return matches


def page(
    account: Account, kind: str, url: str, params: dict[str, Any], filters: dict[str, Filter]
) -> Body:
    """One page of the objects of a kind."""
    unknown = set(params) - PAGING - set(filters)
    if unknown:
        raise errors.not_covered(f"listing {url} by {', '.join(sorted(unknown))}")
    limit = _limit(params)
    found = _matching(account, kind, params, filters)
    if "ending_before" in params:
        items, more = _before(account, found, params["ending_before"], limit)
    else:
        items, more = _first(found, limit)
    return listed(url, [shown(account, item) for item in items], more=more)


def _matching(
    account: Account, kind: str, params: dict[str, Any], filters: dict[str, Filter]
) -> Iterator[Body]:
    below = None
    if "starting_after" in params:
        below = _place(account, params["starting_after"], "starting_after")
    wanted = [(test, params[name]) for name, test in filters.items() if name in params]
    for body in account.store.newest_first(kind, below=below):
        if in_span(body["created"], params.get("created")) and all(t(body, v) for t, v in wanted):
            yield body


def _first(found: Iterator[Body], limit: int) -> tuple[list[Body], bool]:
    items: list[Body] = []
    for body in found:
        if len(items) == limit:
            return items, True
        items.append(body)
    return items, False


def _before(
    account: Account, found: Iterator[Body], cursor: str, limit: int
) -> tuple[list[Body], bool]:
    edge = _place(account, cursor, "ending_before")
    items = [body for body in found if (account.store.place(body["id"]) or 0) > edge]
    return items[-limit:], len(items) > limit


def _place(account: Account, object_id: str, param: str) -> int:
    place = account.store.place(object_id)
    if place is None:
        raise errors.missing("object", object_id, param)
    return place


def _limit(params: dict[str, Any]) -> int:
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= HIGHEST_LIMIT:
        raise StripeError(
            f"This value must be between 1 and {HIGHEST_LIMIT}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def in_span(moment: int, span: Any) -> bool:
    """Whether a moment is the one asked for, or lies between those asked for."""
    if span is None:
        return True
    if isinstance(span, int):
        return moment == span
    return bool(
        moment >= span.get("gte", moment)
        and moment <= span.get("lte", moment)
        and moment > span.get("gt", moment - 1)
        and moment < span.get("lt", moment + 1)
    )
