"""Chance that falls the same way every time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")


def dice(part: str) -> Random:
    """The dice of one part of the demo, so that more of one part leaves the others as they are."""
    return Random(f"soutien {part}")  # noqa: S311 (invented data, not a secret)


class Weighted(Generic[Item]):
    """Things that come up as often as their weights say."""

    def __init__(self, weights: dict[Item, float] | Sequence[tuple[Item, float]]) -> None:
        pairs = weights.items() if isinstance(weights, dict) else weights
        self.items = [item for item, _weight in pairs]
        self.reached = list(accumulate(weight for _item, weight in pairs))

    def draw(self, rng: Random) -> Item:
        return self.items[bisect_right(self.reached, rng.random() * self.reached[-1])]


class Lottery:
    """Draws exactly `wins` among `tickets`, one ticket at a time."""

    def __init__(self, rng: Random, *, wins: int, tickets: int) -> None:
        self.rng, self.wins, self.tickets = rng, min(wins, tickets), tickets

    def draw(self) -> bool:
        won = self.rng.random() * self.tickets < self.wins
        self.tickets -= 1
        self.wins -= won
        return won


def shares(total: int, weights: Iterable[float], whole: float) -> Iterator[int]:
    """Divide `total` in proportion to weights that add up to `whole`; the parts add up exactly.

    >>> list(shares(10, [1, 1, 1], 3))
    [3, 4, 3]
    """
    done, reached = 0, 0.0
    for weight in weights:
        reached += weight
        upto = round(total * reached / whole)
        yield upto - done
        done = upto


def public_id(rng: Random) -> str:
    """A UUID of version 4."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
