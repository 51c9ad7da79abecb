"""What the home page shows: what is open now, and what the organisation reaches."""

from datetime import datetime
from typing import Any

from crm.campaigns.models import Campaign
from crm.programmes.models import ImpactFigure
from crm.public.counter import Counter


def showcase(*, now: datetime) -> dict[str, Any]:
    """Return the newest open petition with its counter, the other campaigns, and the figures."""
    campaigns = Campaign.objects.public().with_texts().with_totals().order_by("-opens_at", "-pk")
    is_open = [campaign for campaign in campaigns if campaign.is_open(now)]
    petitions = (campaign for campaign in is_open if campaign.kind == Campaign.Kind.PETITION)
    petition = next(petitions, None)
    return {
        "petition": petition,
        "counter": petition and Counter(petition.total, petition.goal),
        "others": [campaign for campaign in is_open if campaign != petition],
        "figures": newest_figures(),
    }


def newest_figures() -> list[ImpactFigure]:
    """Return each figure of its newest year, in the order in which the figures are declared."""
    newest = ImpactFigure.objects.order_by("key", "-year").distinct("key")
    return sorted(newest, key=lambda figure: ImpactFigure.Key.values.index(figure.key))
