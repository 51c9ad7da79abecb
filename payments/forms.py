"""What a donor fills in."""

import json
import uuid
from typing import Any

from babel.numbers import format_decimal, get_currency_name, get_currency_precision
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.lib.money import NotAnAmount, format_money, from_minor, parse_amount
from crm.public.forms import PersonForm
from payments.amounts import offered, usual_currency, within_limits
from payments.models import Checkout

OTHER = "other"


class DonationForm(PersonForm):
    """A gift: how much, how often, for what, and from whom.

    `cleaned_data["amount"]` is in minor units of the currency. What is written beside the offered
    amounts counts before the one that is ticked. `solution` is what the browser computed.
    """

    token = forms.CharField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    proof = forms.CharField(
        widget=forms.HiddenInput({"autocomplete": "off"}), required=False, max_length=1000
    )
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[
            ("once", _("Once")),
            ("monthly", _("Every month")),
            ("yearly", _("Every year")),
        ],
        widget=forms.RadioSelect,
        initial=Checkout.Frequency.ONCE,
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
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
        self.order_fields(["token", "frequency", "currency", "amount", "other_amount", "campaign"])
        self.fields["currency"].widget = forms.Select(choices=currency_choices())
        self.fields["amount"].widget.choices = self.amount_choices(self.chosen_currency)
        self.fields["other_amount"].label = label_of_other_amount()

    @property
    def chosen_campaign(self) -> Campaign | None:
        return self.campaigns.get(self["campaign"].value() or "")

    @property
    def chosen_currency(self) -> str:
        wanted = self["currency"].value()
        return wanted if wanted in settings.DONATION_CURRENCIES else usual_currency()

    @property
    def has_several_currencies(self) -> bool:
        return len(settings.DONATION_CURRENCIES) > 1

    @property
    def amounts_by_currency(self) -> dict[str, list[tuple[str, str]]]:
        """The amounts to tick, for a page that changes them with the currency."""
        return {code: self.amount_choices(code) for code in settings.DONATION_CURRENCIES}

    @property
    def answers_key(self) -> uuid.UUID:
        """The same for the same form with the same answers, and for no other."""
        answers = {name: getattr(it, "pk", it) for name, it in self.cleaned_data.items()}
        return uuid.uuid5(self.cleaned_data["token"], json.dumps(answers, default=str))

    def amount_choices(self, currency: str) -> list[tuple[str, str]]:
        language = get_language() or "fr"
        amounts = offered(self.chosen_campaign, currency)
        labels = [(str(units), format_money(units, currency, language)) for units in amounts]
        return [*labels, (OTHER, pgettext("amount", "Other"))]

    def clean_token(self) -> uuid.UUID:
        """It only tells one form from another: without a good one, this form is a new one."""
        try:
            return uuid.UUID(self.cleaned_data["token"])
        except ValueError:
            return uuid.uuid4()

    def clean_campaign(self) -> Campaign | None:
        return self.campaigns.get(self.cleaned_data["campaign"])

    def clean_currency(self) -> str:
        wanted = self.cleaned_data["currency"] or usual_currency()
        if wanted not in settings.DONATION_CURRENCIES:
            taken = ", ".join(settings.DONATION_CURRENCIES)
            text = _("We cannot take gifts in this currency, only in: %(currencies)s.")
            # Where there is nothing to choose, the field does not stand on the page.
            place = "currency" if self.has_several_currencies else None
            self.add_error(place, text % {"currencies": taken})
        return wanted

    def clean_other_amount(self) -> int | None:
        typed, currency = self.cleaned_data["other_amount"], self.chosen_currency
        if not typed:
            return None
        try:
            return within_limits(parse_amount(typed, currency), currency)
        except NotAnAmount as error:
            if get_currency_precision(currency):
                text = _("This is not an amount. Write it like 25 or 12,50.")
            else:
                text = _("This is not an amount. Write it without decimals, like 2500.")
            raise forms.ValidationError(text) from error

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.solution: str = answers.pop("proof", "")
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

    def ticked_amount(self, units: int) -> int:
        """Return the amount that was ticked, in the currency in which it was shown."""
        currency = self.chosen_currency
        if self.data.get("shown", currency) != currency:
            self.add_error("amount", _("You changed the currency: choose the amount again."))
            return units
        try:
            return within_limits(units, currency)
        except forms.ValidationError as error:
            self.add_error("amount", error)
            return units


def offered_campaigns() -> list[Campaign]:
    return list(Campaign.objects.listed().with_texts().order_by("-opens_at", "-pk"))


def currency_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} – {name_of(code)}") for code in settings.DONATION_CURRENCIES]


def name_of(currency: str, count: int | None = None) -> str:
    return get_currency_name(currency, count, locale=get_language() or "fr")


def label_of_other_amount() -> Any:
    if len(settings.DONATION_CURRENCIES) > 1:
        return _("Another amount")
    if usual_currency() == "EUR":
        return _("Another amount, in euros")
    return _("Another amount, in %(currency)s") % {"currency": name_of(usual_currency(), 2)}


def initial_from(query: QueryDict, campaigns: dict[str, Campaign]) -> dict[str, Any]:
    """Return what a link to the form fills in; what makes no sense is left out."""
    campaign, currency = campaigns.get(query.get("campaign", "")), query.get("currency", "")
    initial: dict[str, Any] = {}
    if currency in settings.DONATION_CURRENCIES:
        initial["currency"] = currency
    else:
        currency = usual_currency()
    if campaign is not None:
        initial["campaign"] = campaign.slug
    if query.get("frequency") in Checkout.Frequency:
        initial["frequency"] = query["frequency"]
    return initial | initial_amount(query.get("amount", ""), currency, offered(campaign, currency))


def initial_amount(asked: str, currency: str, amounts: list[int]) -> dict[str, str]:
    try:
        units = within_limits(parse_amount(asked, currency), currency)
    except (NotAnAmount, forms.ValidationError):
        return {"amount": str(amounts[min(1, len(amounts) - 1)])}
    if units in amounts:
        return {"amount": str(units)}
    return {"amount": OTHER, "other_amount": written(units, currency)}


def written(units: int, currency: str) -> str:
    """Write an amount as its reader would, without a sign."""
    amount, precision = from_minor(units, currency), get_currency_precision(currency)
    pattern = "0" if amount == amount.to_integral_value() else f"0.{'0' * precision}"
    return format_decimal(amount, format=pattern, locale=get_language())
