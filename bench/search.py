"""How long a search of staff takes in the database, with 1,000,000 signers and with 102,911."""

from collections.abc import Iterator

from bench import sizes
from bench.result import Result


def measure() -> Iterator[Result]:
    few, many = sizes.medians("bench.searches", max)
    yield Result(
        "search",
        round(many, 1),
        "ms",
        f"{sizes.SMALL} signatures; the slowest of the searches, at most 50",
        round(many / few, 3),
        {"ms_small": round(few, 1)},
    )
