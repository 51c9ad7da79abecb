"""The form that says what an import may change, and what all of its rows have in common."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from django_countries import countries

from crm.campaigns.models import Campaign
from crm.donations.models import Fund, Method
from crm.exchange.models import Import, Kind
from crm.exchange.options import MODES, Options
from crm.people.models import LANGUAGES
from crm.privacy.models import Wording
from crm.staff.forms import choice, switch, text


class OptionsForm(forms.Form):
    """What the import may change, and what all of its rows have in common."""

    mode = forms.ChoiceField(
        label=gettext_lazy("What it may change"),
        choices=list(MODES.items()),
        widget=forms.RadioSelect(attrs={"class": "st-radio"}),
    )
    campaign = choice(gettext_lazy("Campaign"), (), required=False)
    status = choice(
        gettext_lazy("The signatures are"),
        [
            ("confirmed", gettext_lazy("confirmed, and count")),
            ("pending", gettext_lazy("not yet confirmed")),
        ],
        required=False,
    )
    fund = choice(gettext_lazy("Fund"), (), required=False)
    currency = text(gettext_lazy("Currency"), max_length=3)
    method = choice(gettext_lazy("Method"), Method.choices, required=False)
    tags = text(
        gettext_lazy("Tags for everybody in it"),
        max_length=300,
        help_text=gettext_lazy("Separated by commas."),
    )
    consent = text(
        gettext_lazy("Where and how they agreed to the newsletter"),
        max_length=60,
        help_text=gettext_lazy(
            "Needed where the file says who wants it, such as: paper list, festival of June 2026."
        ),
    )
    wording = choice(gettext_lazy("The words they agreed to"), (), required=False)
    system = text(
        gettext_lazy("Where the file comes from"),
        max_length=20,
        help_text=gettext_lazy("A short name of the other system, such as civicrm."),
    )
    language = choice(gettext_lazy("Language, where the file does not say"), LANGUAGES)
    country = choice(gettext_lazy("Country, where the file does not say"), lambda: list(countries))
    utc = switch(gettext_lazy("Times are in UTC"))

    def __init__(self, data: Any = None, *, batch: Import) -> None:
        self.known = Options.from_json(batch.options)
        super().__init__(data, initial=first_options(self.known))
        self.keep_for(batch.kind)
        nothing = [("", "–")]
        offered = {
            "campaign": ((c.pk, str(c)) for c in Campaign.objects.with_texts().order_by("-pk")),
            "fund": ((f.pk, f.name) for f in Fund.objects.filter(is_open=True).order_by("name")),
            "wording": ((w.pk, f"{w}: {w.text[:70]}") for w in newest_wordings()),
        }
        for name, choices in offered.items():
            if name in self.fields:
                self.fields[name].choices = [*nothing, *choices]  # type: ignore[attr-defined]

    def keep_for(self, kind: str) -> None:
        """Take away what another kind of import is asked."""
        if kind != Kind.SIGNATURES:
            del self.fields["campaign"], self.fields["status"]
        if kind != Kind.GIFTS:
            del self.fields["fund"], self.fields["currency"], self.fields["method"]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper() or "EUR"

    def options(self) -> Options:
        """Return what was chosen; what is not asked stays as it was."""
        given = dict(self.cleaned_data)
        given["tags"] = tuple(filter(None, (name.strip() for name in given["tags"].split(","))))
        for name in ("campaign", "fund", "wording"):
            if name in given:
                given[name] = int(given[name]) if given[name] else None
        return replace(self.known, **given)


def first_options(known: Options) -> dict[str, Any]:
    return known.as_json() | {"tags": ", ".join(known.tags)}


def newest_wordings() -> Any:
    found = Wording.objects.with_newest().filter(is_newest=True)
    return found.order_by("purpose", "language")
