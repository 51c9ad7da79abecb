"""Who brought whom, and who shared: as on real networks, few bring many and most bring nobody."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from crm.campaigns.shares import Medium

MEDIA = [medium.value for medium in Medium]
COPIED = 0.55  # who come through a link that has brought somebody before: some go round
SOON, LATER = 4 * 3600.0, 60 * 3600.0  # seconds until a friend signs, on average
SOON_OFTEN = 0.62
RECENT = 40.0  # of so many links,
LATELY = 5 * 86400  # that were used in so many seconds
STEP = 48  # who come so close together do not know of one another
TRIES = 4
SHARERS = 0.14  # who shared, though nobody came of it
MIX = [0.42, 0.26, 0.05, 0.1, 0.17]  # of what they use, in the order of MEDIA
SLICE = 200_000


class Shared(NamedTuple):
    """Arrays of one length: whose signature (by its place), by which medium, and when."""

    place: np.ndarray
    medium: np.ndarray
    at: np.ndarray


class Spread:
    """The signatures of one campaign in order of time, as far as they go."""

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.rng, self.size = rng, 0
        self.signed = np.zeros(size, dtype=np.int64)
        self.confirmed = np.zeros(size, dtype=np.int64)  # 0: it never counted
        self.brought_by = np.full(size, -1, dtype=np.int32)
        self.generation = np.zeros(size, dtype=np.int16)
        self.shared = np.zeros(size, dtype=np.uint8)  # a bit for each medium
        self.links = np.zeros(size, dtype=np.int32)  # the places of those who were brought
        self.linked = 0

    def add(self, signed: np.ndarray, confirmed: np.ndarray, medium: np.ndarray) -> Shared:
        """Add signatures; those with a medium (not -1) came through somebody's link.

        Return the shares that brought them, as far as they are new.
        """
        start, self.size = self.size, self.size + len(signed)
        self.signed[start : self.size] = signed
        self.confirmed[start : self.size] = confirmed
        children = start + np.flatnonzero(medium >= 0)
        for place in range(0, len(children), STEP):
            self.link(children[place : place + STEP])
        children = children[self.brought_by[children] >= 0]
        parents = self.brought_by[children].astype(np.int64)
        self.number_generations(children, parents)
        return self.share(parents, medium[children - start], children)

    def link(self, children: np.ndarray) -> None:
        """Find who brought each of a few, one after the other."""
        parents = self.parents(children)
        children, parents = children[parents >= 0], parents[parents >= 0]
        self.brought_by[children] = parents
        self.links[self.linked : self.linked + len(children)] = children
        self.linked += len(children)

    def latest(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return who brought each of the last ones, by their place or -1, and its generation."""
        part = slice(self.size - number, self.size)
        return self.brought_by[part], self.generation[part]

    def parents(self, children: np.ndarray) -> np.ndarray:
        """Return who may have brought each: they confirmed before; -1 where nobody is found."""
        found = np.full(len(children), -1, dtype=np.int64)
        for _ in range(TRIES):
            left = np.flatnonzero(found < 0)
            if not len(left):
                break
            found[left] = self.tried(children[left])
        return found

    def tried(self, children: np.ndarray) -> np.ndarray:
        number, signed = len(children), self.signed[children]
        mean = np.where(self.rng.random(number) < SOON_OFTEN, SOON, LATER)
        before = signed - self.rng.exponential(mean).astype(np.int64)
        one = np.searchsorted(self.signed[: self.size], before, side="right") - 1
        one = np.where(self.rng.random(number) < COPIED, self.through_a_link(one, before), one)
        confirmed = np.where(one >= 0, self.confirmed[one], 0)
        return np.where((confirmed > 0) & (confirmed < signed), one, -1)

    def through_a_link(self, places: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return who brought one of the last who were brought, if any was lately."""
        links = self.links[: self.linked]
        first = np.searchsorted(self.signed[: self.size], before - LATELY)
        first, last = np.searchsorted(links, first), np.searchsorted(links, places, side="right")
        back = self.rng.exponential(RECENT, size=len(places)).astype(np.int64)
        chosen = np.maximum(last - 1 - back, first)
        there = links[np.minimum(chosen, self.linked - 1)] if self.linked else places
        return np.where(chosen < last, self.brought_by[there], places)

    def number_generations(self, children: np.ndarray, parents: np.ndarray) -> None:
        """One more than the parent's, who may be among the same children."""
        while True:
            numbers = self.generation[parents] + 1
            if np.array_equal(numbers, self.generation[children]):
                return
            self.generation[children] = numbers

    def share(self, places: np.ndarray, media: np.ndarray, children: np.ndarray) -> Shared:
        """Note the links that were used: each was shared before the first who came through it."""
        _keys, firsts = np.unique(places * len(MEDIA) + media, return_index=True)
        places, media, children = places[firsts], media[firsts], children[firsts]
        is_new = (self.shared[places] >> media) & 1 == 0
        places, media, children = places[is_new], media[is_new], children[is_new]
        np.bitwise_or.at(self.shared, places, (1 << media).astype(np.uint8))
        since, until = self.confirmed[places], self.signed[children]
        longest = ((until - since) * self.rng.random(len(places))).astype(np.int64)
        return Shared(places, media, since + np.minimum(longest, self.wait(len(places))))

    def wait(self, number: int) -> np.ndarray:
        return self.rng.exponential(900.0, size=number).astype(np.int64)

    def others(self, end: int) -> Iterator[Shared]:
        """Yield the shares of which nothing came, a slice of the signatures at a time."""
        for start in range(0, self.size, SLICE):
            confirmed = self.confirmed[start : min(start + SLICE, self.size)]
            is_sharing = (confirmed > 0) & (self.rng.random(len(confirmed)) < SHARERS)
            places = start + np.flatnonzero(is_sharing)
            media = self.rng.choice(len(MEDIA), size=len(places), p=MIX)
            is_new = (self.shared[places] >> media) & 1 == 0
            places, media = places[is_new], media[is_new]
            at = self.confirmed[places] + 20 + self.wait(len(places))
            yield Shared(places, media, np.minimum(at, end - 1))
