"""Doing things at the same moment, each on a database connection of its own."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections

WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()"""


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


def meanwhile(work: Callable[[], Any]) -> Future[Any]:
    """Begin something on another connection; go on as soon as it waits for us, or has ended."""

    def one() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    begun = pool.submit(one)
    pool.shutdown(wait=False)
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while not begun.done() and time.monotonic() < until:
            # Within a transaction, what is seen of others would never change.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                break
            time.sleep(0.01)
    return begun
