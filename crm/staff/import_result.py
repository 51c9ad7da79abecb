"""What the page of an import tells: counts, and row by row what changes."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.utils.translation import gettext as _

from crm.exchange import imports, outcomes, undoing
from crm.exchange.models import Import, ImportRow
from crm.lib.sheets import Detected
from crm.staff.import_rights import may_fetch, may_open, may_work_on
from crm.staff.import_words import HIDDEN, hidden_fields, label_of, row_says, state_says

State, Outcome = Import.State, ImportRow.Outcome
AT_ONCE = 50
MOST_CONFLICTS = 100  # on the page
READ_FOR_CELLS = 20_000  # lines; beyond them a row is shown without its cells
NOT_YET = (State.CHECKED,)


def tell(batch: Import, reader: Any, query: Any) -> dict[str, Any]:
    """Return what the page shows of an import, as far as its reader may see it."""
    counts = counts_of(batch)
    show = query.get("show") or first_shown(counts)
    rows = [] if batch.state in imports.BUSY else page_of(batch, show, query.get("after", ""))
    hidden = hidden_fields(reader)
    cells = cells_of(batch, rows[:AT_ONCE], hidden)
    return {
        "batch": batch,
        "says": state_says(batch),
        "is_busy": batch.state in imports.BUSY,
        "counts": counts,
        "show": show,
        "rows": [row_says(row, hidden, cells) for row in rows[:AT_ONCE]],
        "next": rows[AT_ONCE - 1].line if len(rows) > AT_ONCE else None,
        "is_first": not query.get("after"),
        "conflicts": conflicts(batch),
        "more_conflicts": max(0, len(batch.conflicts) - MOST_CONFLICTS),
        "may": may(batch, reader),
    }


def may(batch: Import, reader: Any) -> dict[str, bool]:
    """Return which buttons the page has."""
    works = may_work_on(reader, batch)
    has_begun = bool(batch.options.get("at"))
    return {
        "run": works and batch.state == State.CHECKED and batch.read > batch.bad,
        "go_on": works and batch.state == State.FAILED and has_begun and not batch.undone_at,
        "change": may_open(reader, batch)
        and batch.state in imports.OPEN
        and not has_begun
        and bool(batch.file),
        "undo": works and has_begun and batch.state in {State.DONE, State.FAILED},
        "fetch": bool(batch.rejects) and may_fetch(reader, batch),
    }


def counts_of(batch: Import) -> list[dict[str, Any]]:
    """Return how many rows came to what; together they are the rows that were read."""
    is_done = batch.state not in NOT_YET
    words = {
        Outcome.CREATED: _("added") if is_done else _("would be added"),
        Outcome.UPDATED: _("changed") if is_done else _("would change"),
        Outcome.UNCHANGED: _("known already"),
        Outcome.SKIPPED: _("left out"),
        Outcome.BAD: _("bad"),
    }
    numbers = (batch.created, batch.updated, batch.unchanged, batch.skipped, batch.bad)
    return [
        {"outcome": outcome.value, "word": word, "number": number}
        for (outcome, word), number in zip(words.items(), numbers, strict=True)
    ]


def first_shown(counts: list[dict[str, Any]]) -> str:
    """Begin with what needs a look: changes of what is known, then bad rows, then new ones."""
    there = {each["outcome"] for each in counts if each["number"]}
    wanted = (Outcome.UPDATED, Outcome.BAD, Outcome.CREATED, Outcome.SKIPPED, Outcome.UNCHANGED)
    return next((outcome.value for outcome in wanted if outcome in there), "")


def page_of(batch: Import, show: str, after: str) -> list[ImportRow]:
    """Return the rows of a page, and one more if there is another page."""
    if show not in {"", *Outcome.values} or (after and not after.isdecimal()):
        raise SuspiciousOperation
    rows = batch.rows.filter(outcome=show, line__gt=int(after or 0)).select_related("supporter")
    return list(rows.order_by("line")[: AT_ONCE + 1])


def needs_cells(batch: Import, row: ImportRow) -> bool:
    """Whether nothing else tells what a row says: it is bad, or about somebody who is not there."""
    is_to_come = batch.state == State.CHECKED and row.outcome == Outcome.CREATED
    return row.outcome == Outcome.BAD or (is_to_come and not row.after)


def cells_of(
    batch: Import, rows: list[ImportRow], hidden: set[str]
) -> dict[int, list[tuple[str, str]]]:
    """Return the cells of these rows, as fields; without a file, or far down in one, none."""
    wanted = {row.line for row in rows if needs_cells(batch, row)}
    last = max(wanted, default=0)
    if not wanted or last > READ_FOR_CELLS or batch.file is None:
        return {}
    how = Detected.from_json(batch.detected)
    return {
        line: told_cells(how, batch.mapping, cells, hidden)
        for line, cells in outcomes.cells_of(batch, wanted).items()
    }


def told_cells(
    how: Detected, mapping: dict[str, str], cells: list[str], hidden: set[str]
) -> list[tuple[str, str]]:
    """Return cells as the file has them: they may be bad, and were not read."""
    named = zip(how.columns, cells, strict=False)
    fields = [(mapping.get(column, ""), cell.strip()) for column, cell in named]
    return [
        (label_of(name), HIDDEN if name in hidden else cell)
        for name, cell in fields
        if name and cell
    ]


def conflicts(batch: Import) -> list[dict[str, Any]]:
    """Return what could not be taken back, in words."""
    return [
        {"line": each["line"], "says": undoing.sentence(each | named(each))}
        for each in batch.conflicts[:MOST_CONFLICTS]
    ]


def named(conflict: dict[str, Any]) -> dict[str, str]:
    return {"field": label_of(conflict["field"])} if "field" in conflict else {}
