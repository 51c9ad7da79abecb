"""Numbers, days and money in the reader's notation, for pages and for plotly, from Babel."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale, dates, numbers
from django.utils.translation import get_language, gettext

from crm.lib.money import LOCALES, format_money
from dashboard.figures import Notation
from dashboard.tables import Kind

WEEK = [6, 0, 1, 2, 3, 4, 5]  # plotly's begins on Sunday


def language() -> str:
    return get_language() or "fr"


def locale() -> str:
    return LOCALES.get(language(), "en_IE")


def count(number: int) -> str:
    return numbers.format_decimal(int(number), locale=locale())


def money(cents: int) -> str:
    return format_money(int(cents), "EUR", language())


def share(part: int, whole: int) -> str:
    """Say of a part of nothing that there is no share."""
    return percent(part / whole) if whole else gettext("n/a")


def percent(fraction: float) -> str:
    return numbers.format_percent(fraction, locale=locale())


def change(now: int, before: int) -> str:
    sign = "+" if now > before else ""
    return sign + percent((now - before) / before)


def day(moment: date) -> str:
    return dates.format_date(moment, "medium", locale=locale())


def month(moment: date) -> str:
    return dates.format_skeleton("yMMM", moment, locale=locale())


def show(value: Any, kind: Kind) -> str:
    """Write a cell of a table."""
    return "–" if value is None else written(value, kind, language())


@lru_cache(maxsize=10_000)
def written(value: Any, kind: Kind, _language: str) -> str:
    """Babel takes its time, and tables say again what the pointer shows."""
    return SHOW[kind](value)


SHOW: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.COUNT: count,
    Kind.MONEY: money,
    Kind.SHARE: percent,
    Kind.DAY: day,
    Kind.MONTH: month,
}


@lru_cache
def names(code: str) -> dict[str, Any]:
    """What plotly must know of a locale, so that nothing is shipped or fetched per language."""
    known = Locale.parse(code)
    form: dict[str, Any] = {"context": "stand-alone", "locale": known}
    days = {width: dates.get_day_names(width, **form) for width in ("wide", "abbreviated")}
    months = {width: dates.get_month_names(width, **form) for width in ("wide", "abbreviated")}
    return {
        "dictionary": {},
        "format": {
            "days": [days["wide"][number] for number in WEEK],
            "shortDays": [days["abbreviated"][number] for number in WEEK],
            "months": [months["wide"][number] for number in range(1, 13)],
            "shortMonths": [months["abbreviated"][number] for number in range(1, 13)],
            "date": "%d/%m/%Y",
            "decimal": numbers.get_decimal_symbol(known),
            "thousands": numbers.get_group_symbol(known),
            "year": "%Y",
            "month": "%b %Y",
            "dayMonth": "%-d %b",
            "dayMonthYear": "%-d %b %Y",
        },
    }


def graph_config() -> Any:
    return {
        "displayModeBar": False,
        "locale": language(),
        "locales": {language(): names(locale())},
    }


def notation(*, is_money: bool = False) -> Notation:
    """How an axis writes its numbers."""
    known = names(locale())["format"]
    before, after = ("", "")
    if is_money:
        pattern = Locale.parse(locale()).currency_formats["standard"]
        before, after = (part.replace("¤", "€") for part in (pattern.prefix[0], pattern.suffix[0]))
    return Notation(known["decimal"] + known["thousands"], before, after)
