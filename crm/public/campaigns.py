"""A campaign as its pages show it."""

from typing import Any

from django.shortcuts import get_object_or_404

from crm.campaigns.embedding import discovery
from crm.campaigns.models import Campaign, CampaignQuerySet
from crm.public.counter import counter_of
from crm.public.kept import Kept
from crm.public.pictures import with_pictures

CAMPAIGN_SECONDS = 1
campaigns = Kept()


def find(slug: str) -> Campaign:
    """Return a campaign that people sign or join. Raises Http404."""
    return get_object_or_404(signable().public(), slug=slug)


def signable() -> CampaignQuerySet:
    """Campaigns that have a page of their own, with all that it shows."""
    campaigns = with_pictures(Campaign.objects.with_texts())
    return campaigns.exclude(kind=Campaign.Kind.APPEAL)


def find_to_sign(slug: str) -> Campaign:
    """Return it as it was a moment ago: thousands who sign at once need not all ask for it.

    Its days hold to the second; what staff change holds after `CAMPAIGN_SECONDS`. All who sign
    share it, so that nobody may change it.
    """
    return campaigns.get(slug, lambda: find(slug), seconds=CAMPAIGN_SECONDS)


def about(campaign: Campaign) -> dict[str, Any]:
    """What every page about a campaign shows."""
    return {
        "campaign": campaign,
        "text": campaign.text(),
        "counter": counter_of(campaign),
        "joining": campaign.kind == Campaign.Kind.SIGN_UP,
        "oembed_url": discovery(campaign),
    }
