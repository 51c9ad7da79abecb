"""Data for tax certificates of people who do not give any more."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from crm.donations.models import Gift, Plan
from crm.donations.papers import TaxIdentity
from crm.donations.pledges import Instalment


def due(before: datetime) -> QuerySet[TaxIdentity]:
    """Return what was told before a moment by people who have not given since, nor will."""
    gifts = Gift.objects.filter(supporter=OuterRef("supporter"), given_at__gte=before)
    plans = Plan.objects.unended().filter(supporter=OuterRef("supporter"))
    promised = Instalment.objects.filter(
        gift=None, pledge__cancelled_at=None, pledge__supporter=OuterRef("supporter")
    )
    told = TaxIdentity.objects.filter(given_at__lt=before)
    return told.filter(~Exists(gifts), ~Exists(plans), ~Exists(promised))


def apply(rows: QuerySet[TaxIdentity], before: datetime, at: datetime) -> int:
    """Delete these rows; return how many."""
    found = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    TaxIdentity.objects.filter(pk__in=found).delete()
    return len(found)
