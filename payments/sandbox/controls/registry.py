"""What Stripe has no address for, under /_sandbox/: how such an address is found."""

import re
from collections.abc import Callable
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError

Control = Callable[[Account, list[str], Any], Any]
CONTROLS: list[tuple[str, re.Pattern[str], Control]] = []


def control(method: str, path: str) -> Callable[[Control], Control]:
    """Register one address."""

    def register(function: Control) -> Control:
        pattern = re.compile("/_sandbox" + path.replace("{}", "([^/]+)"))
        CONTROLS.append((method, pattern, function))
        return function

    return register


def perform(account: Account, method: str, path: str, given: Any) -> Any:
    """Do what an address stands for; what it answers is JSON, as values or as text."""
    for known, pattern, function in CONTROLS:
        found = pattern.fullmatch(path)
        if found and known == method:
            with account.store.transaction():
                return function(account, list(found.groups()), given)
    raise StripeError(f"No such control: {method} {path}", status=404)
