"""What became of the rows of a file, for staff to read: one by one, and the bad ones to mend."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from crm.exchange.models import Import, ImportRow
from crm.exchange.originals import file_of
from crm.exchange.reasons import sentences
from crm.lib import reading
from crm.lib.sheets import Detected
from crm.lib.tables import csv_lines

AT_ONCE = 1000


class Outcome(NamedTuple):
    """A row of the file, what became of it, and what changed: field, before, after."""

    line: int
    outcome: str
    cells: list[str]
    why: str
    changes: list[tuple[str, Any, Any]]
    supporter_id: int | None


def outcomes(
    batch: Import, *, outcome: str = "", after: int = 0, number: int = 50
) -> list[Outcome]:
    """Return some rows with their cells, those behind the line `after`, of one outcome if told."""
    rows = batch.rows.filter(line__gt=after).order_by("line")
    found = list((rows.filter(outcome=outcome) if outcome else rows)[:number])
    cells = cells_of(batch, {row.line for row in found})
    return [
        Outcome(
            row.line,
            row.outcome,
            cells.get(row.line, []),
            why(row),
            changes(row),
            row.supporter_id,
        )
        for row in found
    ]


def cells_of(batch: Import, wanted: set[int]) -> dict[int, list[str]]:
    """Return the cells of some lines. The file is read up to the last of them, and not kept."""
    if not wanted or batch.file is None:
        return {}
    last = max(wanted)
    found = {}
    with file_of(batch) as file:
        for line in reading.lines_of(file, Detected.from_json(batch.detected)):
            if line.number in wanted:
                found[line.number] = line.cells
            if line.number >= last:
                break
    return found


def why(row: ImportRow) -> str:
    """Say why a row was not taken, in the reader's language."""
    return sentences((row.after or {}).get("reasons", []))


def changes(row: ImportRow) -> list[tuple[str, Any, Any]]:
    """Return what changes for somebody whom we know: field, before, after."""
    before, after = row.before or {}, row.after or {}
    return [(name, before.get(name), after[name]) for name in after if name != "reasons"]


def rejects(batch: Import) -> Iterator[str]:
    """Yield, as CSV, the bad rows with their reasons, to be mended and sent again.

    The file and the bad rows are both read in the order of lines, neither is held in memory.
    """
    how = Detected.from_json(batch.detected)
    heads = [*how.columns, *own_headings()]
    yield from csv_lines(heads, rejected(batch, how))


def own_headings() -> tuple[str, str]:
    """Return the names of the columns that we add, in the reader's language."""
    return gettext("What is wrong"), gettext("Line")


def without_ours(columns: Iterable[str]) -> list[str]:
    """Return the columns that a file of rejects had before it was one."""
    ours: set[str] = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            ours |= set(own_headings())
    return [column for column in columns if column not in ours]


def rejected(batch: Import, how: Detected) -> Iterator[list[Any]]:
    rows = batch.rows.filter(outcome=ImportRow.Outcome.BAD).order_by("line")
    bad = rows.iterator(chunk_size=AT_ONCE)
    width = len(how.columns)
    with file_of(batch) as file:
        lines = iter(reading.lines_of(file, how))
        for row in bad:
            line = next(line for line in lines if line.number == row.line)
            # What stands beyond the last column is part of what is wrong.
            cells = list(islice([*line.cells, *[""] * width], max(width, len(line.cells))))
            extra = ", ".join(filter(None, cells[width:]))
            yield [*cells[:width], " ".join(filter(None, [why(row), extra])), row.line]
