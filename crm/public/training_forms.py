"""What participants of trainings fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.public.forms import NameField, PersonForm


class EnrolForm(PersonForm):
    """Who wants to take part. `is_robot` says that the field nobody sees was filled in."""

    employer = NameField(
        label=_("Employer or organisation"),
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    topic = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    is_robot = False

    def offer_newsletter(self) -> None:
        """Enrolling is about the training only."""

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        self.is_robot = bool(told.pop("topic", ""))
        return told
