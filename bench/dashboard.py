"""How long the dashboard's callbacks take with 1,000,000 signatures, and with 102,911."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench import servers
from bench.result import Result

SMALL, LARGE = 102_911, 1_000_000
ROUNDS = 5


def measure() -> Iterator[Result]:
    with servers.database() as small, servers.database() as large:
        servers.manage(small, "demo", "--signatures", str(SMALL))
        servers.manage(large, "demo", "--signatures", str(LARGE))
        rounds = [(p95_of(small), p95_of(large)) for _ in range(ROUNDS)]
    few, many = (statistics.median(side) for side in zip(*rounds, strict=True))
    yield Result(
        "dashboard",
        round(many, 1),
        "ms",
        f"{SMALL} signatures",
        round(many / few, 3),
        {"p95_ms_small": round(few, 1)},
    )


def p95_of(environment: dict[str, str]) -> float:
    """Return the 95th percentile of all callbacks, in milliseconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.callbacks"],
        cwd=servers.ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    return statistics.quantiles(json.loads(done.stdout), n=20)[18]
