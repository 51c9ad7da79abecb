"""Faults a test has asked for: statuses, lost connections, slow answers."""

import re
from dataclasses import dataclass
from typing import Any

from payments.sandbox.errors import StripeError
from payments.sandbox.store import Store

KNOWN = {
    "method", "path", "times", "after", "status", "stored", "drop", "drop_after", "delay",
    "delay_after",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    status: int | None = None
    stored: bool = False
    drop: bool = False
    drop_after: bool = False
    delay: float = 0
    delay_after: float = 0

    def error(self) -> StripeError | None:
        """The error the request is answered with, if it is."""
        if self.status is None:
            return None
        kind, code = "api_error", None
        if self.status == 429:
            kind, code = "invalid_request_error", "rate_limit"
        return StripeError(
            "An error occurred, because a test asked for it.",
            status=self.status,
            kind=kind,
            code=code,
        )


NO_FAULT = Fault()


class UnknownFault(ValueError):
    """A fault that asks for something there is no such thing as."""


def add(store: Store, wanted: list[dict[str, Any]]) -> None:
    """Let these faults happen to the requests they match."""
    for fault in wanted:
        unknown = set(fault) - KNOWN
        if unknown:
            raise UnknownFault(f"unknown in a fault: {', '.join(sorted(unknown))}")
        re.compile(fault.get("path", ""))
    store.set_fact("faults", [*store.fact("faults", []), *wanted])


def take(store: Store, method: str, path: str) -> Fault:
    """The fault meant for this request; it is used up by it."""
    kept = store.fact("faults", [])
    for number, fault in enumerate(kept):
        if _matches(fault, method, path):
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                store.set_fact("faults", kept)
                continue
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] <= 0:
                del kept[number]
            store.set_fact("faults", kept)
            return _fault(fault)
    return NO_FAULT


def _matches(fault: dict[str, Any], method: str, path: str) -> bool:
    right_method = fault.get("method", method).upper() == method
    return right_method and re.search(fault.get("path", ""), path) is not None


def _fault(given: dict[str, Any]) -> Fault:
    names = ("status", "stored", "drop", "drop_after", "delay", "delay_after")
    return Fault(**{name: given[name] for name in names if name in given})
