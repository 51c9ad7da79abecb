"""The pages there are, who may see each, and how to draw one for an address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from crm.lib.periods import local_day
from crm.reports import campaigns
from dashboard import donations, ids, signatures
from dashboard.inputs import read_filters
from dashboard.tables import Drawing

SEE = "crm.see_dashboard"
SEE_MONEY = "crm.see_money"


@dataclass(frozen=True)
class Page:
    name: str
    rights: tuple[str, ...]
    titles: dict[str, Any]
    draw: Callable[..., Drawing]
    first_day: Callable[[int | None], date | None]

    @property
    def address(self) -> str:
        return reverse(f"dashboard:{self.name}")

    def export_address(self, chart: str) -> str:
        return reverse(f"dashboard:{self.name}-export", kwargs={"chart": chart})

    def may_be_seen_by(self, user: Any) -> bool:
        return user.has_perms(self.rights)


PAGES = {
    ids.SIGNATURES: Page(
        ids.SIGNATURES, (SEE,), signatures.TITLES, signatures.draw, signatures.first_day
    ),
    ids.DONATIONS: Page(
        ids.DONATIONS, (SEE, SEE_MONEY), donations.TITLES, donations.draw, donations.first_day
    ),
}


def draw(page: Page, query: QueryDict) -> Drawing:
    """What a page shows today for the filters in an address."""
    today = local_day(timezone.now())
    choices = campaigns.choices()
    filters = read_filters(query, {choice.pk for choice in choices}, today)
    return page.draw(filters.scope(page.first_day), today=today, choices=choices)
