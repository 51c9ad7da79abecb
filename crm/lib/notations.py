"""Dates, numbers, and yes and no, as people write them in Belgium and elsewhere."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from babel.numbers import get_currency_precision
from django.utils import timezone

ORDERS = ("dmy", "mdy", "ymd")
DATE = re.compile(
    r"(?P<a>\d{1,4})[./\- ](?P<b>\d{1,2})[./\- ](?P<c>\d{4}|\d{1,2})"
    r"(?:[ T,]+(?P<hour>\d{1,2})[:hH](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r" ?(?P<half>[AaPp])?\.?(?:[Mm]\.?)?)?"
)
NUMBER = re.compile(r"(?P<sign>[-+−]?) ?(?P<digits>\d[\d.,' ]*)")
YES = frozenset(
    ("1", "y", "yes", "true", "t", "o", "oui", "vrai", "j", "ja", "waar", "x", "✓", "ok")
)
NO = frozenset(("0", "n", "no", "false", "f", "non", "faux", "nee", "onwaar", "-"))
FIRST_YEAR, LAST_YEAR = 1850, 2200
CENTURY = 70  # of years in two digits, these and later ones were before 2000


class NotRead(ValueError):
    """The text is not what its column should hold."""


def read_day(text: str, order: str = "dmy") -> date:
    """Read a date; ISO is understood whatever the order is.

    >>> read_day("31/12/2025").isoformat(), read_day("12/31/25", "mdy").isoformat()
    ('2025-12-31', '2025-12-31')
    >>> read_day("2025-03-04 23:30:00 UTC").isoformat(), read_day("4.3.2025").isoformat()
    ('2025-03-05', '2025-03-04')

    Raises NotRead.
    """
    found = moment(text, order)
    return timezone.localtime(found).date() if found.tzinfo else found.date()


def read_moment(text: str, order: str = "dmy", *, utc: bool = False) -> datetime:
    """Read a date and time; without a zone it is the organisation's time, or UTC if told.

    >>> read_moment("04/03/2025 14:05").isoformat()
    '2025-03-04T14:05:00+01:00'
    >>> read_moment("2025-03-04T14:05:00Z").isoformat()
    '2025-03-04T14:05:00+00:00'

    A day alone is its noon. Raises NotRead.
    """
    found = moment(text, order)
    if found.tzinfo:
        # PostgreSQL reads no offset of sixteen hours and more.
        return found.astimezone(UTC)
    here = timezone.get_default_timezone()
    if len(text) <= 10 and found.hour == found.minute == 0:
        return found.replace(hour=12, tzinfo=here)
    return found.replace(tzinfo=UTC if utc else here)


@lru_cache(maxsize=20_000)
def moment(text: str, order: str) -> datetime:
    found = from_iso(text) or from_parts(text, order)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise NotRead(text)
    return found


def from_iso(text: str) -> datetime | None:
    if text[4:5] != "-" and not (len(text) == 8 and text.isdigit()):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC") + "Z" * text.endswith(" UTC"))
    except ValueError:
        return None


def from_parts(text: str, order: str) -> datetime:
    match = DATE.fullmatch(text)
    if match is None:
        raise NotRead(text)
    parts = [int(match[name]) for name in "abc"]
    is_whole = max(len(match["a"]), len(match["c"])) > 2
    year, month, day = arranged(parts, "ymd" if len(match["a"]) > 2 else order)
    if not is_whole:
        year += 1900 if year >= CENTURY else 2000
    try:
        return datetime(year, month, day, *clock(match))  # noqa: DTZ001 (the caller adds the zone)
    except ValueError as error:
        raise NotRead(text) from error


def arranged(parts: list[int], order: str) -> tuple[int, int, int]:
    """Put three numbers in the order year, month, day."""
    named = dict(zip("dmy" if order not in ORDERS else order, parts, strict=True))
    return named["y"], named["m"], named["d"]


def clock(match: re.Match[str]) -> tuple[int, int, int]:
    if match["hour"] is None:
        return (0, 0, 0)
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    return hour, int(match["minute"]), int(match["second"] or 0)


def order_of_dates(texts: Iterable[str]) -> tuple[str, str]:
    """Return the order of day, month and year, and an example where nothing tells.

    >>> order_of_dates(["03/04/2025", "25/12/2025"]), order_of_dates(["03/04/2025", "12/25/2025"])
    (('dmy', ''), ('mdy', ''))
    >>> order_of_dates(["2025-04-03"]), order_of_dates(["03/04/2025"])
    (('dmy', ''), ('dmy', '03/04/2025'))
    """
    day_first = month_first = False
    example = ""
    for text in texts:
        match = DATE.fullmatch(text)
        if match is None or len(match["a"]) > 2 or len(match["c"]) < 2:
            continue
        first, second = int(match["a"]), int(match["b"])
        day_first, month_first = day_first or first > 12, month_first or second > 12
        # Points stand between day and month in that order only.
        example = example or (text if first != second and "." not in text else "")
    if day_first != month_first:
        return ("dmy" if day_first else "mdy"), ""
    return "dmy", example


def read_minor(text: str, decimal: str = ",", currency: str = "EUR") -> int:
    """Read an amount in minor units, without floats; `decimal` decides only where both would do.

    >>> read_minor("1.234,56"), read_minor("1,234.56"), read_minor("€ 1 234,5"), read_minor("12.5")
    (123456, 123456, 123450, 1250)
    >>> read_minor("1.234"), read_minor("1.230", "."), read_minor("-5"), read_minor("1234.5600")
    (123400, 123, -500, 123456)
    >>> read_minor("0.500"), read_minor("1,000", currency="JPY")
    (50, 1000)

    Raises NotRead, also for more decimals than the currency has.
    """
    sign, whole, rest = parts_of(bare(text, currency), decimal)
    precision = precision_of(currency)
    if precision == 0 and len(rest) == 3:
        whole, rest = whole + rest, ""
    kept, over = rest[:precision], rest[precision:]
    if over.strip("0"):
        raise NotRead(text)
    return sign * int((whole or "0") + kept.ljust(precision, "0"))


@lru_cache(maxsize=200)
def precision_of(currency: str) -> int:
    return get_currency_precision(currency)


def bare(text: str, currency: str) -> str:
    """Return the number without its currency."""
    plain = text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    for sign in (currency, "€", "$", "£", "EUR", ",-", ",--"):
        plain = plain.replace(sign, "")
    return plain.strip()


def parts_of(text: str, decimal: str) -> tuple[int, str, str]:
    """Split a number into its sign, the digits before the decimal sign, and those after it."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise NotRead(text)
    digits = match["digits"].replace(" ", "").replace("'", "")
    sign = -1 if match["sign"] in {"-", "−"} else 1
    mark = decimal_mark(digits, decimal)
    whole, _mark, rest = digits.rpartition(mark) if mark else (digits, "", "")
    groups = re.split(r"[.,]", whole)
    if (rest and not rest.isdigit()) or any(len(group) != 3 for group in groups[1:]):
        raise NotRead(text)
    return sign, "".join(groups), rest


