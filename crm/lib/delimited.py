"""Reading CSV: one record at a time, whatever is in the file."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from crm.lib.encodings import encoding_of
from crm.lib.sheets import LONGEST_LINE, MOST_COLUMNS, BadFile, Line

DELIMITERS = ",;\t|"
SAMPLE = 200  # records


def layout(file: BinaryIO, *, encoding: str = "", delimiter: str = "", quote: str = "") -> dict:
    """Find out encoding, delimiter and quotation mark, unless they are told. Raises BadFile."""
    file.seek(0)
    if not file.read(4096).strip(b"\0\t\r\n ,;|\xef\xbb\xbf\xff\xfe"):
        raise BadFile("empty")
    encoding = encoding or encoding_of(file)
    delimiter = delimiter or told_delimiter(file, encoding) or delimiter_of(file, encoding)
    quote = quote or quote_of(file, encoding, delimiter)
    return {"encoding": encoding, "delimiter": delimiter, "quote": quote}


def lines_of(file: BinaryIO, *, encoding: str, delimiter: str, quote: str = '"') -> Iterator[Line]:
    """Yield the records, blank ones left out. Raises BadFile where one cannot be read."""
    reader = csv.reader(
        physical_lines(file, encoding, delimiter), delimiter=delimiter, quotechar=quote, strict=True
    )
    begins = 1
    try:
        for cells in reader:
            if cells and not (begins == 1 and is_declaration(cells)):
                yield Line(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise broken(error, begins, reader.line_num) from error


def physical_lines(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[str]:
    """Yield the file line by line, none longer than memory should hold."""
    text = opened(file, encoding)
    number = 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
                raise too_long(line, number, delimiter)
            if "\0" in line:
                raise BadFile(
                    "nul", line=number, column=1 + line[: line.index("\0")].count(delimiter)
                )
            yield line
    except UnicodeDecodeError as error:
        raise BadFile("encoding", line=undecodable(file, encoding), encoding=encoding) from error
    finally:
        with suppress(ValueError):  # the file was closed before us
            text.detach()


def opened(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    try:
        return io.TextIOWrapper(file, encoding=encoding, newline="")
    except LookupError as error:
        raise BadFile("unknown-encoding", encoding=encoding[:30]) from error


def too_long(line: str, number: int, delimiter: str) -> BadFile:
    if line.count(delimiter) > MOST_COLUMNS:
        return BadFile("columns", line=number, limit=MOST_COLUMNS)
    return BadFile("long-line", line=number, limit=f"{LONGEST_LINE:,}")


def broken(error: csv.Error, begins: int, reached: int) -> BadFile:
    """Say what csv stumbled over in the record that begins on a line."""
    if "limit" in str(error) and begins >= reached:
        return BadFile("long-cell", line=begins, limit=f"{csv.field_size_limit():,}")
    return BadFile("quote", line=begins)


def undecodable(file: BinaryIO, encoding: str) -> int:
    """Return the line with the first bytes that the encoding does not know."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    line = 1
    while True:
        block = file.read(1 << 16)
        try:
            line += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as error:
            return line + str(error.object[: error.start], encoding, "replace").count("\n")
        if not block:
            return line


def is_declaration(cells: list[str]) -> bool:
    """Whether this is Excel's own first line, which names the delimiter."""
    return cells[0].lower().startswith("sep=") and not any(cells[1:]) and len(cells[0]) <= 5


def told_delimiter(file: BinaryIO, encoding: str) -> str:
    line = next(islice(physical_lines(file, encoding, ","), 1), "").strip("\r\n")
    return line[4:] if line.lower().startswith("sep=") and line[4:] in [*DELIMITERS] else ""


def delimiter_of(file: BinaryIO, encoding: str) -> str:
    """Return the sign that cuts most records into the same number of cells."""
    scores = {sign: score(file, encoding, sign) for sign in DELIMITERS}
    best = max(DELIMITERS, key=lambda sign: scores[sign])
    return best if scores[best] > (0.0, 0) else ","


def score(file: BinaryIO, encoding: str, delimiter: str) -> tuple[float, int]:
    """How many of the first records have the same number of cells, above one; and that number."""
    try:
        records = lines_of(file, encoding=encoding, delimiter=delimiter)
        widths = Counter(len(line.cells) for line in islice(records, SAMPLE))
    except BadFile as error:
        # Whatever the sign is: the file itself is bad. Only a wrong sign finds broken quotes.
        if error.reason not in {"quote", "long-cell"}:
            raise
        return (0.0, 0)
    shared = [(number, width) for width, number in widths.items() if width > 1]
    if not shared:
        return (0.0, 0)
    number, width = max(shared)
    return (round(number / widths.total(), 1), width)


def quote_of(file: BinaryIO, encoding: str, delimiter: str) -> str:
    """Return the mark around cells: the double one, unless most cells stand between single ones."""
    cells = [
        cell
        for line in islice(physical_lines(file, encoding, delimiter), SAMPLE)
        for cell in line.strip("\r\n").split(delimiter)
        if cell
    ]
    single = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return "'" if single > 0.5 * len(cells) else '"'
