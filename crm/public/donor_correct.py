"""Putting one's own data right: names, how one is reached, language, date of birth."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.lib import contact
from crm.lib.periods import local_day
from crm.lib.regions import BadPostcode, normal_postcode
from crm.people.models import LANGUAGES, Supporter
from crm.privacy.correcting import ask_to_correct
from crm.privacy.requests import PrivacyRequest
from crm.public.donor_door import back_to, for_donor
from crm.public.forms import CountryField, CountrySelect, NameField, country_choices


class CorrectForm(forms.Form):
    """What somebody tells of themself; what is left empty is not changed."""

    given_name = NameField(
        label=_("Given name"),
        required=False,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    family_name = NameField(
        label=_("Family name"),
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=12,
        required=False,
        widget=forms.TextInput({"autocomplete": "postal-code"}),
    )
    town = forms.CharField(
        label=_("Town"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "address-level2"}),
    )
    country = CountryField(
        label=_("Country"),
        choices=country_choices,
        initial="BE",
        widget=CountrySelect({"autocomplete": "country"}),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=forms.DateInput({"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    mails_in = forms.ChoiceField(label=_("Language of our mails"), choices=LANGUAGES)

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born is not None and not 1900 <= born.year <= local_day(timezone.now()).year:
            raise forms.ValidationError(_("This is no date of birth of somebody living."))
        return born

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        country = fields.get("country", "BE")
        try:
            fields["postcode"] = normal_postcode(country, fields.get("postcode", ""))
        except BadPostcode as error:
            self.add_error("postcode", str(error))
        if fields.get("phone"):
            self.clean_phone_of(country)
        if fields.get("street") and not fields.get("town"):
            self.add_error("town", _("The town is missing."))
        return fields

    def clean_phone_of(self, country: str) -> None:
        try:
            number = contact.normal_phone(self.cleaned_data["phone"], country)
        except ValueError:
            self.add_error("phone", _("This is no telephone number; one looks like 0470 12 34 56."))
        else:
            self.cleaned_data["phone"] = number


@for_donor("GET", "HEAD", "POST")
def correct(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Take what somebody tells of themself; staff decide about what differs."""
    sent = request.POST if request.method == "POST" else None
    form = CorrectForm(sent, initial=known_of(donor))
    if form.is_bound and form.is_valid():
        asked = ask_to_correct(
            supporter=donor,
            language=get_language() or "fr",
            at=timezone.now(),
            **form.cleaned_data,
        )
        is_open = PrivacyRequest.objects.open().filter(pk=asked.pk).exists()
        return back_to(token, said="proposed" if is_open else "corrected", anchor="data")
    page = {"token": token, "form": form}
    return render(request, "public/donor_correct.html", page, status=422 if form.is_bound else 200)


def known_of(donor: Supporter) -> dict[str, Any]:
    """Return what we know, so that they see what is wrong."""
    home = donor.addresses.filter(is_preferred=True).first()
    phone = donor.phones.filter(is_preferred=True).first()
    return {
        "given_name": donor.given_name,
        "family_name": donor.family_name,
        "phone": phone.number if phone else "",
        "street": home.street if home else "",
        "town": home.town if home else "",
        "postcode": donor.postcode,
        "country": str(donor.country) or "BE",
        "birth_date": donor.birth_date,
        "mails_in": donor.language,
    }
