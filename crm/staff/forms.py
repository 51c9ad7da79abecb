"""Forms of staff pages, dressed as unfold's own."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries
from unfold import widgets

from crm.campaigns.models import Campaign
from crm.donations.models import Gift, Method
from crm.people.models import LANGUAGES, Supporter
from crm.staff.amounts import AmountField
from crm.staff.site import site

BY_HAND = [Method.BANK_TRANSFER, Method.CASH, Method.OTHER]


def text(label: Any, *, widget: Any = widgets.UnfoldAdminTextInputWidget, **options: Any) -> Any:
    return forms.CharField(label=label, widget=widget(), required=False, **options)


def choice(label: Any, choices: Any, **options: Any) -> Any:
    return forms.ChoiceField(
        label=label, choices=choices, widget=widgets.UnfoldAdminSelectWidget(), **options
    )


class ContactForm(forms.Form):
    """How a supporter is called, and reached."""

    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name"), max_length=100)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), widget=widgets.UnfoldAdminEmailInputWidget(), required=False
    )
    language = choice(gettext_lazy("Language"), LANGUAGES)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    country = choice(gettext_lazy("Country"), lambda: [("", "–"), *countries], required=False)


class GiftForm(forms.Form):
    """Money that did not come through the donation page."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    supporter = forms.ModelChoiceField(
        label=gettext_lazy("Supporter"),
        queryset=Supporter.objects.current(),
        required=False,
        widget=AutocompleteSelect(Gift._meta.get_field("supporter"), site),
        help_text=gettext_lazy("Somebody we know; or else fill in the next three fields."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), widget=widgets.UnfoldAdminEmailInputWidget(), required=False
    )
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name"), max_length=100)
    language = choice(gettext_lazy("Language"), LANGUAGES)
    amount = AmountField(label=gettext_lazy("Amount in euros"))
    received_on = forms.DateField(
        label=gettext_lazy("Received on"),
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )
    method = choice(gettext_lazy("Method"), [(each.value, each.label) for each in BY_HAND])
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.with_texts(),
        required=False,
        empty_label="–",
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    thank = forms.BooleanField(
        label=gettext_lazy("Send the thank-you mail with a receipt"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget(),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_received_on(self) -> date:
        if self.cleaned_data["received_on"] > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data["received_on"]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        names = ("email", "given_name", "family_name", "language")
        fields["person"] = {name: fields.pop(name, "") for name in names}
        if not (fields.get("supporter") or fields["person"]["email"] or self.errors.get("email")):
            self.add_error("email", _("Choose a supporter, or write an e-mail address."))
        return fields
