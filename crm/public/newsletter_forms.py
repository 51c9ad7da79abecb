"""What somebody tells who wants to hear from us."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from crm.privacy.models import Purpose, Wording
from crm.privacy.operations import wording_for
from crm.public.forms import AddressField, NameField

NOT_AN_ADDRESS = {"invalid": _("This is not an e-mail address; one looks like name@example.org.")}


def address_field(label: Any, **options: Any) -> AddressField:
    widget = forms.EmailInput({"autocomplete": "email", "inputmode": "email"})
    return AddressField(
        label=label, max_length=254, widget=widget, error_messages=NOT_AN_ADDRESS, **options
    )


def age_choices() -> list[tuple[str, str]]:
    years = {"years": settings.AGE_OF_CONSENT}
    return [
        ("older", gettext("I am %(years)s or older") % years),
        ("younger", gettext("I am younger than %(years)s") % years),
    ]


class NewsletterForm(forms.Form):
    """An address, and what may be sent there. No birth date: only whether a parent has to agree.

    `wordings` are those that stand beside the boxes; `chosen` those whose boxes were ticked.
    """

    email = address_field(_("E-mail"))
    given_name = NameField(
        label=_("Given name"),
        required=False,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    age = forms.ChoiceField(label=_("Your age"), choices=age_choices, widget=forms.RadioSelect)
    parent_name = NameField(
        label=_("Name of your mother, father or guardian"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    parent_email = address_field(_("Their e-mail"), required=False)
    topic = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = get_language() or "fr"
        offered = {each: wording_for(purpose=each, language=language) for each in Purpose.values}
        self.wordings: dict[str, Wording] = {key: text for key, text in offered.items() if text}
        for purpose, wording in self.wordings.items():
            # The box carries the wording that was shown: a newer one may come in between.
            box = forms.CheckboxInput({"value": wording.pk})
            self.fields[purpose] = forms.BooleanField(
                label=wording.text, required=False, widget=box
            )

    def boxes(self) -> list[forms.BoundField]:
        return [self[purpose] for purpose in self.wordings]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.is_robot = bool(values.get("topic"))
        self.chosen = {each: self.shown(each) for each in self.wordings if values.get(each)}
        if not self.chosen:
            first = next(iter(self.wordings), None)
            self.add_error(first, _("Tick at least one box, so that we know what to send you."))
        if values.get("age") == "younger":
            self.clean_parent(values)
        return values

    def clean_parent(self, values: dict[str, Any]) -> None:
        """A child's mailbox is not written to: a parent's is."""
        for name in ("parent_name", "parent_email"):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, self.fields["email"].error_messages["required"])
        if values.get("parent_email") and values["parent_email"] == values.get("email"):
            self.add_error("parent_email", _("Write the address of your parent, not your own."))

    def shown(self, purpose: str) -> Wording:
        """Return the words that stood beside the box."""
        key = str(self.data[self.add_prefix(purpose)])
        newest = self.wordings[purpose]
        if not key.isdecimal() or key == str(newest.pk) or len(key) > 18:
            return newest
        return Wording.objects.filter(purpose=purpose, pk=key).first() or newest

    @property
    def is_child(self) -> bool:
        return self.cleaned_data["age"] == "younger"

    def person(self) -> dict[str, Any]:
        """Return who it is; of a grown-up, no parent."""
        names = ["email", "given_name", *(["parent_name", "parent_email"] if self.is_child else [])]
        return {name: self.cleaned_data[name] for name in names}
