"""Tables that come into the system: what a file holds, line by line, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOST_COLUMNS = 500
LONGEST_LINE = 1_000_000  # characters; a cell may have 131,072, as csv has it
REASONS = {
    "empty": _("The file is empty."),
    "no-rows": _("The file has a line of column names, and nothing below it."),
    "encoding": _("The file is not written in %(encoding)s: there is a character it cannot hold."),
    "unknown-encoding": _("“%(encoding)s” is no encoding that we know."),
    "nul": _("The file holds a character that no text has (NUL). Save it again as CSV UTF-8."),
    "quote": _(
        "A quotation mark is missing or stands in the middle of a cell. A cell with quotation marks"
        " begins and ends with one, and those inside are doubled."
    ),
    "long-line": _("The line is longer than %(limit)s characters."),
    "long-cell": _("A cell is longer than %(limit)s characters."),
    "columns": _("There are more than %(limit)s columns. Is the delimiter right?"),
    "second-header": _(
        "There seem to be two lines of column names. Delete one, or say which one names the"
        " columns."
    ),
    "duplicate-column": _("Two columns have the same name: “%(name)s”. Rename one."),
    "no-header": _("The line that should name the columns is empty."),
    "old-excel": _("This is a workbook of an old Excel (.xls). Save it as .xlsx or as CSV."),
    "locked": _("This workbook is protected by a password. Save it without one."),
    "open-document": _("This is an OpenDocument file. Save it as .xlsx or as CSV."),
    "no-workbook": _("This is no Excel workbook, or it is damaged. Save it again, or as CSV."),
    "bomb": _("This workbook unpacks to more than any list of ours. Save it as CSV."),
    "big-workbook": _("This workbook is too large to read as such. Save it as CSV."),
    "no-sheet": _("The workbook has no sheet “%(name)s”."),
    "erased": _(
        "The file was deleted: somebody in it asked to be erased. Take their row out, and upload it"
        " again."
    ),
}


class BadFile(Exception):
    """The file cannot be read. `reason` is a key of REASONS; line and column tell where."""

    def __init__(self, reason: str, *, line: int = 0, column: int = 0, **told: object) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column, self.told = reason, line, column, told

    def __str__(self) -> str:
        """Say, in the reader's language, what is wrong and where."""
        what = str(REASONS[self.reason]) % self.told
        if self.line and self.column:
            where = gettext("Line %(line)d, column %(column)d: ")
        elif self.line:
            where = gettext("Line %(line)d: ")
        else:
            where = ""
        return where % {"line": self.line, "column": self.column} + what


class Line(NamedTuple):
    """One record of a table, and the line of the file where it begins."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Detected:
    """How a file is to be read: found out from it, or chosen by whoever knows better.

    `dates` is the order of day, month and year in dates that are not ISO; `decimal` is the sign
    between whole and rest. Where the sample does not tell, they are doubtful, with an example.
    """

    kind: str
    columns: tuple[str, ...]
    header_line: int = 1
    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    dates: str = "dmy"
    doubtful_date: str = ""
    decimal: str = ","
    doubtful_number: str = ""
    sample: tuple[tuple[str, ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is stored beside the file; the sample stays in the file."""
        kept = asdict(self)
        del kept["sample"]
        return kept | {name: list(kept[name]) for name in ("columns", "sheets")}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Detected":
        lists = {name: tuple(kept[name]) for name in ("columns", "sheets")}
        return cls(**{**kept, **lists})


def check_width(cells: int, *, line: int) -> None:
    if cells > MOST_COLUMNS:
        raise BadFile("columns", line=line, limit=MOST_COLUMNS)


def named(cells: list[str], *, line: int) -> tuple[str, ...]:
    """Return the columns' names. Empty ones at the end are no columns; between, they are numbered.

    >>> named(["Email", " Name ", "", "City", ""], line=1)
    ('Email', 'Name', '#3', 'City')
    """
    check_width(len(cells), line=line)
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadFile("no-header", line=line)
    seen: set[str] = set()
    for column, name in enumerate(names, start=1):
        if name and name.casefold() in seen:
            raise BadFile("duplicate-column", line=line, column=column, name=name[:60])
        seen.add(name.casefold())
    return tuple(name or f"#{column}" for column, name in enumerate(names, start=1))


def below(lines: Iterator[Line], header_line: int) -> Iterator[Line]:
    """Yield the records below the column names, leaving out blank ones."""
    for line in lines:
        if line.number > header_line and any(line.cells):
            yield line
