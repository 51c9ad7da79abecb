"""What answers a call of the API, and how it is found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.store import Body


@dataclass
class Call:
    """One request that has passed the referee."""

    account: Account
    path: str
    ids: list[str]
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The first id in the path."""
        return self.ids[0]


Answerer = Callable[[Call], Body]
ANSWERERS: dict[tuple[str, str], Answerer] = {}


def answers(method: str, path: str) -> Callable[[Answerer], Answerer]:
    """Register what answers a route, named as the Stripe package names it."""

    def register(function: Answerer) -> Answerer:
        ANSWERERS[method, path] = function
        return function

    return register
