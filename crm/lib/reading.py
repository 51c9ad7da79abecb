"""Reading the tables that people send: which notation they are in, and then their records."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO

from crm.lib import delimited, workbooks
from crm.lib.notations import NUMBER, decimal_of_numbers, order_of_dates
from crm.lib.sheets import BadFile, Detected, Line, below, named

SAMPLE = 200
SHOWN = 20
TEXT_FILES = {".csv", ".tsv", ".txt", ".tab"}
DATA = re.compile(r".*@.*\..*|[\d€$+(][\d\s.,:/()+\-€$TZ]*")
OPTIONS = {"encoding", "delimiter", "quote", "header_line", "sheet", "dates", "decimal"}


def detect(file: BinaryIO, name: str = "", **chosen: str | int) -> Detected:
    """Say how a file is to be read: as chosen, and for the rest as it seems to be.

    `chosen` may hold OPTIONS. Raises BadFile.
    """
    kind = kind_of(file, name)
    found = layout_of_text(file, chosen) if kind == "csv" else layout_of_book(file, chosen)
    first = list(islice(lines_with(file, kind, found), SAMPLE + 1))
    if not first:
        raise BadFile("empty")
    header = int(chosen.get("header_line", 0)) or header_of(first)
    heads = next((line for line in first if line.number == header), None)
    if heads is None:
        raise BadFile("no-header", line=header)
    columns = named(heads.cells, line=header)
    rows = [line.cells for line in below(iter(first), header)]
    if not rows:
        raise BadFile("no-rows", line=header)
    if "header_line" not in chosen:
        refuse_second_header(heads, first)
    return Detected(
        kind=kind,
        columns=columns,
        header_line=header,
        sample=tuple(tuple(cells[: len(columns)]) for cells in rows[:SHOWN]),
        **found,
        **notations(rows, chosen),
    )


def lines_of(file: BinaryIO, how: Detected) -> Iterator[Line]:
    """Yield the records below the column names. Raises BadFile where the file is broken."""
    if how.kind == "csv":
        lines = delimited.lines_of(
            file, encoding=how.encoding, delimiter=how.delimiter, quote=how.quote
        )
    else:
        lines = workbooks.lines_of(file, sheet=how.sheet, width=len(how.columns))
    return below(lines, how.header_line)


def kind_of(file: BinaryIO, name: str) -> str:
    """Tell by its first bytes what a file is; its name only says what it should be."""
    if workbooks.is_workbook(file):
        return "xlsx"
    ending = PurePath(name).suffix.lower()
    file.seek(0)
    if ending in {".xlsx", ".xlsm"} and file.read(1):
        raise BadFile("no-workbook")
    return "csv"


def layout_of_text(file: BinaryIO, chosen: dict) -> dict:
    names = ("encoding", "delimiter", "quote")
    return delimited.layout(file, **{name: chosen[name] for name in names if chosen.get(name)})


def layout_of_book(file: BinaryIO, chosen: dict) -> dict:
    sheets = workbooks.sheets_of(file)
    if not sheets:
        raise BadFile("empty")
    return {"sheets": sheets, "sheet": str(chosen.get("sheet") or sheets[0])}


def lines_with(file: BinaryIO, kind: str, found: dict) -> Iterator[Line]:
    if kind == "csv":
        return delimited.lines_of(file, **found)
    return workbooks.lines_of(file, sheet=found["sheet"])


def header_of(lines: list[Line]) -> int:
    """Return the line that names the columns: the first as wide as most, above the data."""
    widths = sorted(filled(line.cells) for line in lines)
    usual = widths[len(widths) // 2]
    for line in lines[:10]:
        if filled(line.cells) * 2 >= usual:
            return line.number
    return lines[0].number


def filled(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def refuse_second_header(heads: Line, lines: list[Line]) -> None:
    """Raises BadFile where the line below the column names names columns too."""
    after = [line for line in lines if line.number > heads.number]
    if len(after) < 2 or filled(after[0].cells) < 2:
        return
    second, data = after[0], after[1:]
    if looks_like_data(heads.cells) or looks_like_data(second.cells):
        return
    known = {cell.strip().casefold() for cell in heads.cells}
    repeats = sum(1 for cell in second.cells if cell.strip().casefold() in known - {""})
    if repeats * 2 > filled(second.cells) or unlike(second.cells, data):
        raise BadFile("second-header", line=second.number)


def looks_like_data(cells: list[str]) -> bool:
    return any(DATA.fullmatch(cell.strip()) for cell in cells)


def unlike(cells: list[str], data: list[Line]) -> bool:
    """Whether a line has words in columns where most others have an address, date or number."""
    odd = 0
    for column, cell in enumerate(cells):
        others = [line.cells[column].strip() for line in data if column < len(line.cells)]
        values = [other for other in others if other]
        as_data = sum(1 for other in values if DATA.fullmatch(other))
        odd += bool(cell.strip()) and len(values) > 0 and as_data > 0.8 * len(values)
    return odd > 0


def notations(rows: list[list[str]], chosen: dict) -> dict:
    """Return the order of dates and the decimal sign, and what leaves them in doubt."""
    cells = [cell.strip() for row in rows for cell in row if cell[:1] and len(cell) < 40]
    dates, doubtful_date = order_of_dates(cells)
    decimal, doubtful_number = decimal_of_numbers(
        cell for cell in cells if NUMBER.fullmatch(cell.strip("€$£ \u00a0EUR"))
    )
    return {
        "dates": chosen.get("dates") or dates,
        "doubtful_date": "" if chosen.get("dates") else doubtful_date,
        "decimal": chosen.get("decimal") or decimal,
        "doubtful_number": "" if chosen.get("decimal") else doubtful_number,
    }


__all__ = ["OPTIONS", "TEXT_FILES", "BadFile", "Detected", "Line", "detect", "lines_of"]
