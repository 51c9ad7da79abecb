"""Billing periods: when the next one ends."""

import calendar
from datetime import UTC, datetime, timedelta

DAY = 86_400
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def next_end(anchor: int, start: int, interval: str, count: int) -> int:
    """The end of the period that begins at `start`, counted from the anchor.

    A subscription of 31 January renews on 28 February and then again on 31 March.

    >>> day = lambda *date: int(datetime(*date, tzinfo=UTC).timestamp())
    >>> february = next_end(day(2026, 1, 31), day(2026, 1, 31), "month", 1)
    >>> february == day(2026, 2, 28)
    True
    >>> next_end(day(2026, 1, 31), february, "month", 1) == day(2026, 3, 31)
    True
    >>> next_end(day(2026, 1, 1), day(2026, 1, 8), "week", 2) == day(2026, 1, 15)
    True
    """
    steps = 1
    while (end := _after(anchor, interval, count * steps)) <= start:
        steps += 1
    return end


def midnight_after(moment: int) -> int:
    """The first midnight (UTC) later than a moment.

    >>> midnight_after(86_399), midnight_after(86_400)
    (86400, 172800)
    """
    return (moment // DAY + 1) * DAY


def _after(anchor: int, interval: str, count: int) -> int:
    begin = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((begin + timedelta(days=DAYS[interval] * count)).timestamp())
    month = begin.month - 1 + MONTHS[interval] * count
    year, month = begin.year + month // 12, month % 12 + 1
    day = min(begin.day, calendar.monthrange(year, month)[1])
    return int(begin.replace(year=year, month=month, day=day).timestamp())
