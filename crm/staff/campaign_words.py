"""The form for what a campaign says in one language."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.campaigns.editing import WORDS
from crm.campaigns.models import Campaign, CampaignText
from crm.staff.mail_forms import Lines

LONGEST = 20_000  # letters of a text
LONG = 250  # a line of more letters is given several lines
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
