"""The address speaks for a stranger: what it says becomes a Scope, whatever it says."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict

from crm.lib.periods import Period
from crm.reports.scope import Scope

EARLIEST = date(1990, 1, 1)
DEFAULT = "12m"
ALL = "all"
BETWEEN = "between"


@dataclass(frozen=True)
class Filters:
    """`period` is a preset's name, or BETWEEN; `start` and `last` are the days it means today."""

    campaign: int | None
    period: str
    start: date
    last: date

    def scope(self, first_day: Callable[[int | None], date | None]) -> Scope:
        """What to look at; `first_day` answers when "all" begins."""
        start = self.start
        if self.period == ALL:
            start = max(EARLIEST, min(first_day(self.campaign) or self.last, self.last))
        return Scope(Period(start, self.last + timedelta(days=1)), self.campaign)


def read_filters(query: QueryDict, campaigns: Collection[int], today: date) -> Filters:
    """Read the address; what makes no sense is as if it were not there."""
    known = {str(pk): pk for pk in campaigns}
    campaign = known.get(query.get("campaign", ""))
    start, last = read_day(query.get("from"), today), read_day(query.get("to"), today)
    period = query.get("period") or (BETWEEN if start or last else DEFAULT)
    presets = preset_starts(today)
    if period == BETWEEN and (start or last):
        last = last or today
        start = start or min(presets[DEFAULT], last)
        return Filters(campaign, BETWEEN, min(start, last), max(start, last))
    if period not in presets:
        period = DEFAULT
    return Filters(campaign, period, presets[period], today)


def preset_starts(today: date) -> dict[str, date]:
    """Where each preset begins. Years begin with a month, so that months can be compared."""
    month = today.replace(day=1)
    return {
        "30d": today - timedelta(days=29),
        DEFAULT: month.replace(year=month.year - 1),
        "5y": month.replace(year=month.year - 5),
        ALL: EARLIEST,
    }


def read_day(text: str | None, today: date) -> date | None:
    """Read a day that can have figures.

    >>> read_day("2026-02-30", date(2026, 3, 1)), read_day("2999-01-01", date(2026, 3, 1))
    (None, datetime.date(2026, 3, 1))
    """
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return min(max(day, EARLIEST), today)
