"""What becomes of some rows when the person whom they are about is erased."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Fate:
    """How many rows of a kind are deleted, emptied of the person, or kept as they are, and why.

    `until`: the last day on which they are kept, where the law names one.
    """

    name: str
    title: str | Promise
    deleted: int = 0
    emptied: int = 0
    kept: int = 0
    why: str | Promise = ""
    until: date | None = None

    @property
    def rows(self) -> int:
        return self.deleted + self.emptied + self.kept

    def as_numbers(self) -> dict[str, Any]:
        numbers = {"deleted": self.deleted, "emptied": self.emptied, "kept": self.kept}
        told: dict[str, Any] = {name: number for name, number in numbers.items() if number}
        return {**told, "until": self.until.isoformat()} if self.until else told
