"""What signers fill in: as much as the campaign asks for, and nothing else."""

import re
from copy import deepcopy
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Ask, Campaign
from crm.lib.contact import normal_phone
from crm.privacy.models import Purpose, Wording
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
# What `sign` is told of what was not asked.
NOTHING: dict[str, Any] = dict.fromkeys(Ask.values, "")
NOTHING |= {"comment_is_public": False, **dict.fromkeys(Purpose.values)}


class SignatureForm(PersonForm):
    """What a signer tells. `is_robot` says that the field nobody sees was filled in.

    `cleaned_data` always has all names that `sign` takes: "", False or None for what is not asked,
    whatever was sent.
    """

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
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
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

    def __init__(self, *args, campaign: Campaign, **options):
        self.campaign = campaign
        asked = fields_for(tuple(campaign.asked), tuple(campaign.required))
        self.base_fields = asked  # type: ignore[misc]  # each campaign has its own
        super().__init__(*args, **options)

    @property
    def asks_postcode(self) -> bool:
        """Whether most have to tell it, so that it is not called optional."""
        return Ask.POSTCODE in self.campaign.required

    @property
    def boxes(self) -> list[forms.BoundField]:
        """A box for each consent that is asked for and has a wording in this language."""
        return [self[name] for name in self.campaign.purposes if name in self.fields]

    def offer_newsletter(self) -> None:
        """Look the wordings up to show the form, or when their boxes were ticked."""
        for purpose in self.campaign.purposes:
            if not self.is_bound or self.add_prefix(purpose) in self.data:
                self.offer(purpose)

    def full_clean(self):
        super().full_clean()
        if self.errors:  # the form is shown again
            for purpose in self.campaign.purposes:
                if purpose not in self.fields:
                    self.offer(purpose)

    def clean_appeals(self) -> Wording | None:
        return self.agreed(Purpose.APPEALS)

    def clean(self):
        fields = super().clean() or {}
        self.is_robot = bool(fields.pop("topic", ""))
        if Ask.POSTCODE in self.fields and not self.errors.keys() & {"country", "postcode"}:
            self.clean_place(fields)
        if fields.get("phone"):
            self.clean_number(fields)
        return NOTHING | fields

    def clean_place(self, fields):
        """A Belgian postcode has four digits; far away there may be none."""
        postcode, country = fields["postcode"], fields.get("country", "")
        if not postcode:
            if Ask.POSTCODE in self.campaign.required and country in NEIGHBOURS:
                self.add_error("postcode", self.fields["given_name"].error_messages["required"])
        elif country == "BE":
            digits = BELGIAN_POSTCODE.fullmatch(postcode.replace(" ", ""))
            if digits is None:
                self.add_error("postcode", _("A Belgian postcode has four digits."))
            else:
                fields["postcode"] = digits[1]
        elif not POSTCODE.fullmatch(postcode):
            self.add_error("postcode", _("This is not a postcode."))

    def clean_number(self, fields):
        """Bring a telephone number into the form in which we keep it."""
        try:
            fields["phone"] = normal_phone(fields["phone"], fields.get("country") or "BE")
        except ValueError:
            told = _("This is not a telephone number; such as 0475 12 34 56 or +33 612 345 678.")
            self.add_error("phone", told)


class Fields(dict[str, forms.Field]):
    """Fields that no form changes: forms share them, where Django would copy each field."""

    def __deepcopy__(self, _memo: Any) -> dict[str, forms.Field]:
        return dict(self)


@lru_cache(maxsize=100)
def fields_for(asked: tuple[str, ...], required: tuple[str, ...]) -> Fields:
    """Return the fields of a campaign that asks for this, and must know that."""
    fields = Fields(deepcopy(SignatureForm.base_fields))
    for name in Ask.values:
        if name not in asked:
            del fields[name]
        else:
            fields[name].required = name in required
    if Ask.COMMENT not in asked:
        del fields["comment_is_public"]
    if Ask.COUNTRY in fields:
        fields["country"].widget.may_be_empty = not fields["country"].required
        if Ask.POSTCODE in fields:
            # Far away there may be none: see `clean_place`.
            fields["postcode"].required = False
    return fields
