"""What a column of an export is, and how values look in one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django_countries import countries

from crm.access import may_see
from crm.lib.money import from_minor
from crm.lib.periods import local_day


@dataclass(frozen=True)
class Column:
    """One column. `needs` are names of crm.access.FIELD_RIGHTS; the rest is what it reads."""

    name: str
    label: Any
    value: Callable[[Any], Any]
    needs: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    fetches: tuple[Any, ...] = ()
    adds: dict[str, Any] = field(default_factory=dict)
    is_usual: bool = True


@dataclass(frozen=True)
class Table:
    """A list that may be taken along by who has all of `rights`."""

    name: str
    title: Any
    rights: tuple[str, ...]
    order: tuple[Any, ...]
    columns: tuple[Column, ...]

    def for_reader(self, reader: Any) -> list[Column]:
        return [each for each in self.columns if not each.needs or may_see(reader, *each.needs)]


def moment(value: Any) -> Any:
    """Return a moment as a clock on the wall shows it, which is what spreadsheets hold."""
    return value and timezone.localtime(value).replace(tzinfo=None, microsecond=0)


def day(value: Any) -> Any:
    return value and local_day(value)


def amount(units: int | None, currency: str) -> Any:
    return "" if units is None else from_minor(units, currency)


def yes(value: Any) -> str:
    return gettext("yes") if value else ""


def chosen(name: str) -> Callable[[Any], str]:
    """Return what reads the words of a choice; each is translated once, not for every row."""

    def read(row: Any) -> str:
        value = getattr(row, name)
        return word_of(row._meta.get_field(name), value, get_language() or "") if value else ""

    return read


@lru_cache(maxsize=1000)
def word_of(choice: Any, value: str, _language: str) -> str:
    return str(dict(choice.flatchoices).get(value, value))


def nation(row: Any) -> str:
    """Return the name of the country of a row."""
    return nation_of(row.country.code, get_language() or "") if row.country else ""


@lru_cache(maxsize=1000)
def nation_of(code: str, _language: str) -> str:
    return str(countries.name(code))


def joined(values: Iterable[str]) -> str:
    return ", ".join(filter(None, values))


def first(rows: list[Any], name: str) -> Any:
    """Return a value of the first row, or nothing where there is none."""
    return getattr(rows[0], name) if rows else ""
