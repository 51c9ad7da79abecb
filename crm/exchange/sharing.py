"""Two connections take the pieces of an import: whoever is in one piece is in no other.

What the second one needs of the file is copied into tables of its own session, which end with it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from crm.exchange import staging

Piece = tuple[int, int]
# What takes the pieces for which it is asked, until it is to stop.
Take = Callable[[Iterator[Piece]], None]


def take_all(pieces: list[Piece], take: Take, *, used: set[str]) -> None:
    """Take all pieces, of rows with the fields `used`. Where one hand fails, the other ends with
    the piece that it is at."""
    half = (len(pieces) + 1) // 2
    ours, theirs = pieces[:half], pieces[half:]
    # What an open transaction has written, another connection does not see.
    if not theirs or connection.in_atomic_block:
        take(iter(pieces))
        return
    stop = Event()
    with second_connection(low=theirs[0][0], used=used) as other, ThreadPoolExecutor(1) as pool:
        there = pool.submit(take_there, other, until(stop, theirs), take, stop)
        take_here(until(stop, ours), take, stop, there)


def take_here(pieces: Iterator[Piece], take: Take, stop: Event, there: Future[None]) -> None:
    try:
        take(pieces)
        there.result()
    finally:
        stop.set()


def take_there(other: Any, pieces: Iterator[Piece], take: Take, stop: Event) -> None:
    """Take pieces in a thread, whose connection is the other one."""
    connections[DEFAULT_DB_ALIAS] = other
    try:
        take(pieces)
    except BaseException:
        stop.set()
        raise


def until(stop: Event, pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if stop.is_set():
            return
        yield piece


@contextmanager
def second_connection(*, low: int, used: set[str]) -> Iterator[Any]:
    """Open a connection that has the staged rows of the heads from `low` on."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    other.inc_thread_sharing()
    try:
        staging.copy_to(other, low=low, used=used)
        yield other
    finally:
        other.close()
