"""Durable signatures per second through the public form, beside a bare view with one insert."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from bench import load, servers, signers, yardstick
from bench.result import Result

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000000,10000000").split(",") if size]
NAMES = {1_000_000: "1m", 10_000_000: "10m"}
ATMOST = 4000  # signatures a second, for which forms are written beforehand


def round_of(port: int, ready: signers.Ready, connections: int) -> load.Load:
    """Sign for a while over so many connections."""
    make = ready.fill(int(ATMOST * yardstick.SECONDS))
    return load.run(port, make, good=b" 302 ", seconds=yardstick.SECONDS, connections=connections)


def measure() -> Iterator[Result]:
    with servers.database() as environment:
        servers.manage(environment, "demo", "--signatures", "1000", "--gifts", "100")
        environment |= {"TRUSTED_PROXY_COUNT": "1"}
        with servers.web(environment, "crm.wsgi:application") as port:
            with yardstick.bare(environment) as bare_port:
                for connections in (16, 64):
                    yield beside_bare(port, bare_port, connections)
            yield from beside_more(port)


def beside_bare(port: int, bare_port: int, connections: int) -> Result:
    """Measure signing and a bare insertion, over the same number of connections."""
    ready = signers.Ready()
    ours, theirs = load.take_turns(
        lambda: round_of(port, ready, connections),
        lambda: yardstick.insert(bare_port, connections),
    )
    name = "sign" if connections == 16 else f"sign-{connections}"
    details = {"bare_failed": theirs.failed, "bare_p99_ms": round(theirs.p99, 1)}
    return compared(name, ours, theirs, yardstick.NAME, details)


def beside_more(port: int) -> Iterator[Result]:
    """Measure signing where nearly nobody has signed, and where very many have."""
    for size in SIZES:
        with ExitStack() as stack:
            environment = stack.enter_context(servers.database())
            servers.manage(environment, "demo", "--signatures", str(size), "--gifts", "100")
            environment |= {"TRUSTED_PROXY_COUNT": "1"}
            other = stack.enter_context(servers.web(environment, "crm.wsgi:application"))
            few, many = signers.Ready(), signers.Ready()
            theirs, ours = load.take_turns(turn(port, few), turn(other, many))
        yield compared(f"sign-{NAMES.get(size, size)}", ours, theirs, "signing with few", {})


def turn(port: int, ready: signers.Ready) -> Callable[[], load.Load]:
    return lambda: round_of(port, ready, yardstick.CONNECTIONS)


def compared(
    name: str, ours: load.Load, theirs: load.Load, against: str, details: dict[str, float]
) -> Result:
    ratio = round(ours.per_second / theirs.per_second, 3)
    told = {
        "p99_ms": round(ours.p99, 1),
        "failed": ours.failed,
        "against": round(theirs.per_second, 1),
        **details,
    }
    return Result(name, round(ours.per_second, 1), "1/s", against, ratio, told)
