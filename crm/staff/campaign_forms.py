"""The forms by which campaigns are made: what it is, what it asks, what it says."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold import widgets

from crm.campaigns import tallies
from crm.campaigns.editing import WORDS, has_fixed_address
from crm.campaigns.models import Ask, Campaign, CampaignText
from crm.lib import images
from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose
from crm.staff.amounts import AmountsField
from crm.staff.forms import choice, switch
from crm.staff.mail_forms import Lines
from crm.staff.training_forms import moment

MOST = 100_000_000  # signatures; nobody ever had more
LONGEST = 20_000  # letters of a text
LONG = 250  # a line of more letters is given several lines


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


# Of an appeal there is no page of its own: it stands on the donation page.
OF_AN_APPEAL = ("title", "summary", "picture_alt", "thanks")
GROUPS = [
    (
        gettext_lazy("On the page"),
        ("title", "demand", "summary", "target", "body", "picture_alt"),
    ),
    (gettext_lazy("After signing"), ("thanks", "share_text")),
    (gettext_lazy("In the mails"), ("confirm_mail", "thanks_mail")),
]
HELP = {
    "title": gettext_lazy("What people read first, here and where the page is shared."),
    "demand": gettext_lazy("One sentence, right below the title."),
    "summary": gettext_lazy("One sentence for the home page, search engines and shared links."),
    "target": gettext_lazy("Such as the name of a minister or a parliament."),
    "body": gettext_lazy("An empty line begins a new paragraph."),
    "thanks": gettext_lazy("Below the thanks, once the signature is confirmed; and in the end."),
}


def named(name: str) -> Any:
    return CampaignText._meta.get_field(name)


def words_field(name: str) -> Any:
    """Return the field of the form for a field of the texts."""
    field = named(name)
    length = field.max_length or LONGEST
    told = {
        "label": capfirst(field.verbose_name),
        "max_length": length,
        "required": not field.blank,
        "help_text": HELP.get(name, field.help_text),
    }
    if length < LONG:
        return forms.CharField(**told, widget=widgets.UnfoldAdminTextInputWidget())
    rows = 14 if name == "body" else 3
    return Lines(**told, widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": rows}))


class WordsForm(forms.Form):
    """What a campaign says in one language; `told` are the words of another, to translate from."""

    def __init__(
        self, *args: Any, campaign: Campaign, told: CampaignText | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.told = told
        is_appeal = campaign.kind == Campaign.Kind.APPEAL
        for name in OF_AN_APPEAL if is_appeal else WORDS:
            self.fields[name] = words_field(name)

    @property
    def groups(self) -> list[tuple[Any, list[tuple[forms.BoundField, str]]]]:
        """The fields, group by group, each with the same words in the other language."""
        found = []
        for title, names in GROUPS:
            fields = [
                (self[name], getattr(self.told, name, "")) for name in names if name in self.fields
            ]
            if fields:
                found.append((title, fields))
        return found


class PictureForm(forms.Form):
    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.FileInput(
            attrs={"class": "st-file", "accept": "image/jpeg,image/png,image/webp"}
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        told = _(
            "JPEG, PNG or WebP, at most %(most)s. Broad pictures look best, 1200 by 630 pixels or "
            "more. It is made smaller, and what the camera noted in it is removed."
        )
        most = filesizeformat(images.MOST_BYTES)
        self.fields["upload"].help_text = told % {"most": most}

    def refuse(self, error: Exception) -> None:
        """Say beside the field why a picture was not taken."""
        self.add_error("upload", why_not(error))


NOT_TAKEN = (images.NotAPicture, images.TooHeavy, images.TooManyPixels, images.TooSmall)


def why_not(error: Exception) -> str:
    if isinstance(error, images.TooHeavy):
        most = filesizeformat(images.MOST_BYTES)
        return _("This file is too large: at most %(most)s are kept.") % {"most": most}
    if isinstance(error, images.TooManyPixels):
        return _("This picture has too many pixels: save it smaller, at most 50 million.")
    if isinstance(error, images.TooSmall):
        told = _("This picture is too small: each side needs %(least)s pixels at least.")
        return told % {"least": images.LEAST}
    return _("This is no JPEG, PNG or WebP picture, or the file is damaged.")
