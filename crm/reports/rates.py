"""Parts of a whole, with how sure they are; and what a table may tell of very few people."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

Z = 1.959964  # of a normal distribution, 95 % lie within
FEWEST = 5


class Rate(NamedTuple):
    """A part of a whole; between `low` and `high` it would lie in 95 of 100 such cases.

    They are None where the part is no part: more gave this month than signed this month.
    """

    part: int
    whole: int
    value: float
    low: float | None
    high: float | None


def rate(part: int | None, whole: int | None) -> Rate | None:
    """Return the rate; None where there is no whole, or where one of them is not told.

    >>> rate(0, 0), rate(None, 3)
    (None, None)
    >>> rate(3, 2)
    Rate(part=3, whole=2, value=1.5, low=None, high=None)
    """
    if not whole or part is None or whole < 0:
        return None
    low, high = wilson(part, whole) if 0 <= part <= whole else (None, None)
    return Rate(part, whole, part / whole, low, high)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return Wilson's score interval of 95 %.

    >>> low, high = wilson(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    reach = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    below, above = middle - reach, middle + reach
    size = 1 + square / whole
    return (
        0.0 if part == 0 else max(0.0, below / size),
        1.0 if part == whole else min(1.0, above / size),
    )


def hidden(numbers: Sequence[int]) -> set[int]:
    """Return which numbers of people are not told, so that the rest and the sum tell of nobody.

    Those under five; and where the sum would tell them, the smallest other with them.

    >>> hidden([40, 3, 12, 0]), hidden([40, 3, 4, 12]), hidden([40, 12, 0])
    ({1, 2}, {1, 2}, set())
    """
    few = {place for place, number in enumerate(numbers) if 0 < number < FEWEST}
    others = sorted((number, place) for place, number in enumerate(numbers) if number >= FEWEST)
    if few and others and sum(numbers[place] for place in few) < FEWEST:
        few.add(others[0][1])
    return few


def is_told(number: int) -> bool:
    """Whether a number stands for nobody, or for enough people that it tells of none of them."""
    return not 0 < number < FEWEST
