"""Chance that falls the same way every time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import Any, Generic, TypeVar

import numpy as np

Item = TypeVar("Item")


def dice(part: str) -> Random:
    """The dice of one part of the demo, so that more of one part leaves the others as they are."""
    return Random(f"soutien {part}")  # noqa: S311 (invented data, not a secret)


def many_dice(part: str) -> np.random.Generator:
    """The same, for throwing many at once."""
    seed = sha256(f"soutien {part}".encode()).digest()
    return np.random.default_rng(int.from_bytes(seed))


class Rows:
    """Rows of weights: in each, some columns come up more often than others."""

    def __init__(self, weights: Any) -> None:
        reached = np.cumsum(np.asarray(weights, dtype=float), axis=1)
        reached /= reached[:, -1:]
        self.width = reached.shape[1]
        # One line of all rows, each one further than the last, so that one search finds all.
        self.reached = (reached + np.arange(len(reached))[:, None]).ravel()

    def draw(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a column for each of the rows."""
        found = np.searchsorted(self.reached, rows + rng.random(len(rows)), side="right")
        return np.minimum(found - rows * self.width, self.width - 1)


def some_of(number: int, total: int, rng: np.random.Generator) -> np.ndarray:
    """Return a yes for exactly `number` among `total`, or for all where there are fewer."""
    chosen = np.zeros(total, dtype=bool)
    chosen[rng.choice(total, min(number, total), replace=False)] = True
    return chosen


class Weighted(Generic[Item]):
    """Things that come up as often as their weights say."""

    def __init__(self, weights: dict[Item, float] | Sequence[tuple[Item, float]]) -> None:
        pairs = weights.items() if isinstance(weights, dict) else weights
        self.pairs = list(pairs)
        self.items = [item for item, _weight in pairs]
        self.reached = list(accumulate(weight for _item, weight in pairs))

    def weights(self) -> dict[Item, float]:
        return dict(self.pairs)

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


def public_ids(number: int, rng: np.random.Generator) -> list[str]:
    """So many UUIDs of version 4."""
    text = rng.bytes(16 * number).hex()
    parts = (text[place : place + 32] for place in range(0, 32 * number, 32))
    return [f"{each[:12]}4{each[13:16]}a{each[17:]}" for each in parts]


def public_id(rng: Random) -> str:
    """A UUID of version 4."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
