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


@dataclass(frozen=True)
class Retention:
    """How long rows are kept at most, and what then becomes of them: `retention` of a model.

    `since`: the field from which `months` count. `of`: the rows that the rule is about.
    `empty`: fields and what they are emptied to; without it the rows are deleted.
    `by`: a module with `due(before)` and `apply(before, at)`, as a dotted path, for rules that are
    more than that; both return how many rows or people there are.
    `is_on`: whether it holds until staff decide otherwise.
    """

    key: str
    title: str | Promise
    since: str
    months: int
    of: Q = field(default_factory=Q)
    empty: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    is_on: bool = False
