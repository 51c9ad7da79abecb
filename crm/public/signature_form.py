"""What signers fill in."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.public.forms import (
    NEIGHBOURS,
    CountryField,
    CountrySelect,
    LinesField,
    PersonForm,
    country_choices,
)

POSTCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,11}")
BELGIAN_POSTCODE = re.compile(r"(?:BE?-?)?([1-9]\d{3})", re.I)


class SignatureForm(PersonForm):
    """What a signer tells. `is_robot` says that the field nobody sees was filled in."""

    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=12,
        required=False,
        widget=forms.TextInput({"autocomplete": "postal-code"}),
    )
    country = CountryField(
        label=_("Country"),
        choices=country_choices,
        initial="BE",
        widget=CountrySelect({"autocomplete": "country"}),
    )
    comment = LinesField(
        label=_("Why this matters to you"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Please name no child and no case here: reports belong on the reporting site."),
    )
    comment_is_public = forms.BooleanField(
        label=_("Show what I wrote, with my given name and the first letter of my family name"),
        required=False,
    )
    topic = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def offer_newsletter(self) -> None:
        """Look the wording up to show the form, or when the box was ticked."""
        if not self.is_bound or self.add_prefix("newsletter") in self.data:
            super().offer_newsletter()

    def full_clean(self):
        super().full_clean()
        if self.errors and self.wording is None:
            super().offer_newsletter()  # the form is shown again

    def clean(self):
        fields = super().clean() or {}
        self.is_robot = bool(fields.pop("topic", ""))
        if "country" in fields and "postcode" in fields:
            self.clean_place(fields)
        return fields

    def clean_place(self, fields):
        """A Belgian postcode has four digits; far away there may be none."""
        postcode, country = fields["postcode"], fields["country"]
        if not postcode:
            if country in NEIGHBOURS:
                self.add_error("postcode", self.fields["given_name"].error_messages["required"])
        elif country == "BE":
            digits = BELGIAN_POSTCODE.fullmatch(postcode.replace(" ", ""))
            if digits is None:
                self.add_error("postcode", _("A Belgian postcode has four digits."))
            else:
                fields["postcode"] = digits[1]
        elif not POSTCODE.fullmatch(postcode):
            self.add_error("postcode", _("This is not a postcode."))
