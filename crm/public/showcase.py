"""What the home page shows: what is open now, and what the organisation reaches."""

from datetime import datetime
from typing import Any

from crm.campaigns.models import Campaign
from crm.lib.periods import local_day
from crm.programmes.impact import by_year, newest
from crm.public.counter import counter_at
from crm.public.pictures import with_pictures


def showcase(*, now: datetime) -> dict[str, Any]:
    """Return the newest open petition with its counter, the other campaigns, and the figures."""
    listed = with_pictures(Campaign.objects.listed()).with_texts().with_totals()
    campaigns = listed.order_by("-opens_at", "-pk")
    is_open = [campaign for campaign in campaigns if campaign.is_open(now)]
    petitions = (campaign for campaign in is_open if campaign.kind == Campaign.Kind.PETITION)
    petition = next(petitions, None)
    return {
        "petition": petition,
        "counter": petition and counter_at(petition, petition.total),
        "others": [campaign for campaign in is_open if campaign != petition],
        "figures": newest(by_year(today=local_day(now))),
    }
