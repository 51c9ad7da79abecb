"""One measure at two sizes of the demo, the sides taking turns."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from bench import servers

SMALL, LARGE = 102_911, 1_000_000
ROUNDS = 5
# Addresses of databases with the demo in them, to measure again without loading it again.
LOADED = ("BENCH_SMALL_URL", "BENCH_LARGE_URL")


def medians(module: str, figure: Callable[[list[float]], float]) -> tuple[float, float]:
    """Return a figure of what a module prints as JSON, with few and with many signatures."""
    with databases(LARGE) as sides:
        rounds = [[figure(printed(module, side)) for side in sides] for _ in range(ROUNDS)]
    few, many = (statistics.median(side) for side in zip(*rounds, strict=True))
    return few, many


@contextmanager
def databases(large: int) -> Iterator[list[dict[str, str]]]:
    """Yield the environments of a small demo and of a large one."""
    with ExitStack() as stack:
        sides = []
        for name, number in zip(LOADED, (SMALL, large), strict=True):
            if address := os.environ.get(name):
                sides.append({**os.environ, **servers.PRODUCTION, "DATABASE_URL": address})
                continue
            sides.append(stack.enter_context(servers.database()))
            servers.manage(sides[-1], "demo", "--signatures", str(number))
            vacuum(sides[-1]["DATABASE_URL"])
        yield sides


def vacuum(address: str) -> None:
    """What the database does by itself within minutes, and would do while it is measured."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def printed(module: str, environment: dict[str, str]) -> list[float]:
    done = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-m", module],
        cwd=servers.ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    return json.loads(done.stdout)
