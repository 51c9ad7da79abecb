"""What signers fill in after they have signed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Ask, Signature
from crm.lib.regions import BadPostcode, normal_postcode
from crm.public.forms import (
    AddressField,
    CountryField,
    CountrySelect,
    LinesField,
    NameField,
    country_choices,
)


class AgainForm(forms.Form):
    """Where to send the mail again."""

    email = AddressField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "invalid": _("This is not an e-mail address; one looks like name@example.org.")
        },
    )


class OwnDataForm(forms.Form):
    """Who signed, and where they live, as far as the campaign asks."""

    given_name = NameField(
        label=_("Given name"), widget=forms.TextInput({"autocomplete": "given-name"})
    )
    family_name = NameField(
        label=_("Family name"), widget=forms.TextInput({"autocomplete": "family-name"})
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=12,
        required=False,
        widget=forms.TextInput({"autocomplete": "postal-code"}),
    )
    country = CountryField(
        label=_("Country"),
        choices=country_choices,
        widget=CountrySelect({"autocomplete": "country"}),
    )

    def __init__(self, data: Any, *, signature: Signature) -> None:
        self.signer = who = signature.supporter
        told = {name: getattr(who, name) for name in ("given_name", "family_name", "postcode")}
        super().__init__(data, initial=told | {"country": str(who.country) or "BE"})
        for name in {Ask.POSTCODE, Ask.COUNTRY} - set(signature.campaign.asked):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        country = fields.get("country", str(self.signer.country) or "BE")
        if "postcode" in fields:
            try:
                fields["postcode"] = normal_postcode(country, fields["postcode"])
            except BadPostcode as error:
                self.add_error("postcode", str(error))
        return fields


class CommentForm(forms.Form):
    """What a signer says; empty takes it back."""

    text = LinesField(
        label=_("Why this matters to you"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Please name no child and no case here: reports belong on the reporting site."),
    )
    is_public = forms.BooleanField(
        label=_("Show what I wrote, with my given name and the first letter of my family name"),
        required=False,
    )


def comment_form(data: Any, signature: Signature) -> CommentForm | None:
    """Return the form, where the campaign asks or the signer has said something."""
    said = getattr(signature, "comment", None)
    if said is None and Ask.COMMENT not in signature.campaign.asked:
        return None
    told = {"text": said.text, "is_public": said.is_public} if said else {}
    return CommentForm(data, initial=told)
