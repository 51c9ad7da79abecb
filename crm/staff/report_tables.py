"""Tables of figures: what a page shows in the reader's language, and what a file holds plainly."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from babel.core import Locale
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language

from crm.lib.money import LOCALES, from_minor
from crm.reports.rates import Rate
from crm.staff.pages import money

UNTOLD = "…"  # it would tell of fewer than five people
NONE = "–"


class Head(NamedTuple):
    """A column; `file` names the columns that it is in a file, where they are several."""

    label: Any
    file: tuple[Any, ...] = ()

    @property
    def spoken(self) -> Any:
        """What it is called where the groups of columns are not seen."""
        return self.file[0] if self.file else self.label


class Cell(NamedTuple):
    text: str
    plain: tuple[Any, ...]
    note: str = ""
    bar: int | None = None  # of 100

    @property
    def is_untold(self) -> bool:
        return self.text == UNTOLD


class Row(NamedTuple):
    label: Any
    cells: Sequence[Cell]
    keys: tuple[Any, ...] = ()  # what names it in a file, where that is not the label
    note: str = ""
    link: str = ""
    anchor: str = ""
    is_open: bool | None = None  # None: there is nothing to open
    is_part: bool = False  # of the row before


class Table(NamedTuple):
    name: str
    title: Any
    first: Any  # the head of the rows' labels
    heads: Sequence[Head]
    rows: Sequence[Row]
    total: Row | None = None
    note: Any = ""
    empty: Any = ""
    keys: tuple[Any, ...] = ()  # heads of `Row.keys`
    groups: Sequence[tuple[Any, int]] = ()  # of columns: what stands above how many
    link: str = ""  # to the table as a file

    @property
    def has_untold(self) -> bool:
        shown = [*self.rows, *([self.total] if self.total else [])]
        return any(cell.is_untold for row in shown for cell in row.cells)

    @property
    def lines(self) -> Iterator[tuple[Row, list[tuple[Head, Cell]]]]:
        """Each row with its cells under their heads."""
        return ((row, list(zip(self.heads, row.cells, strict=True))) for row in self.rows)

    @property
    def total_cells(self) -> list[tuple[Head, Cell]]:
        return list(zip(self.heads, self.total.cells, strict=True)) if self.total else []

    def file_heads(self) -> list[Any]:
        columns = [name for head in self.heads for name in (head.file or (head.label,))]
        return [*(self.keys or (self.first,)), *columns]

    def file_rows(self) -> Iterator[list[Any]]:
        for row in self.rows:
            yield [
                *(row.keys or (row.label,)),
                *(each for cell in row.cells for each in cell.plain),
            ]


def locale() -> str:
    language = get_language() or "fr"
    return LOCALES.get(language, language)


def count(number: int | None, *, most: int = 0, note: str = "", plain: Iterable[Any] = ()) -> Cell:
    """A number of people or things; with a bar, where there is a `most` to hold it against."""
    if number is None:
        return Cell(UNTOLD, (UNTOLD, *plain), note)
    bar = max(0, min(100, round(100 * number / most))) if most else None
    return Cell(format_decimal(number, locale=locale()), (number, *plain), note, bar)


def amount(units: int | None, *, most: int = 0) -> Cell:
    """An amount in cents of euros."""
    if units is None:
        return Cell(UNTOLD, (UNTOLD,))
    bar = max(0, min(100, round(100 * units / most))) if most else None
    return Cell(money(units), (from_minor(units, "EUR"),), bar=bar)


def percent(value: float) -> str:
    """Write a share with one decimal, a very small one with two."""
    pattern = Locale.parse(locale()).percent_formats[None].pattern
    decimals = "0.0" if value >= 0.01 or not value else "0.00"
    return format_percent(
        value, format=pattern.replace("#,##0", f"#,##{decimals}"), locale=locale()
    )


def share(rate: Rate | None) -> Cell:
    """A part of a whole, with the interval it would lie in."""
    if rate is None:
        return Cell(NONE, ("", "", ""))
    return Cell(
        percent(rate.value), plain_rate(rate), between(rate), min(100, round(100 * rate.value))
    )


def between(rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return ""
    return f"{percent(rate.low)} – {percent(rate.high)}"


def plain_rate(rate: Rate | None) -> tuple[Any, ...]:
    if rate is None:
        return ("", "", "")
    return tuple("" if n is None else f"{n:.4f}" for n in (rate.value, rate.low, rate.high))


def factor(value: float | None, low: float | None, high: float | None) -> Cell:
    """A factor and the interval it would lie in."""
    has_interval = low is not None and high is not None
    told = f"{decimal(low, digits=3)} – {decimal(high, digits=3)}" if has_interval else ""
    plain = tuple("" if n is None else f"{n:.4f}" for n in (value, low, high))
    return Cell(decimal(value, digits=3), plain, told)


def plain_factor(value: float | None) -> Cell:
    return Cell(decimal(value), ("" if value is None else f"{value:.4f}",))


def untold(columns: int = 1) -> Cell:
    return Cell(UNTOLD, (UNTOLD,) * columns)


def decimal(value: float | None, *, digits: int = 2) -> str:
    if value is None:
        return NONE
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=locale())
