"""What the counter is made of, by how signatures were collected, and what stands beside it.

What counts is read as the counter is, folded and unfolded in one statement: the sum of the ways is
the counter at every moment. What waits or was withdrawn is as a job counted it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from crm.campaigns.counting import StatusCount
from crm.campaigns.models import Campaign, Signature

BY_WAY = """
SELECT way, sum(number) FROM (
    SELECT way, number FROM crm_waytally WHERE campaign_id = %(campaign)s
    UNION ALL
    SELECT way, number FROM crm_signaturedelta
    WHERE campaign_id = %(campaign)s AND step = 'confirm'
) AS counted GROUP BY way
"""
Status = Signature.Status


@dataclass(frozen=True)
class Breakdown:
    """`ways` adds up to `total`, the counter. What waits is told as one number: held back or not
    is nobody's business but ours."""

    ways: dict[str, int]
    waiting: int
    withdrawn: int
    counted_at: datetime | None

    @property
    def total(self) -> int:
        return sum(self.ways.values())


def breakdown_of(campaign: Campaign) -> Breakdown:
    """Return what the counter of a campaign is made of now."""
    with connection.cursor() as cursor:
        cursor.execute(BY_WAY, {"campaign": campaign.pk})
        found = {way: int(number) for way, number in cursor.fetchall()}
    beside = list(StatusCount.objects.filter(campaign=campaign))
    return Breakdown(
        ways={way: found.get(way, 0) for way in Signature.Way.values},
        waiting=number_of(beside, Status.PENDING, Status.HELD),
        withdrawn=number_of(beside, Status.WITHDRAWN),
        counted_at=min((each.counted_at for each in beside), default=None),
    )


def number_of(counts: Iterable[StatusCount], *statuses: str) -> int:
    return sum(each.number for each in counts if each.status in statuses)
