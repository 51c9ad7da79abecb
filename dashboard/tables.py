"""What a page shows, before it is HTML or CSV."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    MONEY = "money"  # cents
    SHARE = "share"  # of 1
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Column:
    label: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """The first column names the row. A cell may be None: there is nothing to say."""

    columns: list[Column]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Chart:
    """A picture, what it says in a sentence, and the figures in it. No figure: nothing to draw."""

    figure: dict[str, Any] | None
    sentence: str
    table: Table


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Drawing:
    """All that a page shows for its filters."""

    headline: str
    tiles: list[Tile]
    charts: dict[str, Chart]
    goals: list[Any]
