"""What a model declares about the person its rows are about."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from crm.lib.activities import Activity

EVERYTHING = Q(pk__isnull=False)


@dataclass(frozen=True)
class PersonalData:
    """Whose rows these are, why we hold them, and what they look like after an erasure.

    `activity`: what they are held for, in the register of processing.
    `owner` is the path from a row to its supporter ("pk", "supporter", "gift__supporter").
    `others`: paths to more supporters whom the rows are about.
    `is_accounting`: the law has the whole row kept for some years, whoever asks.
    `dated`: the field with the day or moment of the row; for accounting, the year that is kept.
    `shows_life`: a row is a sign that the person still wants to know us, at `dated`.
    `drop`: rows that are deleted instead of emptied, for nothing needs them any more.
    `email`: the field by which rows that have no owner yet are found to be somebody's.
    `is_history`: what rows were before; it is emptied last, for emptying them adds to it.
    `internal`: fields that say nothing about the person and are not handed out.
    `proof`: why rows that stay after an erasure stay, where they are not of the accounts.
    `ties`: rows as long as which a person is not forgotten, however long they were silent.
    `sensitive`: why these rows need more care than others, in the register.
    `erased_by`: a module with `plan(person)` and `erase(person, at)`, as a dotted path, for what
    names the person beside these rows and only that slice can find.
    """

    activity: Activity
    owner: str
    erase: dict[str, Any] = field(default_factory=dict)
    is_accounting: bool = False
    dated: str = ""
    shows_life: bool = False
    drop: Q | None = None
    others: tuple[str, ...] = ()
    is_history: bool = False
    email: str = ""
    internal: tuple[str, ...] = ()
    proof: str | Promise = ""
    erased_by: str = ""
    ties: Q | None = None
    sensitive: str | Promise = ""


@dataclass(frozen=True)
class Retention:
    """How long rows are kept at most, and what then becomes of them: `retention` of a model, which
    may be several.

    Models whose rules have the same `key` are under one rule, which staff decide about.
    `since`: the field from which `months` count. `of`: the rows that the rule is about, and that
    it has not done its work on yet.
    `empty`: fields and what they are emptied to; without it the rows are deleted.
    `by`: a module, as a dotted path, for rules that are more than that, with `due(before)`, which
    returns the rows, and `apply(rows, before, at)`, which returns on how many it was done.
    `is_on`: whether it holds until staff decide otherwise.
    `least`: the fewest months that staff may set.
    `full_years`: months count from the end of the year, and never end before the law's own term.
    `most`: of how many rows at most it is done in a night; 0: of all.
    """

    key: str
    title: str | Promise
    since: str
    months: int
    of: Q = field(default_factory=Q)
    empty: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    is_on: bool = False
    least: int = 1
    full_years: bool = False
    most: int = 0
