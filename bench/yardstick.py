"""Serving the yardstick beside what is measured."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from bench import load, servers
from bench.result import Result

CONNECTIONS = 16
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
NAME = "bare view, one insert"
TABLE = "CREATE TABLE bench_bare (id bigserial PRIMARY KEY, email text NOT NULL)"


@contextmanager
def bare(environment: dict[str, str]) -> Iterator[int]:
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(TABLE)
    with servers.web(
        environment, "bench.bare:application", DJANGO_SETTINGS_MODULE="bench.bare_settings"
    ) as port:
        yield port


def insert(port: int, connections: int = CONNECTIONS) -> load.Load:
    message = load.request("/insert/", b"", {})
    return load.run(port, lambda: message, good=b" 200 ", seconds=SECONDS, connections=connections)


def beside(
    environment: dict[str, str], name: str, make: Callable[[], bytes], *, good: bytes
) -> Result:
    """Measure what `make` asks of Soutien, taking turns with the yardstick."""
    with (
        servers.web(environment, "crm.wsgi:application") as port,
        bare(environment) as bare_port,
    ):
        ours, theirs = load.take_turns(
            lambda: load.run(port, make, good=good, seconds=SECONDS, connections=CONNECTIONS),
            lambda: insert(bare_port),
        )
    details = {
        "p99_ms": round(ours.p99, 1),
        "failed": ours.failed,
        "bare": round(theirs.per_second, 1),
        "bare_failed": theirs.failed,
    }
    ratio = round(ours.per_second / theirs.per_second, 3)
    return Result(name, round(ours.per_second, 1), "1/s", NAME, ratio, details)
