"""Data for tax certificates of people who do not give any more."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from crm.donations.models import Gift, Plan
from crm.donations.papers import TaxIdentity


def due(before: datetime) -> QuerySet[TaxIdentity]:
    """Return what was told before a moment by people who have not given since, nor will."""
    gifts = Gift.objects.filter(supporter=OuterRef("supporter"), given_at__gte=before)
    plans = Plan.objects.unended().filter(supporter=OuterRef("supporter"))
    return TaxIdentity.objects.filter(~Exists(gifts), ~Exists(plans), given_at__lt=before)


def apply(rows: QuerySet[TaxIdentity], before: datetime, at: datetime) -> int:
    """Delete these rows; return how many."""
    number = rows.count()
    rows.delete()
    return number
