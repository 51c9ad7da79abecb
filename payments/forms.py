"""What a donor fills in."""

import uuid
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.lib.money import NotAnAmount, format_money, from_minor, parse_amount
from crm.public.forms import PersonForm
from payments.models import Checkout

AMOUNTS = [1000, 2500, 5000, 10000]
MINIMUM = 100
OTHER = "other"


class DonationForm(PersonForm):
    """A gift: how much, how often, for what, and from whom. `cleaned_data["amount"]` is in cents.

    What is written beside the offered amounts counts before the one that is ticked.
    """

    token = forms.CharField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[("once", _("Once")), ("monthly", _("Every month"))],
        widget=forms.RadioSelect,
        initial=Checkout.Frequency.ONCE,
    )
    amount = forms.CharField(
        label=_("Amount"), max_length=10, required=False, widget=forms.RadioSelect
    )
    other_amount = forms.CharField(
        label=_("Another amount, in euros"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "placeholder": " "}),
    )

    def __init__(self, data: QueryDict | None = None, *, query: QueryDict | None = None) -> None:
        self.campaigns = {campaign.slug: campaign for campaign in offered_campaigns()}
        super().__init__(data, initial=initial_from(query or QueryDict(), self.campaigns))
        titles = [(slug, str(campaign)) for slug, campaign in self.campaigns.items()]
        choices = [("", _("where it is needed most")), *titles]
        self.fields["campaign"] = forms.ChoiceField(
            label=_("Your gift is for"), choices=choices, required=False
        )
        self.order_fields(["token", "frequency", "amount", "other_amount", "campaign"])
        self.fields["amount"].widget.choices = amount_choices(self.chosen_campaign)

    @property
    def chosen_campaign(self) -> Campaign | None:
        return self.campaigns.get(self["campaign"].value() or "")

    def clean_token(self) -> uuid.UUID:
        """It only tells one form from another: without a good one, this form is a new one."""
        try:
            return uuid.UUID(self.cleaned_data["token"])
        except ValueError:
            return uuid.uuid4()

    def clean_campaign(self) -> Campaign | None:
        return self.campaigns.get(self.cleaned_data["campaign"])

    def clean_other_amount(self) -> int | None:
        typed = self.cleaned_data["other_amount"]
        if not typed:
            return None
        try:
            return within_limits(parse_amount(typed))
        except NotAnAmount as error:
            raise forms.ValidationError(
                _("This is not an amount. Write it like 25 or 12,50.")
            ) from error

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        written, ticked = answers.pop("other_amount", None), answers.get("amount") or ""
        if "other_amount" in self.errors:
            return answers
        if written is not None:
            answers["amount"] = written
        elif ticked.isascii() and ticked.isdecimal():
            answers["amount"] = self.ticked_amount(int(ticked))
        elif "amount" not in self.errors:
            self.add_error("amount", _("Choose an amount, or write one below."))
        return answers

    def ticked_amount(self, cents: int) -> int:
        try:
            return within_limits(cents)
        except forms.ValidationError as error:
            self.add_error("amount", error)
            return cents


def offered_campaigns() -> list[Campaign]:
    return list(Campaign.objects.public().with_texts().order_by("-opens_at", "-pk"))


def amount_choices(campaign: Campaign | None) -> list[tuple[str, str]]:
    language = get_language() or "fr"
    amounts = [(str(cents), format_money(cents, "EUR", language)) for cents in offered(campaign)]
    return [*amounts, (OTHER, pgettext("amount", "Other"))]


def offered(campaign: Campaign | None) -> list[int]:
    """Return the amounts to tick; staff may have written one that cannot be given."""
    suggested = campaign.suggested_amounts if campaign else []
    can_be_given = [cents for cents in suggested if MINIMUM <= cents <= settings.DONATION_MAXIMUM]
    return can_be_given or AMOUNTS


def within_limits(cents: int) -> int:
    language = get_language() or "fr"
    if cents < MINIMUM:
        least = format_money(MINIMUM, "EUR", language)
        raise forms.ValidationError(_("The smallest gift is %(amount)s.") % {"amount": least})
    if cents > settings.DONATION_MAXIMUM:
        most = format_money(settings.DONATION_MAXIMUM, "EUR", language)
        raise forms.ValidationError(
            _("The largest gift here is %(amount)s. To give more, please write to %(email)s.")
            % {"amount": most, "email": settings.ORGANISATION_EMAIL}
        )
    return cents


def initial_from(query: QueryDict, campaigns: dict[str, Campaign]) -> dict[str, Any]:
    """Return what a link to the form fills in; what makes no sense is left out."""
    initial: dict[str, Any] = {}
    campaign = campaigns.get(query.get("campaign", ""))
    if campaign is not None:
        initial["campaign"] = campaign.slug
    if query.get("frequency") in Checkout.Frequency:
        initial["frequency"] = query["frequency"]
    amounts = offered(campaign)
    try:
        cents = within_limits(parse_amount(query.get("amount", "")))
    except (NotAnAmount, forms.ValidationError):
        return initial | {"amount": str(amounts[min(1, len(amounts) - 1)])}
    if cents in amounts:
        return initial | {"amount": str(cents)}
    written = format_decimal(
        from_minor(cents, "EUR"), format="0.00" if cents % 100 else "0", locale=get_language()
    )
    return initial | {"amount": OTHER, "other_amount": written}
