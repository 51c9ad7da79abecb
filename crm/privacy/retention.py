"""How long the accounts keep what they must, whoever asks for erasure."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.lib.personal import Retention


def kept_until(year: int) -> date:
    """Return the last day on which the accounts of a year are kept.

    The law counts full years after the year of the books; how many has changed before.
    """
    began = max(first for first in settings.ACCOUNTS_KEPT if first <= year)
    return date(year + settings.ACCOUNTS_KEPT[began], 12, 31)


def first_year_kept(day: date) -> int:
    """Return the oldest year whose accounts the law still has us keep on a day."""
    year = day.year
    while kept_until(year - 1) >= day:
        year -= 1
    return year


def of_accounts(*, since: str, of: Q, empty: dict[str, Any]) -> Retention:
    """Return the rule by which papers lose the names on them once the law lets them."""
    return Retention(
        key="accounts",
        title=_("names and addresses in the accounts, when the law no longer asks for them"),
        since=since,
        months=84,
        of=of,
        empty=empty,
        is_on=True,
        full_years=True,
    )
