"""When people sign, through which source, and where they live: by the thousand, in order."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from crm.demo.chance import Rows, Weighted, shares
from crm.demo.history import Day
from crm.demo.moments import WEEKDAY, WEEKEND, beginning
from crm.demo.persons import FLEMISH, Population

CHUNK = 20_000
HOURS = Rows([WEEKDAY, WEEKEND])


class Arrivals(NamedTuple):
    """Arrays of one length: when (seconds since 1970), the source, and the number of the place."""

    at: np.ndarray
    source: np.ndarray
    place: np.ndarray

    def part(self, start: int, stop: int) -> "Arrivals":
        return Arrivals(*(each[start:stop] for each in self))


class Turnout:
    """Those who come on given days."""

    def __init__(
        self,
        days: list[Day],
        *,
        sources: dict[str, Weighted[int]],
        population: Population,
        rng: np.random.Generator,
    ) -> None:
        self.days, self.rng = days, rng
        known = {pk: channel for channel, drawn in sources.items() for pk in drawn.items}
        self.sources = np.array(list(known))
        self.by_source = Rows([source_weights(day, sources) for day in days])
        self.by_place = Rows([place_weights(day, population) for day in days])

    def arrive(self, total: int) -> Iterator[Arrivals]:
        """Yield exactly `total` arrivals, a chunk at a time."""
        for days in self.blocks(total):
            arrived = self.on(days)
            for start in range(0, len(days), CHUNK):
                yield arrived.part(start, start + CHUNK)

    def blocks(self, total: int) -> Iterator[np.ndarray]:
        """Yield the numbers of the days, each as often as somebody comes on it; whole days only."""
        weights = [day.weight for day in self.days]
        waiting: list[np.ndarray] = []
        for place, number in enumerate(shares(total, weights, sum(weights))):
            waiting.append(np.full(number, place))
            if sum(map(len, waiting)) >= CHUNK:
                yield np.concatenate(waiting)
                waiting = []
        if waiting:
            yield np.concatenate(waiting)

    def on(self, days: np.ndarray) -> Arrivals:
        source = self.sources[self.by_source.draw(days, self.rng)]
        return Arrivals(self.moments(days), source, self.by_place.draw(days, self.rng))

    def moments(self, days: np.ndarray) -> np.ndarray:
        """Moments of these days, sorted; when people are awake more often than not."""
        if not len(days):
            return days
        first, last = int(days[0]), int(days[-1])
        known = [self.days[place].day for place in range(first, last + 1)]
        begins = np.array([[int(beginning(day, hour).timestamp()) for hour in range(24)]
            for day in known])  # fmt: skip
        is_weekend = np.array([day.weekday() >= 5 for day in known], dtype=int)
        hours = HOURS.draw(is_weekend[days - first], self.rng)
        seconds = (3600 * self.rng.random(len(days))).astype(int)
        return np.sort(begins[days - first, hours] + seconds)


def source_weights(day: Day, sources: dict[str, Weighted[int]]) -> list[float]:
    """How often each source comes up on a day, channel by channel."""
    channels = day.channels.weights()
    found: list[float] = []
    for channel, drawn in sources.items():
        within = drawn.weights()
        whole = sum(within.values())
        found += [channels.get(channel, 0) * weight / whole for weight in within.values()]
    return found


def place_weights(day: Day, population: Population) -> list[float]:
    return [
        people * (day.flanders if place.region in FLEMISH else 1)
        for place, people in population.places
    ]
