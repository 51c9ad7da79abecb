"""Tables that leave the system as workbooks (XLSX).

Text is always text: no cell holds a formula or a link, whatever it begins with.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, NamedTuple

from xlsxwriter import Workbook

MOST_ROWS = 1_048_576  # of a sheet; then another one begins
LONGEST_TEXT = 32_767  # of a cell
SENT_AT_ONCE = 1 << 16
# One row at a time is in memory, and moments keep the time of their zone.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what no XML may hold
UNWANTED_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


class About(NamedTuple):
    """What a workbook says of itself: in its properties, and line by line on its last sheet."""

    title: str
    author: str
    made_at: datetime
    sheet: str
    lines: list[tuple[str, Any]]


def workbook(heads: Iterable[Any], rows: Iterable[Iterable[Any]], about: About) -> Iterator[bytes]:
    """Yield the file piece by piece. It is written to disk first: its index comes last."""
    with tempfile.TemporaryFile() as file:
        write(file, [str(head) for head in heads], iter(rows), about)
        file.seek(0)
        while piece := file.read(SENT_AT_ONCE):
            yield piece


def write(file: IO[bytes], heads: list[str], rows: Iterator[Iterable[Any]], about: About) -> None:
    with Workbook(file, OPTIONS) as book:
        describe(book, about)
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        bold = book.add_format({"bold": True})
        number, is_full = 1, True
        while is_full:
            sheet = book.add_worksheet(name_of(about.title, number))
            is_full = fill(sheet, heads, islice(rows, MOST_ROWS - 1), bold, formats)
            number += 1
        fill_rows(book.add_worksheet(name_of(about.sheet)), about.lines, formats)


def describe(book: Workbook, about: About) -> None:
    told = "; ".join(f"{name}: {value}" for name, value in about.lines)
    properties = {"title": about.title, "author": about.author, "comments": told}
    clean = {name: UNWANTED.sub("", text) for name, text in properties.items()}
    book.set_properties({**clean, "created": about.made_at.replace(tzinfo=None)})


def name_of(title: str, number: int = 1) -> str:
    """Return what a sheet may be called.

    >>> name_of("Gifts: 2026/27"), name_of("Gifts", 2)
    ('Gifts  2026 27', 'Gifts 2')
    """
    name = UNWANTED_IN_NAMES.sub(" ", UNWANTED.sub("", title))[:27]
    return f"{name} {number}" if number > 1 else name


def fill(
    sheet: Any, heads: list[str], rows: Iterable[Iterable[Any]], bold: Any, formats: dict[Any, Any]
) -> bool:
    """Write a sheet whose first line stays when one scrolls; return whether it is full."""
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.set_column(column, column, max(len(head) + 3, 14))
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    return fill_rows(sheet, rows, formats, start=1) == MOST_ROWS - 1


def fill_rows(
    sheet: Any, rows: Iterable[Iterable[Any]], formats: dict[Any, Any], start: int = 0
) -> int:
    """Write rows below each other; return how many there were."""
    written = 0
    for written, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            write_cell(sheet, start + written - 1, column, value, formats)
    return written


def write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[Any, Any]) -> None:
    """Write text as text, numbers as numbers, days and moments as such."""
    if value is None or value == "":
        return
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date):
        sheet.write_string(row, column, UNWANTED.sub("", str(value)[:LONGEST_TEXT]))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[type(value)])
    else:
        sheet.write_number(row, column, value, formats.get(type(value)))
