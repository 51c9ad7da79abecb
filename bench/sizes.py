"""One measure at two sizes of the demo, the sides taking turns."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable

from bench import servers

SMALL, LARGE = 102_911, 1_000_000
ROUNDS = 5


def medians(module: str, figure: Callable[[list[float]], float]) -> tuple[float, float]:
    """Return a figure of what a module prints as JSON, with few and with many signatures."""
    with servers.database() as small, servers.database() as large:
        servers.manage(small, "demo", "--signatures", str(SMALL))
        servers.manage(large, "demo", "--signatures", str(LARGE))
        rounds = [[figure(printed(module, side)) for side in (small, large)] for _ in range(ROUNDS)]
    few, many = (statistics.median(side) for side in zip(*rounds, strict=True))
    return few, many


def printed(module: str, environment: dict[str, str]) -> list[float]:
    done = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-m", module],
        cwd=servers.ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    return json.loads(done.stdout)