def decimal_mark(digits: str, decimal: str) -> str:
    """Return the sign before the decimals of a number, or nothing if it has none."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rindex)
    mark = "." if points else ","
    if points + commas != 1:
        return ""
    is_group = len(digits) - digits.index(mark) - 1 == 3 and digits[0] != "0"
    return "" if is_group and mark != decimal else mark


def decimal_of_numbers(texts: Iterable[str]) -> tuple[str, str]:
    """Return the decimal sign, and an example where nothing tells.

    >>> decimal_of_numbers(["1.234", "12,50"]), decimal_of_numbers(["1,234", "0.5"])
    ((',', ''), ('.', ''))
    >>> decimal_of_numbers(["1.234"]), decimal_of_numbers(["1,234"]), decimal_of_numbers(["12"])
    ((',', '1.234'), ('.', '1,234'), (',', ''))
    """
    seen: set[str] = set()
    example = ""
    for text in texts:
        match = NUMBER.fullmatch(bare(text, "EUR"))
        digits = match["digits"].replace(" ", "") if match else ""
        marks = {decimal_mark(digits, mark) for mark in ".,"} - {""}
        if marks and decimal_mark(digits, other(min(marks))) in marks:
            seen |= marks
        elif marks:
            example = example or text
    if len(seen) == 1:
        return seen.pop(), ""
    # Three digits after a sign: more often a thousand than an amount with three decimals.
    return ("." if "," in example else ","), example


def other(mark: str) -> str:
    return "." if mark == "," else ","


def read_yes_or_no(text: str) -> bool:
    """Read a yes or a no in French, Dutch or English.

    >>> [read_yes_or_no(word) for word in ("Oui", "nee", "TRUE", "0")]
    [True, False, True, False]

    Raises NotRead.
    """
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise NotRead(text)
