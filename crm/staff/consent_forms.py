"""A yes or a no that did not come through our own pages."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.lib.periods import local_day
from crm.privacy.choosing import OFFERED
from crm.privacy.models import Channel, Purpose, Wording
from crm.staff import forms as fields
from crm.staff.consent_words import VALUES

WAYS = ("paper", "telephone", "letter", "in person")
SHEET = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9 ./-]*$", _("Letters, digits and . / - only."))


class WordingField(forms.ModelChoiceField):
    def label_from_instance(self, wording: Wording) -> str:
        text = wording.text if len(wording.text) <= 70 else f"{wording.text[:70]}…"
        purpose, language = wording.get_purpose_display(), wording.language
        return f"{purpose}, {language} {wording.version}: {text}"


class ConsentForm(forms.Form):
    """What somebody said, how, when, and to which words."""

    answer = fields.choice(_("Answer"), [("yes", _("Yes")), ("no", _("No"))])
    purpose = fields.choice(_("Purpose"), Purpose.choices)
    channel = fields.choice(_("How we reach them"), Channel.choices)
    said = fields.choice(_("How it was said"), [(way, VALUES[way]) for way in WAYS])
    day = fields.day(_("When it was said"))
    sheet = fields.text(
        _("Number of the sheet"),
        max_length=20,
        validators=[SHEET],
        help_text=_("By which the paper is found again; no name."),
    )
    wording = WordingField(
        label=_("Words they agreed to"),
        queryset=Wording.objects.order_by("purpose", "language", "-version"),
        required=False,
        widget=widgets.UnfoldAdminSelectWidget(),
        help_text=_("For a yes: what stood on the paper, or what you read to them."),
    )
    parent_name = fields.text(
        _("Name of the parent who agreed"),
        max_length=200,
        help_text=_("Only for a child that is too young to agree alone."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["day"].initial = local_day(timezone.now())

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day > local_day(timezone.now()):
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        purpose, wording = values.get("purpose"), values.get("wording")
        if wording is not None and purpose and wording.purpose != purpose:
            self.add_error("wording", _("These words are about something else."))
        if values.get("answer") == "yes" and not wording and "wording" not in self.errors:
            self.add_error("wording", _("Choose to which words they said yes."))
        if values.get("said") == "paper" and not values.get("sheet") and "sheet" not in self.errors:
            self.add_error("sheet", _("Write by which number the paper is found again."))
        if purpose and values.get("channel") not in OFFERED[Purpose(purpose)]:
            self.add_error("channel", _("This is not sent that way."))
        return values

    def told(self) -> dict[str, Any]:
        """Return what is written down, as the operation wants it."""
        said = self.cleaned_data
        is_yes = said["answer"] == "yes"
        sheet = {"sheet": said["sheet"]} if said["sheet"] else {}
        return {
            "given": is_yes,
            "purpose": said["purpose"],
            "channel": said["channel"],
            "wording": said["wording"] if is_yes else None,
            "parent_name": said["parent_name"] if is_yes else "",
            "source": f"staff:{said['said']}",
            "evidence": {"said": said["said"], **sheet},
            "at": moment_of(said["day"]),
        }


def moment_of(day: Any) -> datetime:
    """Return now for today, else noon of the day: of paper, nobody knows the hour."""
    now = timezone.now()
    if day == local_day(now):
        return now
    return datetime.combine(day, time(12), timezone.get_current_timezone())
