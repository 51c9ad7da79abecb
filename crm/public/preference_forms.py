"""The forms of the page on which somebody chooses what they get."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from crm.people.models import LANGUAGES
from crm.privacy.choosing import Choice, Standing
from crm.privacy.models import Channel, Purpose, Wording
from crm.privacy.operations import wording_for

WAYS = {
    Channel.EMAIL: _("By e-mail"),
    Channel.POST: _("By letter"),
    Channel.PHONE: _("By telephone"),
}
TITLES = {
    Purpose.NEWSLETTER: _("Newsletter"),
    Purpose.APPEALS: _("Calls for donations"),
}


@dataclass
class Line:
    """One way of being reached for one purpose: what holds, and the field that changes it."""

    standing: Standing
    field: BoundField

    @property
    def as_shown(self) -> str:
        """What stood here when the page was made, which travels with the form."""
        return self.field.as_hidden(only_initial=True)


@dataclass
class Block:
    """One purpose, with the words that a "yes" agrees to."""

    title: Any
    wording: Wording | None
    lines: list[Line]


class PreferencesForm(forms.Form):
    """Yes or no to each thing. What was not touched says nothing, however old the page is."""

    def __init__(self, *args: Any, standings: list[Standing], **options: Any) -> None:
        super().__init__(*args, **options)
        self.standings = {name_of(each): each for each in standings}
        for name, each in self.standings.items():
            self.fields[name] = forms.ChoiceField(
                label=WAYS[each.channel],
                choices=[("yes", _("Yes")), ("no", _("No"))],
                initial="" if each.state is None else "yes" if each.state.given else "no",
                required=False,
                show_hidden_initial=True,
                widget=forms.RadioSelect,
            )
        for purpose in {each.purpose for each in standings}:
            hidden = forms.HiddenInput()
            self.fields[f"wording-{purpose}"] = forms.CharField(required=False, widget=hidden)
            self.initial[f"wording-{purpose}"] = getattr(self.newest[purpose], "pk", "")

    @cached_property
    def newest(self) -> dict[str, Wording | None]:
        """The words of each purpose in the reader's language."""
        language = get_language() or "fr"
        return {each: wording_for(purpose=each, language=language) for each in Purpose.values}

    def blocks(self) -> Iterator[Block]:
        for purpose in Purpose:
            lines = [
                Line(each, self[name])
                for name, each in self.standings.items()
                if each.purpose == purpose
            ]
            yield Block(TITLES[purpose], self.newest[purpose], lines)

    def clean(self) -> dict[str, Any]:
        """A "yes" is to words that were shown."""
        values = super().clean() or {}
        for name in self.changed_names():
            purpose = self.standings[name].purpose
            if values.get(name) == "yes" and self.shown(purpose) is None:
                self.add_error(name, _("This can only be ended here: nothing is offered now."))
        return values

    def shown(self, purpose: str) -> Wording | None:
        """Return the words that stood on the page, which may be older than the newest."""
        key = str(self.cleaned_data.get(f"wording-{purpose}", ""))
        newest = self.newest[purpose]
        if newest is not None and key == str(newest.pk):
            return newest
        is_key = key.isdecimal() and len(key) < 19
        return Wording.objects.filter(purpose=purpose, pk=key).first() if is_key else None

    def changed_names(self) -> list[str]:
        return [name for name in self.changed_data if name in self.standings]

    def choices(self) -> list[Choice]:
        """Return what the reader changed."""
        return [
            Choice(each.purpose, each.channel, said == "yes", self.shown(each.purpose))
            for name in self.changed_names()
            if (said := self.cleaned_data[name])
            for each in [self.standings[name]]
        ]


def name_of(standing: Standing) -> str:
    return f"{standing.purpose}-{standing.channel}"


class LanguageForm(forms.Form):
    """In which language somebody is written to."""

    language = forms.ChoiceField(
        label=_("Language of our mails"),
        choices=[
            (code, get_language_info(code)["name_local"].capitalize()) for code, _n in LANGUAGES
        ],
        widget=forms.RadioSelect,
    )
