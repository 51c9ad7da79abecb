"""The forms of trainings: a session, who is enrolled, and who sent them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold import widgets

from crm.lib.contact import normal_email
from crm.people.models import LANGUAGES, Supporter
from crm.programmes.trainings import Training
from crm.staff.forms import address, choice, somebody, switch, text
from crm.staff.gift_fields import chosen

MOST_PLACES = 500


def moment(label: Any, **options: Any) -> Any:
    """A day and an hour, in the organisation's time zone."""
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    widget.format_value = written
    return forms.DateTimeField(label=label, widget=widget, **options)


def written(value: Any) -> Any:
    """Write a moment as the browser's own field wants it."""
    return f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else value


class OrganisationField(forms.ModelChoiceField):
    """An organisation, found by typing a few letters."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Choose an organisation; this is a person, or nobody.")
    }


def organisation(label: Any, **options: Any) -> Any:
    field = somebody(label, **options)
    kept = {"help_text": options.get("help_text", ""), "widget": field.widget}
    known = Supporter.objects.current().filter(kind=Supporter.Kind.ORGANISATION)
    return OrganisationField(queryset=known, label=label, required=False, **kept)


class SessionForm(forms.Form):
    """When and where a training is given, and for how many."""

    training = chosen(
        gettext_lazy("Training"), Training.objects.filter(is_active=True).order_by("title")
    )
    begins_at = moment(gettext_lazy("Begins"))
    ends_at = moment(gettext_lazy("Ends"))
    place = text(
        gettext_lazy("Place"), max_length=200, help_text=gettext_lazy("Or “online”, and the link.")
    )
    trainer = text(gettext_lazy("Trainer"), max_length=150)
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        min_value=1,
        max_value=MOST_PLACES,
        initial=20,
        widget=widgets.UnfoldAdminIntegerFieldWidget(),
    )
    is_public = switch(gettext_lazy("Show it on our site, where anybody may enrol"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in {"training", "place"} & self.fields.keys():
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        begins, ends = told.get("begins_at"), told.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("It ends before it begins."))
        return told


class ChangeSessionForm(SessionForm):
    """What can be corrected later: another training is another session."""

    training = None


class EmployerForm(forms.Form):
    employer = organisation(
        gettext_lazy("Employer"),
        help_text=gettext_lazy("The organisation that sent them; empty if nobody did."),
    )


class ParticipantForm(EmployerForm):
    """Somebody we know, or a newcomer with name and address."""

    supporter = somebody(gettext_lazy("Somebody we know"), required=False)
    given_name = text(gettext_lazy("Or somebody new: given name"), max_length=100)
    family_name = text(gettext_lazy("Family name"), max_length=100)
    email = address(gettext_lazy("E-mail"))
    language = choice(gettext_lazy("Language"), LANGUAGES)
    is_extra = switch(gettext_lazy("Give a place even if all are taken"))
    field_order = ("supporter", "given_name", "family_name", "email", "language", "employer")

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {"language": (get_language() or "fr")[:2]})
        super().__init__(*args, **options)

    def clean_email(self) -> str:
        told = self.cleaned_data["email"]
        try:
            return normal_email(told) if told else ""
        except ValueError as error:
            raise ValidationError(_("This is not an e-mail address.")) from error

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        known, given, family = (told.get(n) for n in ("supporter", "given_name", "family_name"))
        if known and (given or family or told.get("email")):
            self.add_error("supporter", _("Choose somebody, or write somebody new: not both."))
        elif not known and not (given and family) and "supporter" not in self.errors:
            self.add_error("supporter", _("Choose somebody, or write given and family name below."))
        return told

    @property
    def newcomer(self) -> dict[str, Any]:
        names = ("email", "given_name", "family_name", "language")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def place(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("employer", "is_extra")}
