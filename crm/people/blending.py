"""What one record says that was made of two, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.people.models import Supporter

KEPT, LOST = "kept", "lost"
# What staff may choose; the postcode brings its country and region with it.
CHOICES = (
    "given_name",
    "family_name",
    "email",
    "form_of_address",
    "own_greeting",
    "birth_date",
    "language",
    "postcode",
)
PLACE = ("postcode", "country", "region")
TOGETHER = {"postcode": PLACE}
# Since when, and from where, we have somebody: the older record tells.
OLDEST = ("created_at", "source")
# What stays each record's own, or is made anew.
OWN = (
    *("id", "public_id", "kind", "merged_into", "erased_at"),
    *("modified_at", "search_text", "search"),
)


@dataclass(frozen=True)
class Blend:
    """One field of two records, and which of them it is taken from."""

    name: str
    kept: Any
    lost: Any
    side: str

    @property
    def differs(self) -> bool:
        return self.kept != self.lost

    @property
    def result(self) -> Any:
        return self.kept if self.side == KEPT else self.lost


def columns(name: str) -> tuple[str, ...]:
    return TOGETHER.get(name, (name,))


def sides(kept: Supporter, lost: Supporter, choices: Mapping[str, str]) -> dict[str, str]:
    """Return which record each field is taken from: the kept one, if it says anything.

    Raises ValueError for a choice that there is not.
    """
    if not set(choices) <= set(CHOICES) or not set(choices.values()) <= {KEPT, LOST}:
        raise ValueError(f"no such choice: {dict(choices)}")
    return {name: choices.get(name) or side_of(name, kept, lost) for name in CHOICES}


def side_of(name: str, kept: Supporter, lost: Supporter) -> str:
    if name == "postcode" and not (kept.postcode or lost.postcode):
        name = "country"
    return LOST if getattr(lost, name) and not getattr(kept, name) else KEPT


def blends(kept: Supporter, lost: Supporter, choices: Mapping[str, str]) -> list[Blend]:
    """Return the fields that staff may choose, with what they will say."""
    return [
        Blend(name, told(kept, name), told(lost, name), side)
        for name, side in sides(kept, lost, choices).items()
    ]


def told(supporter: Supporter, name: str) -> tuple[Any, ...]:
    return tuple(getattr(supporter, column) for column in columns(name))


def blended(kept: Supporter, lost: Supporter, choices: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the record that is kept, as they will be."""
    records = {KEPT: kept, LOST: lost}
    values = {
        column: getattr(records[side], column)
        for name, side in sides(kept, lost, choices).items()
        for column in columns(name)
    }
    older = min(kept, lost, key=lambda supporter: (supporter.created_at, supporter.pk))
    return values | {name: getattr(older, name) for name in OLDEST}
