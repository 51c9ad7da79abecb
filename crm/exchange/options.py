"""What staff choose for an import: what it may change, and what its rows have in common."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

FILL, UPDATE, NEW = "fill", "update", "new"
MODES = {
    FILL: _("Add people, and fill in what we do not know of those we know"),
    UPDATE: _("Add people, and write what the file says over what we know"),
    NEW: _("Only add people; leave those we know as they are"),
}


@dataclass(frozen=True)
class Options:
    """Choices for a whole file. `consent` says where people agreed to the newsletter, `system`
    which outside system numbers them; `constants` are cells that every row has."""

    mode: str = FILL
    language: str = "fr"
    country: str = "BE"
    tags: tuple[str, ...] = ()
    consent: str = ""
    wording: int | None = None
    system: str = ""
    campaign: int | None = None
    status: str = "confirmed"
    fund: int | None = None
    currency: str = "EUR"
    method: str = "other"
    utc: bool = False
    constants: dict[str, str] = field(default_factory=dict)
    preset: str = ""
    reader: str = ""  # the language of whoever had it run
    at: str = ""  # the moment of the run, the same when it is continued

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Options":
        return cls(**{**kept, "tags": tuple(kept.get("tags", ()))})

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)
