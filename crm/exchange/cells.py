"""What the cells of a column say. Most say what others said before: each is read once."""

from collections.abc import Callable
from typing import Any

# Before these our own files have an apostrophe, so that no spreadsheet takes them for formulas.
SHIELDED = {"'=", "'+", "'-", "'@"}
# What an import can do without: a strange title does not keep a row out.
ASIDE = {"form_of_address", "method"}
# Hardly any of these comes twice, so that to remember them costs more than it saves.
OWN = {"email", "other_email", "phone", "other_phone", "identifier", "reference", "payment", "note"}
MOST, LONGEST = 10_000, 200  # cells that are remembered, and characters of each


class TooLong(Exception):
    """The text does not fit."""


class Cells(dict[str, Any]):
    """From the cells of a column to their values: None where a cell says nothing, "" where it says
    that there is nothing. Raises ValueError, TooLong.
    """

    def __init__(self, name: str, read: Callable[[str], Any] | None, longest: int) -> None:
        super().__init__()
        self.name, self.read, self.longest = name, read or self.text, longest
        self.is_own = name in OWN

    def __missing__(self, cell: str) -> Any:
        value = self.value(cell.strip())
        if self.is_own or len(cell) > LONGEST:
            return value
        if len(self) >= MOST:
            self.clear()
        self[cell] = value
        return value

    def value(self, cell: str) -> Any:
        if not cell:
            return None
        if cell[0] == "'" and cell[:2] in SHIELDED:
            cell = cell[1:]
        try:
            value = self.read(cell)
        except ValueError:
            if self.name in ASIDE:
                return None
            raise
        return "" if value is None else value

    def text(self, cell: str) -> str:
        """Return plain text, in one line unless it is a note."""
        plain = cell if self.name == "note" else " ".join(cell.split())
        if self.longest and len(plain) > self.longest:
            raise TooLong
        return plain
