"""What a model declares about its rows when two supporters are merged into one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


class Flag(NamedTuple):
    """A mark that one row of a supporter may have. Both records' rows move; one loses the mark.

    `follows`: the field of the supporter whose choice says which keeps it; else the kept one's.
    """

    field: str
    follows: str = ""


@dataclass(frozen=True)
class Merging:
    """What becomes of the rows that point to the record which is lost: they move, as a rule.

    Where the database (or `alike`) lets only one of two rows be the kept record's, the other one
    is put into the merge's journal, or it `stays` with the record that is lost.

    `moves`: False for rows that speak of the record, not of the person.
    `alike`: fields, any two rows with the same of which are one too many, beyond the constraints.
    `is_better(lost's, kept's)`: whether the kept record takes the other one's row for its own.
    `combined(lost's, kept's)`: what the row that remains learns from the one that goes.
    `left`: what the row that stays behind is changed to.
    `flags`: by the name of the constraint.
    `apart`: pairs of a field and a path, which may not lead to one and the same supporter.
    `itself(at)`: what a row is changed to that would make somebody something to themselves;
    without it such a row goes into the journal.
    `ordered`: two fields of which the first holds the smaller key.
    `mirrored(row)`: what a row that says the same from the other side has; None where none does.
    `dated`: the field that says when the row was last changed.
    `told`: a function that hears of every change to a row, as a dotted path (it may live above).
    `by`: a module with `join` and `part`, which do all of it themselves, as a dotted path.
    """

    moves: bool = True
    stays: bool = False
    alike: tuple[str, ...] = ()
    is_better: Callable[[Any, Any], bool] | None = None
    combined: Callable[[Any, Any], dict[str, Any]] | None = None
    left: dict[str, Any] = field(default_factory=dict)
    flags: dict[str, Flag] = field(default_factory=dict)
    apart: tuple[tuple[str, str], ...] = ()
    itself: Callable[[datetime], dict[str, Any]] | None = None
    ordered: tuple[str, ...] = ()
    mirrored: Callable[[Any], dict[str, Any] | None] | None = None
    dated: str = ""
    told: str = ""
    by: str = ""


MOVES, STAYS = Merging(), Merging(moves=False)
