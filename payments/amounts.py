"""How much may be given, in which currency, and what is offered. Amounts are in minor units."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.lib.money import format_money

AMOUNTS = [1000, 2500, 5000, 10000]
# What Stripe takes at least, in minor units, where that is more than our usual minimum.
LEAST = {
    "AED": 200,
    "CZK": 1500,
    "DKK": 250,
    "HKD": 400,
    "HUF": 17500,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "THB": 1000,
}


def usual_currency() -> str:
    return settings.DONATION_CURRENCIES[0]


def offered(campaign: Campaign | None, currency: str) -> list[int]:
    """Return the amounts to tick; staff may have written one that cannot be given."""
    is_usual = campaign is not None and currency == usual_currency()
    suggested = campaign.suggested_amounts if campaign and is_usual else []
    if can_be_given := [units for units in suggested if may_be_given(units, currency)]:
        return can_be_given
    usual = [units for units in AMOUNTS if may_be_given(units, currency)]
    return usual if len(usual) > 1 else [times * least(currency) for times in (10, 25, 50, 100)]


def least(currency: str) -> int:
    return max(settings.DONATION_MINIMUM, LEAST.get(currency, 0))


def most(currency: str) -> int:
    """Return the largest gift: as many times the smallest as in any currency."""
    return settings.DONATION_MAXIMUM * least(currency) // settings.DONATION_MINIMUM


def may_be_given(units: int, currency: str) -> bool:
    return least(currency) <= units <= most(currency)


def within_limits(units: int, currency: str) -> int:
    language = get_language() or "fr"
    if units < least(currency):
        amount = format_money(least(currency), currency, language)
        raise ValidationError(_("The smallest gift is %(amount)s.") % {"amount": amount})
    if units > most(currency):
        amount = format_money(most(currency), currency, language)
        raise ValidationError(
            _("The largest gift here is %(amount)s. To give more, please write to %(email)s.")
            % {"amount": amount, "email": settings.ORGANISATION_EMAIL}
        )
    return units
