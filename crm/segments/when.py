"""Days that a condition speaks of: from one to another, or counted from today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.segments.known import Known
from crm.segments.parameters import Given, Parameter, Wrong, first

KINDS = [
    ("", gettext_lazy("at any time")),
    ("last", gettext_lazy("in the last … days")),
    ("older", gettext_lazy("more than … days ago")),
    ("this_year", gettext_lazy("this year")),
    ("last_year", gettext_lazy("last year")),
    ("between", gettext_lazy("from … until …")),
]
LONGEST = 36_500
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class When(Parameter):
    """{"kind": "last", "days": 365}, {"kind": "between", "from": "2025-01-01", "to": …}, …"""

    widget = "when"

    def typed(self, given: Given) -> Any:
        kind = first(given, self.name)
        if kind in ("last", "older"):
            days = first(given, f"{self.name}_days")
            return {"kind": kind, "days": int(days[:9]) if days.isdecimal() else days}
        if kind == "between":
            ends = {key: first(given, f"{self.name}_{key}") for key in ("from", "to")}
            return {"kind": kind, **{key: day for key, day in ends.items() if day}}
        return {"kind": kind} if kind else None

    def written(self, value: Any) -> dict[str, list[str]]:
        names = {"kind": "", "days": "_days", "from": "_from", "to": "_to"}
        return {f"{self.name}{names[key]}": [str(each)] for key, each in (value or {}).items()}

    def clean(self, value: Any, known: Known) -> dict[str, Any]:
        if not isinstance(value, dict) or value.get("kind") not in dict(KINDS):
            raise Wrong(_("This cannot be chosen, or no longer."))
        kind = value["kind"]
        if kind in ("last", "older"):
            return {"kind": kind, "days": checked_days(value.get("days"))}
        return checked_between(value) if kind == "between" else {"kind": kind}

    def words(self, value: Any, known: Known) -> str:
        return str(self.said) % in_words(value)


def checked_days(days: Any) -> int:
    if type(days) is not int or not 1 <= days <= LONGEST:
        raise Wrong(_("How many days? A whole number, please."))
    return days


def checked_between(value: dict[str, Any]) -> dict[str, Any]:
    days = {key: checked_day(value[key]) for key in ("from", "to") if value.get(key)}
    if not days:
        raise Wrong(_("From when, or until when? One of both at least."))
    if len(days) == 2 and days["from"] > days["to"]:
        raise Wrong(_("The first day is after the last."))
    return {"kind": "between", **days}


def checked_day(text: Any) -> str:
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Wrong(_("This is not a day.")) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Wrong(_("This is not a day."))
    return day.isoformat()


def days_of(value: dict[str, Any], today: date) -> tuple[date | None, date | None]:
    """Return the first day, and the day after the last; None is without end.

    >>> days_of({"kind": "last", "days": 30}, date(2026, 3, 31))
    (datetime.date(2026, 3, 1), None)
    >>> days_of({"kind": "last_year"}, date(2026, 3, 31))
    (datetime.date(2025, 1, 1), datetime.date(2026, 1, 1))
    """
    kind = value["kind"]
    if kind == "last":
        return today - timedelta(days=value["days"]), None
    if kind == "older":
        return None, today - timedelta(days=value["days"])
    if kind == "between":
        begin, end = value.get("from"), value.get("to")
        after = date.fromisoformat(end) + timedelta(days=1) if end else None
        return (date.fromisoformat(begin) if begin else None), after
    year = today.year - (kind == "last_year")
    return date(year, 1, 1), date(year + 1, 1, 1)


def on_days(field: str, value: dict[str, Any] | None, today: date) -> Q:
    """Rows whose day is among these."""
    return limits(field, *days_of(value, today)) if value else Q()


def at_moments(field: str, value: dict[str, Any] | None, today: date) -> Q:
    """Rows whose moment falls on these local days."""
    if not value:
        return Q()
    begin, end = days_of(value, today)
    return limits(field, begin and midnight(begin), end and midnight(end))


def limits(field: str, begin: date | None, end: date | None) -> Q:
    found = Q(**{f"{field}__gte": begin}) if begin else Q()
    return found & Q(**{f"{field}__lt": end}) if end else found


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def in_words(value: dict[str, Any]) -> str:
    kind = value["kind"]
    if kind == "last":
        told = ngettext("in the last day", "in the last %(days)s days", value["days"])
        return told % {"days": value["days"]}
    if kind == "older":
        told = ngettext("more than a day ago", "more than %(days)s days ago", value["days"])
        return told % {"days": value["days"]}
    return between_in_words(value) if kind == "between" else str(dict(KINDS)[kind])


def between_in_words(value: dict[str, Any]) -> str:
    begin, end = value.get("from", ""), value.get("to", "")
    if begin[4:] == "-01-01" and end == f"{begin[:4]}-12-31":
        return _("in %(year)s") % {"year": begin[:4]}
    days = {"begin": begin and told_day(begin), "end": end and told_day(end)}
    if begin and end:
        return _("from %(begin)s until %(end)s") % days
    return (_("since %(begin)s") if begin else _("until %(end)s")) % days


def told_day(day: date | datetime | str | None) -> str:
    """Return a day, or the local day of a moment, as readers write it."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return date_format(day, "DATE_FORMAT") if day else ""
