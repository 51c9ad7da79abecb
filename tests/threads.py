"""Doing things at the same moment, each on a database connection of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(work: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
    """Call `work` with each of the arguments, in threads that start together."""
    given = list(arguments)
    start = Barrier(len(given))

    def one(argument: Any) -> Any:
        start.wait()
        try:
            return work(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(one, given))
