"""How long pages take with 10,000,000 signatures, and with 102,911."""

import statistics
from collections.abc import Iterator

from bench import sizes
from bench.result import Result

LARGE = 10_000_000


def measure() -> Iterator[Result]:
    found = sizes.rounds("bench.requests", large=LARGE)
    for name in found[0][0]:
        few, many = (statistics.median(each[side][name] for each in found) for side in (0, 1))
        yield Result(
            f"pages-{name}",
            round(many, 1),
            "ms",
            f"{sizes.SMALL} signatures; at most 1.3 times",
            round(many / few, 3),
            {"ms_small": round(few, 1)},
        )
