"""Days and periods. The day a thing happened is the day in Belgium, whatever UTC says."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


def local_day(moment: datetime) -> date:
    """Return the day of a moment in the organisation's time zone."""
    return timezone.localtime(moment).date()


def noon(day: date) -> datetime:
    """Return the middle of a day in the organisation's time zone."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same local time so many months later, on the month's last day where it is short.

    >>> months_later(noon(date(2025, 11, 30)), 3).date().isoformat()
    '2026-02-28'
    """
    then = timezone.localtime(moment)
    years, month = divmod(then.month - 1 + months, 12)
    year, month = then.year + years, month + 1
    day = min(then.day, monthrange(year, month)[1])
    # Without its zone, so that the clock says the same after a change to or from summer time.
    clock = then.replace(year=year, month=month, day=day, tzinfo=None)
    return timezone.make_aware(clock)


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
