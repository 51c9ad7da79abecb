"""Serving the yardstick beside what is measured."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench import load, servers

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


def insert(port: int) -> load.Load:
    message = load.request("/insert/", b"", {})
    return load.run(port, lambda: message, good=b" 200 ", seconds=SECONDS, connections=CONNECTIONS)
