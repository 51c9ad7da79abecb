"""Doing the same thing many times at once, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(times: int, work: Callable[[int], Any]) -> list[Any]:
    """Call `work(number)` in `times` threads that start together; return what they returned."""
    start = Barrier(times)

    def one(number: int) -> Any:
        start.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
