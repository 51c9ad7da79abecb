"""What a model declares about the person its rows are about."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class PersonalData:
    """Whose rows these are, and what they look like after their owner was erased.

    `owner` is the path from a row to its supporter ("pk", "supporter", "gift__supporter").
    `is_accounting`: the law has the whole row kept for some years, whoever asks.
    `drop`: rows that are deleted instead of emptied, for nothing needs them any more.
    `email`: the field by which rows that have no owner yet are found to be somebody's.
    `internal`: fields that say nothing about the person and are not handed out.
    """

    owner: str
    erase: dict[str, Any] = field(default_factory=dict)
    is_accounting: bool = False
    drop: Q | None = None
    email: str = ""
    internal: tuple[str, ...] = ()
