"""What a report looks at."""

from dataclasses import dataclass
from typing import Any

from crm.lib.periods import Period


@dataclass(frozen=True)
class Scope:
    """Days, and one campaign or all of them."""

    period: Period
    campaign: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What the reports' SQL calls start, end (not included) and campaign."""
        return {
            "start": self.period.start,
            "end": self.period.end,
            "campaign": self.campaign,
        }
