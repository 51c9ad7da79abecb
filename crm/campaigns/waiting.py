"""How many signatures wait, are held back, or were withdrawn, as a job counts them.

Nearly all signatures are confirmed; the others have an index of their own, which is counted.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from crm.campaigns.counting import StatusCount
from crm.campaigns.models import Campaign, Signature

STATUSES = [status.value for status in Signature.Status if status != "confirmed"]
LATE = timedelta(minutes=2)  # what a slow transaction had dated before we counted
OLD = timedelta(hours=1)  # what was deleted leaves no date
RECOUNT = """
INSERT INTO crm_statuscount (campaign_id, status, number, counted_at)
SELECT campaign, told, (
    SELECT count(*) FROM crm_signature
    WHERE campaign_id = campaign AND status = told AND status <> 'confirmed'
), %(at)s
FROM unnest(%(campaigns)s::bigint[]) AS campaign, unnest(%(statuses)s::text[]) AS told
ORDER BY campaign, told
ON CONFLICT (campaign_id, status)
DO UPDATE SET number = excluded.number, counted_at = excluded.counted_at
"""


def recount(*, at: datetime) -> int:
    """Count anew where something changed, and all now and then; return in how many campaigns."""
    campaigns = sorted(changed() | overdue(at=at))
    if campaigns:
        told: dict[str, Any] = {"campaigns": campaigns, "statuses": STATUSES, "at": at}
        with connection.cursor() as cursor:
            cursor.execute(RECOUNT, told)
    return len(campaigns)


def changed() -> set[int]:
    """Return the campaigns of which a signature changed since the last count."""
    last = StatusCount.objects.aggregate(last=Max("counted_at"))["last"]
    if last is None:
        return set()
    since = Signature.objects.filter(modified_at__gt=last - LATE)
    return set(since.order_by().values_list("campaign", flat=True).distinct())


def overdue(*, at: datetime) -> set[int]:
    """Return the campaigns that were not counted for a while, or never."""
    fresh = StatusCount.objects.filter(counted_at__gt=at - OLD).values("campaign")
    return set(Campaign.objects.current().exclude(pk__in=fresh).values_list("pk", flat=True))
