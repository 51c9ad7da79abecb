"""What a model declares about the person its rows are about."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

EVERYTHING = Q(pk__isnull=False)


@dataclass(frozen=True)
class PersonalData:
    """Whose rows these are, and what they look like after their owner was erased.

    `owner` is the path from a row to its supporter ("pk", "supporter", "gift__supporter").
    `others`: paths to more supporters whom the rows are about.
    `is_accounting`: the law has the whole row kept for some years, whoever asks.
    `drop`: rows that are deleted instead of emptied, for nothing needs them any more.
    `email`: the field by which rows that have no owner yet are found to be somebody's.
    `is_history`: what rows were before; it is emptied last, for emptying them adds to it.
    `internal`: fields that say nothing about the person and are not handed out.
    """

    owner: str
    erase: dict[str, Any] = field(default_factory=dict)
    is_accounting: bool = False
    drop: Q | None = None
    others: tuple[str, ...] = ()
    is_history: bool = False
    email: str = ""
    internal: tuple[str, ...] = ()
