"""Tables that leave the system as CSV, safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

BOM = "\ufeff"  # without it, spreadsheets take the file for another encoding
# What begins a formula: in a cell, or behind what separates cells for other programs than ours,
# as the semicolon does for spreadsheets that speak French or Dutch.
FORMULA = re.compile(r"(^[\t\r\n]|(?:^|(?<=[;\t\r\n]))\s*[=+\-@])")


class Echo:
    """What a writer takes for a file, and which only hands back what is written."""

    def write(self, text: str) -> str:
        return text


def safe(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("-Anne"), safe("Anne"), safe(None)
    ("'=1+1", "'-Anne", 'Anne', '')
    >>> safe("Anne;=1+1"), safe("Anne; Marie-Rose")
    ("Anne;'=1+1", 'Anne; Marie-Rose')

    Numbers are written as they are.
    """
    text = "" if value is None else str(value)
    return FORMULA.sub(r"'\1", text) if isinstance(value, str) else text


def csv_lines(heads: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the file line by line, so that no table is too long for the memory."""
    writer = csv.writer(Echo())
    yield BOM + writer.writerow([safe(str(head)) for head in heads])
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])
