"""How long the dashboard's callbacks take with 1,000,000 signatures, and with 102,911."""

import statistics
from collections.abc import Iterator

from bench import sizes
from bench.result import Result


def measure() -> Iterator[Result]:
    few, many = sizes.medians("bench.callbacks", percentile_95)
    yield Result(
        "dashboard",
        round(many, 1),
        "ms",
        f"{sizes.SMALL} signatures",
        round(many / few, 3),
        {"p95_ms_small": round(few, 1)},
    )


def percentile_95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[18]
