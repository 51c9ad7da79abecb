"""What is asked of a gift that came by hand: the plain case first, what is rarer folded away."""

import uuid
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_countries import countries
from unfold import widgets

from crm.campaigns.models import Campaign
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.models import Fund, Gift, Method
from crm.people.models import LANGUAGES, Supporter
from crm.staff.amounts import AmountField
from crm.staff.forms import address, choice, day, somebody, switch, text

BY_HAND = [Method.BANK_TRANSFER, Method.CASH, Method.CHEQUE, Method.OTHER]
PERSON = ("email", "given_name", "family_name", "language", "postcode", "country")


class Part(NamedTuple):
    """Fields that belong together; with a title they are folded away until they are needed."""

    title: Any
    fields: tuple[str, ...]
    right: str = ""


PARTS = [
    Part("", ("supporter",)),
    Part(gettext_lazy("Somebody new"), ("person_kind", *PERSON, "is_new")),
    Part("", ("amount", "received_on", "method", "thank")),
    Part(pgettext_lazy("gift", "What it is for"), ("campaign", "fund", "is_anonymous")),
    Part(gettext_lazy("A legacy, or a gift in kind"), ("kind", "description")),
    Part(
        gettext_lazy("In honour or in memory of somebody"),
        ("tribute_kind", "tribute_name", "notify_name", "notify_email", "notify_language"),
        "crm.add_tribute",
    ),
    Part(
        gettext_lazy("Credit somebody else too"),
        ("credit_supporter", "credit_kind", "credit_amount"),
        "crm.add_softcredit",
    ),
    Part(
        gettext_lazy("An employer will match it"),
        ("employer", "matching_amount"),
        "crm.add_matchinggift",
    ),
]


def chosen(label: Any, queryset: Any, **options: Any) -> Any:
    """One of a few rows, or none."""
    widget = widgets.UnfoldAdminSelectWidget()
    return forms.ModelChoiceField(
        label=label, queryset=queryset, required=False, empty_label="–", widget=widget, **options
    )


def kind_of(label: Any, kinds: Any) -> Any:
    """One of a few kinds, the first of which stands there already."""
    return choice(label, kinds.choices, required=False, initial=kinds.values[0])


class GiftFields(forms.Form):
    """What may be told of a gift that did not come through the donation page."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    answers = forms.ModelChoiceField(
        queryset=MatchingGift.objects.waiting(), required=False, widget=forms.HiddenInput()
    )
    supporter = somebody(
        gettext_lazy("Supporter"),
        required=False,
        help_text=gettext_lazy("Somebody we know. For somebody new, open the next part."),
    )
    person_kind = kind_of(gettext_lazy("Who"), Supporter.Kind)
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name, or name of the organisation"), max_length=100)
    email = address(gettext_lazy("E-mail (may stay empty)"))
    language = choice(gettext_lazy("Language"), LANGUAGES)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    country = choice(gettext_lazy("Country"), lambda: [("", "–"), *countries], required=False)
    is_new = switch(gettext_lazy("Another person with the same name"))
    amount = AmountField(label=gettext_lazy("Amount in euros"))
    received_on = day(gettext_lazy("Received on"))
    method = choice(gettext_lazy("Method"), [(each.value, each.label) for each in BY_HAND])
    thank = switch(gettext_lazy("Send the thank-you mail with a receipt"))
    campaign = chosen(gettext_lazy("Campaign"), Campaign.objects.with_texts())
    fund = chosen(gettext_lazy("Fund"), Fund.objects.filter(is_open=True).order_by("name"))
    is_anonymous = switch(
        gettext_lazy("Anonymous"),
        help_text=gettext_lazy("The donor's name is never shown outside."),
    )
    kind = kind_of(gettext_lazy("Kind"), Gift.Kind)
    description = text(
        gettext_lazy("What was given"),
        max_length=200,
        help_text=gettext_lazy(
            "Only for a gift in kind. Its amount above is its value: it is never added to money."
        ),
    )
    tribute_kind = kind_of(gettext_lazy("Kind"), Tribute.Kind)
    tribute_name = text(gettext_lazy("Name of the person"), max_length=150)
    notify_name = text(gettext_lazy("Whom to tell"), max_length=150)
    notify_email = address(gettext_lazy("Their e-mail"))
    notify_language = choice(gettext_lazy("Language of the mail"), LANGUAGES, required=False)
    credit_supporter = somebody(gettext_lazy("Who"), required=False)
    credit_kind = kind_of(gettext_lazy("Why"), SoftCredit.Kind)
    credit_amount = AmountField(
        label=gettext_lazy("Credited amount in euros"),
        required=False,
        help_text=gettext_lazy("Empty: the whole gift. A credit is never added to money."),
    )
    employer = somebody(gettext_lazy("Employer"), required=False)
    matching_amount = AmountField(
        label=gettext_lazy("Expected amount in euros"),
        required=False,
        help_text=gettext_lazy("Empty: as much as the gift."),
    )

    def __init__(self, *args: Any, today: date, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.parts = [part for part in PARTS if not part.right or user.has_perm(part.right)]
        shown = {name for part in self.parts for name in part.fields}
        for name in [name for part in PARTS for name in part.fields if name not in shown]:
            del self.fields[name]

    def sections(self) -> list[dict[str, Any]]:
        """The parts with their fields; what holds an error or a value stands open."""
        return [
            {
                "title": part.title,
                "fields": (fields := [self[name] for name in part.fields]),
                "is_open": any(each.errors or self.is_filled(each) for each in fields),
            }
            for part in self.parts
        ]

    def is_filled(self, field: Any) -> bool:
        return self.is_bound and field.data not in (None, "") and field._has_changed()
