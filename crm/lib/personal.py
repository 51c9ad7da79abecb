"""What a model declares about the person its rows are about."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PersonalData:
    """Whose rows these are, and what they look like after their owner was erased.

    `owner` is the path from a row to its supporter ("pk", "supporter", "gift__supporter").
    `is_accounting`: the law has the whole row kept for some years, whoever asks.
    """

    owner: str
    erase: dict[str, Any] = field(default_factory=dict)
    is_accounting: bool = False
