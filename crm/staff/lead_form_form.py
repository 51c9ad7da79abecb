"""What staff say of a lead form of Facebook's."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.campaigns.leads import LeadForm
from crm.campaigns.models import Campaign
from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose
from crm.staff import forms as fields
from crm.staff.forms import choice, switch

A_NUMBER = RegexValidator(r"^[0-9]+\Z", _("The number of a form at Facebook has digits only."))
BOXES = {"newsletter_box": Purpose.NEWSLETTER, "appeals_box": Purpose.APPEALS}


class LeadFormForm(forms.Form):
    form_id = fields.text(
        _("Number of the form"),
        max_length=40,
        validators=[A_NUMBER],
        help_text=_("At Facebook: Meta Business Suite, “Instant forms”, beside the form's name."),
    )
    name = fields.text(_("Name"), max_length=120, help_text=_("As it is called at Facebook."))
    campaign = forms.ModelChoiceField(
        label=_("Campaign"),
        queryset=Campaign.objects.none(),
        widget=widgets.UnfoldAdminSelectWidget(),
        help_text=_("Whoever fills in the form signs this, and confirms it by the mail we send."),
    )
    language = choice(_("Language of the form"), LANGUAGES)
    newsletter_box = fields.text(
        _("Box for the newsletter"),
        max_length=80,
        help_text=_(
            "The key of the consent box at Facebook whose words ask for the newsletter. Empty: no"
            " box does, and nobody is signed up."
        ),
    )
    appeals_box = fields.text(
        _("Box for calls for donations"),
        max_length=80,
        help_text=_("Likewise, where the words beside a box ask for it."),
    )
    is_active = switch(
        _("In use"), initial=True, help_text=_("Leads of a form out of use wait, unread.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("form_id", "name"):
            self.fields[name].required = True
        signable = Campaign.objects.current().exclude(kind=Campaign.Kind.APPEAL)
        self.fields["campaign"].queryset = signable.with_texts().order_by("-opens_at", "-pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("newsletter_box") and told["newsletter_box"] == told.get("appeals_box"):
            self.add_error("appeals_box", _("One box cannot agree to two things."))
        return told


def standing(form: LeadForm) -> dict[str, Any]:
    """What the form shows of a lead form that is known."""
    keys = {purpose: key for key, purpose in form.boxes.items()}
    shown = {name: getattr(form, name) for name in ("form_id", "name", "language", "is_active")}
    boxes = {name: keys.get(purpose.value, "") for name, purpose in BOXES.items()}
    return {**shown, "campaign": form.campaign, **boxes}


def written(told: dict[str, Any]) -> dict[str, Any]:
    """What the operation takes of the answers."""
    boxes = {told[name].strip(): purpose.value for name, purpose in BOXES.items() if told[name]}
    return {name: value for name, value in told.items() if name not in BOXES} | {"boxes": boxes}
