"""What donors fill in on their own page."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Plan
from crm.lib.money import NotAnAmount, format_money, parse_amount
from crm.lib.periods import months_later
from crm.people.models import Supporter
from crm.public.forms import AddressField, CountryField, CountrySelect, NameField, country_choices

REASONS = {
    "": _("I would rather not say"),
    "money": _("I cannot afford it at the moment"),
    "elsewhere": _("I give to another cause"),
    "work": _("I do not agree with your work"),
    "contact": _("You write too much, or too little"),
    "other": _("Another reason"),
}


class LinkForm(forms.Form):
    """Where to send the link."""

    email = AddressField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        help_text=_("The address with which you gave or signed."),
        error_messages={
            "invalid": _("This is not an e-mail address; one looks like name@example.org.")
        },
    )


class KeyForm(forms.Form):
    """A form that counts once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class AmountForm(KeyForm):
    """How much a regular gift is from now on, in minor units of its currency."""

    amount = forms.CharField(
        label=_("New amount"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        self.plan = plan
        super().__init__(*args, **options)
        every = _("each year") if plan.interval == Plan.Interval.YEAR else _("each month")
        self.fields["amount"].help_text = _("In %(currency)s, %(every)s.") % {
            "currency": plan.currency,
            "every": every,
        }

    def clean_amount(self) -> int:
        currency = self.plan.currency
        try:
            amount = parse_amount(self.cleaned_data["amount"], currency)
        except NotAnAmount as error:
            raise forms.ValidationError(_("Write an amount such as 25 or 12.50.")) from error
        least, most = settings.DONATION_MINIMUM, settings.DONATION_MAXIMUM
        if not least <= amount <= most:
            language = get_language() or "fr"
            raise forms.ValidationError(
                _("Choose an amount between %(least)s and %(most)s.")
                % {
                    "least": format_money(least, currency, language),
                    "most": format_money(most, currency, language),
                }
            )
        if amount == self.plan.amount:
            raise forms.ValidationError(_("This is what you give already."))
        return amount


def pause_choices() -> list[tuple[int, str]]:
    """In the reader's language, which is not known yet when this module is read."""
    return [(number, ngettext("%d month", "%d months", number) % number) for number in (1, 2, 3)]


class PauseForm(KeyForm):
    """For how long a regular gift stands still."""

    months = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        initial=1,
        choices=pause_choices,
        widget=forms.RadioSelect,
    )

    def until(self, now: datetime) -> datetime:
        """Return when it goes on."""
        return months_later(now, self.cleaned_data["months"])


class EndForm(KeyForm):
    """Why a regular gift ends, if the donor wants to say."""

    reason = forms.ChoiceField(
        label=_("Why do you end it? It helps us to know, and you need not say."),
        choices=list(REASONS.items()),
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )


class YearForm(forms.Form):
    """For which year and currency a receipt is asked; the year is over."""

    year = forms.IntegerField(min_value=1990)
    currency = forms.RegexField(r"^[A-Z]{3}$")

    def __init__(self, *args: Any, before: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["year"].validators.append(MaxValueValidator(before - 1))


class EraseForm(KeyForm):
    """That somebody really wants to be erased."""

    sure = forms.BooleanField(
        label=_("I want to be erased. I know that this cannot be undone."),
        error_messages={"required": _("Tick this box to be erased.")},
    )

    def __init__(self, *args: Any, gives: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if gives:
            self.fields["end_plans"] = forms.BooleanField(
                label=_("End my regular gift too."),
                error_messages={
                    "required": _(
                        "You still give regularly. Tick this box to end it, or we cannot erase you."
                    )
                },
            )
            self.order_fields(["key", "end_plans", "sure"])


class DetailsForm(forms.Form):
    """What a tax certificate needs to say. The number is written here and never shown again."""

    given_name = NameField(
        label=_("Given name"), widget=forms.TextInput({"autocomplete": "given-name"})
    )
    family_name = NameField(
        label=_("Family name"), widget=forms.TextInput({"autocomplete": "family-name"})
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=12, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    town = forms.CharField(
        label=_("Town"), max_length=80, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
    country = CountryField(
        label=_("Country"),
        choices=country_choices,
        initial="BE",
        widget=CountrySelect({"autocomplete": "country"}),
    )
    number = forms.CharField(
        label=_("National number"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_(
            "It stands on your identity card. The tax authority asks us for it; it serves the tax "
            "certificate only, is kept encrypted, and is shown to nobody."
        ),
    )
    forget_number = forms.BooleanField(label=_("Forget the number you have"), required=False)

    def __init__(
        self, *args: Any, donor: Supporter, has_number: bool, keeps_numbers: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if donor.kind == Supporter.Kind.ORGANISATION:
            del self.fields["given_name"]
            self.fields["family_name"].label = _("Name of the organisation")
            self.fields["number"].label = _("Enterprise number")
        if not has_number:
            del self.fields["forget_number"]
        if not keeps_numbers:
            del self.fields["number"]
