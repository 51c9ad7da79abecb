"""The forms by which campaigns are made: what it is, what it asks, what it says."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold import widgets

from crm.campaigns import tallies
from crm.campaigns.editing import has_fixed_address
from crm.campaigns.models import Ask, Campaign
from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose
from crm.staff.amounts import AmountsField
from crm.staff.forms import choice, switch
from crm.staff.training_forms import moment

MOST = 100_000_000  # signatures; nobody ever had more


def slug_field(**options: Any) -> Any:
    return forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=50,
        widget=widgets.UnfoldAdminTextInputWidget(),
        error_messages={
            "invalid": gettext_lazy(
                "Letters without accents, digits and hyphens only: stop-traite."
            )
        },
        **options,
    )


def free(slug: str, *, but: int = 0) -> str:
    """Return an address that no other campaign has. Raises ValidationError."""
    if Campaign.objects.filter(slug=slug).exclude(pk=but).exists():
        raise ValidationError(_("Another campaign has this address."))
    return slug


class NewForm(forms.Form):
    """The little that a campaign begins with."""

    kind = choice(gettext_lazy("Kind"), Campaign.Kind.choices)
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=120, widget=widgets.UnfoldAdminTextInputWidget()
    )
    language = choice(
        gettext_lazy("Language of the title"),
        LANGUAGES,
        help_text=gettext_lazy("The other languages are written next."),
    )
    slug = slug_field(
        required=False,
        help_text=gettext_lazy(
            "The last part of the page's address, short and the same in all languages. "
            "Empty: made from the title."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"language": (get_language() or "fr")[:2]} | options["initial"]
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if "slug" in self.errors or "title" in self.errors:
            return told
        told["slug"] = told["slug"].lower() or slugify(told["title"])[:50].strip("-")
        if not told["slug"]:
            self.add_error("slug", _("No address can be made from this title: write one."))
            return told
        try:
            free(told["slug"])
        except ValidationError as error:
            self.add_error("slug", error)
        return told


class WhatForm(forms.Form):
    """When, where and how far: what does not depend on a language."""

    kind = choice(gettext_lazy("Kind"), Campaign.Kind.choices)
    slug = slug_field()
    opens_at = moment(gettext_lazy("Opens"))
    closes_at = moment(
        gettext_lazy("Closes"), required=False, help_text=gettext_lazy("Empty: it stays open.")
    )
    goal = forms.IntegerField(
        label=gettext_lazy("Goal (signatures)"),
        required=False,
        min_value=10,
        max_value=MOST,
        widget=widgets.UnfoldAdminIntegerFieldWidget(),
        help_text=gettext_lazy("Empty: the counter has no bar."),
    )
    goal_rises = switch(
        gettext_lazy("Raise the goal"),
        help_text=gettext_lazy(
            "When the goal is nearly reached, the next round number takes its place."
        ),
    )
    suggested_amounts = AmountsField(label=gettext_lazy("Suggested amounts"), required=False)
    report_url = forms.URLField(
        label=gettext_lazy("Where to report abuse"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=widgets.UnfoldAdminURLInputWidget(),
        help_text=gettext_lazy("Empty: the organisation's own address for reports."),
    )
    is_embeddable = switch(
        gettext_lazy("Other sites may show it"),
        help_text=gettext_lazy("In a frame on their own pages, with its form."),
    )

    def __init__(self, *args: Any, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.campaign = campaign
        # Links lead to the address, and who signed did not join: both stay as they are.
        for name in ("slug", "kind") if has_fixed_address(campaign) else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _(
                "Stays as it is: the campaign is public or was signed, and links lead here."
            )
        if campaign.kind == Campaign.Kind.APPEAL:
            for name in ("goal", "goal_rises", "is_embeddable"):
                del self.fields[name]

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        return slug if slug == self.campaign.slug else free(slug.lower(), but=self.campaign.pk)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        opens, closes = told.get("opens_at"), told.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It closes before it opens."))
        if told.get("goal") and told["goal"] != self.campaign.goal and not told.get("goal_rises"):
            self.check_goal(told["goal"])
        if told.get("goal_rises") and not told.get("goal") and "goal" not in self.errors:
            self.add_error("goal", _("Write the first goal, which then rises."))
        return told

    def check_goal(self, goal: int) -> None:
        """A new goal that is behind us already would be none."""
        count = tallies.count(self.campaign)
        if count >= goal:
            told = _("%(count)s have signed already: write a higher goal, or let it rise.")
            self.add_error("goal", told % {"count": count})


class AskingForm(forms.Form):
    """What signers are asked, besides their name and address."""

    ANSWERS = (
        ("no", gettext_lazy("not asked")),
        ("asked", gettext_lazy("asked, may stay empty")),
        ("required", gettext_lazy("must be told")),
    )
    HELP = {
        Ask.POSTCODE: gettext_lazy(
            "With the country, it tells the region. Far away it may be empty."
        ),
        Ask.COUNTRY: gettext_lazy("Without it, signatures are counted for no region."),
        Ask.PHONE: gettext_lazy("Each further question costs signatures: ask only what is used."),
        Ask.COMMENT: gettext_lazy("Shown once staff have read it, if the signer wishes."),
    }
    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("Consents that are asked for"),
        required=False,
        choices=Purpose.choices,
        widget=forms.CheckboxSelectMultiple(),
        help_text=gettext_lazy(
            "Each has a box of its own, never ticked beforehand, with the newest wording in the "
            "language of the page."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in Ask.choices:
            self.fields[name] = choice(
                capfirst(label), self.ANSWERS, help_text=self.HELP[Ask(name)]
            )
        self.order_fields([*Ask.values, "purposes"])
        for name in self.fields:
            self.fields[name].label = capfirst(self.fields[name].label)


def answers_of(campaign: Campaign) -> dict[str, Any]:
    """Return what the form for what is asked begins with."""
    asked = {
        name: "no"
        if name not in campaign.asked
        else ("required" if name in campaign.required else "asked")
        for name in Ask.values
    }
    return {**asked, "purposes": campaign.purposes}


def asking(answers: dict[str, Any]) -> dict[str, list[str]]:
    """Return what a campaign keeps of the answers to that form."""
    return {
        "asked": [name for name in Ask.values if answers[name] != "no"],
        "required": [name for name in Ask.values if answers[name] == "required"],
        "purposes": [name for name in Purpose.values if name in answers["purposes"]],
    }
