"""What staff fill in for a privacy request."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.people.models import LANGUAGES
from crm.privacy.requests import PrivacyRequest
from crm.staff.forms import choice, day, somebody
from crm.staff.privacy_words import SOURCES


class AskForm(forms.Form):
    """A request that came by mail, letter or telephone."""

    supporter = somebody(gettext_lazy("Supporter"))
    kind = choice(gettext_lazy("What they ask for"), PrivacyRequest.Kind.choices)
    source = choice(
        gettext_lazy("Came by"),
        [(code, words) for code, words in SOURCES.items() if code != "own page"],
    )
    asked_on = day(
        gettext_lazy("Came on"), help_text=gettext_lazy("The month for the answer runs from then.")
    )
    language = choice(gettext_lazy("Language of the answer"), LANGUAGES)


def tick(label: Any, **options: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, widget=widgets.UnfoldBooleanWidget(), **options)


class CarryOutForm(forms.Form):
    """That it is really them, and that their regular gifts may end."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    is_checked = tick(
        gettext_lazy("I have made sure that it is really this person who asks."),
        error_messages={
            "required": gettext_lazy("Make sure who asks, for instance by their e-mail address.")
        },
    )
    end_plans = tick(
        gettext_lazy("End their regular gift too."),
        error_messages={"required": gettext_lazy("They still give: that must end first.")},
    )

    def __init__(self, *args: Any, request: PrivacyRequest, gives: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if request.source == "own page":
            del self.fields["is_checked"]  # their link proved it
        if not gives:
            del self.fields["end_plans"]


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=1000,
        widget=widgets.UnfoldAdminTextareaWidget(),
        help_text=gettext_lazy(
            "The person is told within a month, with the right to complain to the data protection "
            "authority (article 12.4). Name nobody else here."
        ),
    )
