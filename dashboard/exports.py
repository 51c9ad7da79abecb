"""The table behind a chart as CSV, for spreadsheets: plain numbers, days as ISO writes them."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.http import QueryDict

from crm.lib.money import from_minor
from dashboard import pages
from dashboard.pages import Page
from dashboard.tables import Kind, Table

# A spreadsheet takes a cell that begins like this for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def file_of(page: Page, chart: str, query: QueryDict) -> str:
    """The file of a chart. Its first character is the mark by which Excel knows UTF-8."""
    table = pages.draw(page, query).charts[chart].table
    return "\ufeff" + "".join(lines(table))


def lines(table: Table) -> Iterator[str]:
    kinds = [column.kind for column in table.columns]
    yield line([escaped(column.label) for column in table.columns])
    for row in table.rows:
        yield line([plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)])


def line(cells: list[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def plain(cell: Any, kind: Kind) -> str:
    """Write a cell for a machine.

    >>> plain(123456, Kind.MONEY), plain(0.25, Kind.SHARE), plain(None, Kind.COUNT)
    ('1234.56', '0.2500', '')
    """
    if cell is None:
        return ""
    if kind == Kind.MONEY:
        return str(from_minor(int(cell), "EUR"))
    if kind == Kind.SHARE:
        return f"{cell:.4f}"
    return escaped(str(cell)) if kind == Kind.TEXT else str(cell)


def escaped(text: str) -> str:
    """Keep a spreadsheet from running a cell.

    >>> escaped("=1+1"), escaped("Facebook")
    ("'=1+1", 'Facebook')
    """
    return f"'{text}" if text.startswith(FORMULAS) else text
