"""Days and periods. The day a thing happened is the day in Belgium, whatever UTC says."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


def local_day(moment: datetime) -> date:
    """Return the day of a moment in the organisation's time zone."""
    return timezone.localtime(moment).date()


def noon(day: date) -> datetime:
    """Return the middle of a day in the organisation's time zone."""
    return timezone.make_aware(datetime.combine(day, time(12)))


@dataclass(frozen=True)
class Period:
    """Days from `start` up to but not including `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)
