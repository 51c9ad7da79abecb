"""How long a search of staff takes in the database, with 1,000,000 signers and with 102,911."""

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
        rounds = [(slowest_of(small), slowest_of(large)) for _ in range(ROUNDS)]
    few, many = (statistics.median(side) for side in zip(*rounds, strict=True))
    yield Result(
        "search",
        round(many, 1),
        "ms",
        f"{SMALL} signatures; the slowest of the searches, at most 50",
        round(many / few, 3),
        {"ms_small": round(few, 1)},
    )


def slowest_of(environment: dict[str, str]) -> float:
    """Return how long the slowest of the searches takes, in milliseconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.searches"],
        cwd=servers.ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    return max(json.loads(done.stdout))
