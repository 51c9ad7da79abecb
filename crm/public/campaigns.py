"""A campaign as its pages show it."""

from typing import Any

from django.core.cache import cache
from django.shortcuts import get_object_or_404

from crm.campaigns.models import Campaign
from crm.public.counter import counter_of

CAMPAIGN_SECONDS = 1


def find(slug: str) -> Campaign:
    """Return a campaign that people sign or join. Raises Http404."""
    signable = Campaign.objects.public().exclude(kind=Campaign.Kind.APPEAL)
    return get_object_or_404(signable.with_texts(), slug=slug)


def find_to_sign(slug: str) -> Campaign:
    """Return it as it was a moment ago: thousands who sign at once need not all ask for it.

    Its days hold to the second; what staff change holds after `CAMPAIGN_SECONDS`.
    """
    key = f"campaign:{slug[:60]}"  # real ones are shorter
    campaign: Campaign | None = cache.get(key)
    if campaign is None:
        campaign = find(slug)
        cache.set(key, campaign, CAMPAIGN_SECONDS)
    return campaign


def about(campaign: Campaign) -> dict[str, Any]:
    """What every page about a campaign shows."""
    return {
        "campaign": campaign,
        "text": campaign.text(),
        "counter": counter_of(campaign),
        "joining": campaign.kind == Campaign.Kind.SIGN_UP,
    }
