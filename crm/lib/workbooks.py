"""Reading XLSX, row by row, from files that nobody has checked."""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from crm.lib.sheets import LONGEST_LINE, MOST_COLUMNS, BadFile, Line

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")  # what is in a workbook with a password
MOST_ROWS = 1_048_576  # as Excel
MOST_MEMBERS = 5_000
MOST_UNPACKED = 1 << 30
MOST_STRINGS = 96 << 20  # of the texts, which are all held in memory
SMALL, MOST_RATIO = 10 << 20, 150  # what is small may shrink as it likes
BLOCK = 1 << 20
ROWS_AT_ONCE = 500


def is_workbook(file: BinaryIO) -> bool:
    """Whether a file is, or wants to be, a workbook and not text."""
    file.seek(0)
    return file.read(8).startswith((ZIP, COMPOUND))


def check(file: BinaryIO) -> None:
    """Look at what the archive says of itself, before anything is unpacked. Raises BadFile."""
    file.seek(0)
    if file.read(8) == COMPOUND:
        raise BadFile(
            "locked" if holds(file, "EncryptedPackage".encode("utf-16-le")) else "old-excel"
        )
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadFile("no-workbook") from error
    names = {member.filename for member in members}
    if "content.xml" in names and "xl/workbook.xml" not in names:
        raise BadFile("open-document")
    if "[Content_Types].xml" not in names:
        raise BadFile("no-workbook")
    if any(member.flag_bits & 1 for member in members):
        raise BadFile("locked")
    check_sizes(members)


def holds(file: BinaryIO, needle: bytes) -> bool:
    """Whether bytes stand somewhere in a file."""
    file.seek(0)
    tail = b""
    while block := file.read(BLOCK):
        if needle in tail + block:
            return True
        tail = block[-len(needle) :]
    return False


def check_sizes(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    bombs = [
        member
        for member in members
        if member.file_size > SMALL and member.file_size > MOST_RATIO * member.compress_size
    ]
    if bombs or total > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise BadFile("bomb")
    for member in members:
        is_sheet = member.filename.startswith("xl/worksheets/")
        if not is_sheet and member.file_size > MOST_STRINGS:
            raise BadFile("big-workbook")


def opened(file: BinaryIO) -> Workbook:
    """Open a workbook that was checked. Raises BadFile."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out is of no use to us
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl tells damaged files by whatever they let it stumble over
        raise BadFile("no-workbook") from error


def sheets_of(file: BinaryIO) -> tuple[str, ...]:
    """Return the names of the sheets that can be seen, in their order. Raises BadFile."""
    check(file)
    book = opened(file)
    return tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")


def lines_of(file: BinaryIO, *, sheet: str, width: int = MOST_COLUMNS) -> Iterator[Line]:
    """Yield the rows of a sheet as text, blank ones left out, and one cell beyond `width` seen."""
    check(file)
    book = opened(file)
    if sheet not in book.sheetnames:
        raise BadFile("no-sheet", name=sheet[:60])
    page = book[sheet]
    refuse_endless_rows(book, page)
    page.reset_dimensions()
    rows = page.iter_rows(max_row=MOST_ROWS, max_col=width + 1, values_only=True)
    number = 0
    while batch := taken(rows, number):
        for row in batch:
            number += 1
            if row.count(None) < len(row):
                yield Line(number, cells_of(row, number))


def refuse_endless_rows(book: Any, page: Any) -> None:
    """Raises BadFile for a row that would be held in memory whole, and is too large for it."""
    seen = last = 0
    with book._archive.open(page._worksheet_path) as source:
        while block := source.read(BLOCK // 4):
            found = block.rfind(b"row")
            last = seen + found if found >= 0 else last
            seen += len(block)
            if seen - last > 4 * LONGEST_LINE:
                raise BadFile("long-line", limit=f"{4 * LONGEST_LINE:,}")


def taken(rows: Iterator[tuple[Any, ...]], after: int) -> list[tuple[Any, ...]]:
    """Return the next rows. Raises BadFile where the sheet is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(islice(rows, ROWS_AT_ONCE))
    except Exception as error:
        raise BadFile("no-workbook", line=after + 1) from error


def cells_of(row: tuple[Any, ...], number: int) -> list[str]:
    last = len(row)
    while last and row[last - 1] is None:
        last -= 1
    cells = [text_of(value) for value in row[:last]]
    for column, cell in enumerate(cells, start=1):
        if len(cell) > 131_072:
            raise BadFile("long-cell", line=number, column=column, limit="131,072")
    return cells


def text_of(value: Any) -> str:
    """Write a cell as the same value would stand in a CSV.

    >>> text_of(1050.0), text_of(12.5), text_of(0.125), text_of(True), text_of(None)
    ('1050', '12.5', '0.1250', 'true', '')
    >>> text_of(datetime(2025, 3, 4)), text_of(datetime(2025, 3, 4, 14, 5))
    ('2025-03-04', '2025-03-04 14:05:00')
    """
    if isinstance(value, str):
        return cleaned(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def number(value: float) -> str:
    """Write a number so that no notation takes its decimals for thousands."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.10f}".rstrip("0") if abs(value) < 1e15 else repr(value)
    return text + "0" if len(text.rpartition(".")[2]) == 3 else text


def cleaned(text: str) -> str:
    """Take out what XML can smuggle in, and no text of a database may hold."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char != "\0" and not "\ud800" <= char <= "\udfff")
