"""Asking a signer for a gift: the campaign's amounts, each leading to the donation page."""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language

from crm.campaigns.models import Campaign
from crm.lib.money import format_money, from_minor


class Offer(NamedTuple):
    """What a form sends to the donation page: fields, and for each amount a button."""

    fields: list[tuple[str, str]]
    amounts: list[tuple[str, str]]


def offer(campaign: Campaign, trail: list[tuple[str, str]]) -> Offer:
    """Return what is offered to give for a campaign; what cannot be given is left out."""
    currency, language = settings.DONATION_CURRENCIES[0], get_language() or "fr"
    amounts = [
        (format(from_minor(units, currency), "f"), format_money(units, currency, language))
        for units in campaign.suggested_amounts
        if settings.DONATION_MINIMUM <= units <= settings.DONATION_MAXIMUM
    ]
    return Offer([("campaign", campaign.slug), *trail], amounts)
