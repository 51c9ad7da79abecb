"""When things happen: the rhythm of days and hours in Belgium."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from django.utils import timezone

from crm.demo.chance import Weighted

# How much happens in each hour of the day, from midnight on.
WEEKDAY = [8, 4, 2, 1, 1, 3, 12, 30, 42, 46, 48, 46, 56, 52, 44, 42, 44, 52, 60, 72, 86, 84, 58, 24]
WEEKEND = [14, 8, 4, 2, 1, 2, 5, 12, 28, 46, 58, 60, 54, 52, 52, 54, 56, 58, 60, 66, 74, 70, 50, 26]
HOURS = [Weighted(dict(enumerate(hours))) for hours in (WEEKDAY, WEEKEND)]


def midnight(day: date) -> datetime:
    """The first moment of a local day."""
    return beginning(day, 0)


@lru_cache(maxsize=1000)
def beginning(day: date, hour: int) -> datetime:
    """The first moment of a local hour, in UTC."""
    local = datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())
    return local.astimezone(UTC)


def moment_on(day: date, rng: Random) -> datetime:
    """A moment of a local day, when people are awake more often than not."""
    hour = HOURS[day.weekday() >= 5].draw(rng)
    return beginning(day, hour) + timedelta(seconds=int(rng.random() * 3600))


class Days:
    """Days with weights, in order."""

    def __init__(self, weights: dict[date, float]) -> None:
        self.days = list(weights)
        self.reached = list(accumulate(weights.values()))

    def draw(self, rng: Random, *, after: date | None = None) -> date:
        """A day, not before `after`."""
        passed = 0.0
        if after is not None and after > self.days[0]:
            passed = self.reached[min((after - self.days[0]).days, len(self.days) - 1) - 1]
        return self.days[self.index(passed + rng.random() * (self.reached[-1] - passed))]

    def index(self, weight: float) -> int:
        return min(bisect_right(self.reached, weight), len(self.days) - 1)


def giving_tuesday(year: int) -> date:
    """The Tuesday after the fourth Thursday of November.

    >>> giving_tuesday(2025)
    datetime.date(2025, 12, 2)
    """
    first = date(year, 11, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday + timedelta(days=5)
