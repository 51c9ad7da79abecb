"""Forms for sheets: a pile in a grid, one that is corrected, and the name on a line."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.campaigns.entering_sheets import CHANNELS
from crm.campaigns.models import Campaign
from crm.campaigns.sheets import Sheet
from crm.campaigns.sources import CHANNELS as NAMES
from crm.lib.regions import PROVINCES
from crm.people.models import LANGUAGES
from crm.privacy.models import Wording
from crm.staff.consent_forms import WordingField
from crm.staff.forms import address, choice, day, somebody, switch, text
from crm.staff.supporter_forms import check_postcode, country

COLUMNS = ("number", "place", "begins_on", "ends_on", "lines", "valid", "struck", "region")
TELLING = ("number", "place", "lines", "valid", "struck")  # a row without any of it is empty
COUNTS = ("lines", "valid", "struck")
MOST_ROWS = 200
MOST_LINES = 10_000_000
SHEET_NUMBER = RegexValidator(
    r"^[\w][\w ./-]*$", gettext_lazy("Letters, digits and . / - only; no name of a person.")
)


def regions() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("not known")), *PROVINCES.items()]


def whole(label: Any, **options: Any) -> Any:
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, widget=widget, min_value=0, max_value=MOST_LINES, **options
    )


class SheetForm(forms.Form):
    """One sheet: what is written on it, and what was counted of it by hand."""

    number = text(
        gettext_lazy("Sheet number"),
        max_length=40,
        validators=[SHEET_NUMBER],
        help_text=gettext_lazy("By which the paper is found again."),
    )
    place = text(gettext_lazy("Place"), max_length=120)
    begins_on = day(gettext_lazy("Collected from"), required=False)
    ends_on = day(
        gettext_lazy("Collected until"), help_text=gettext_lazy("The day on which they count.")
    )
    lines = whole(gettext_lazy("Lines with writing"))
    valid = whole(gettext_lazy("Valid signatures"))
    struck = whole(gettext_lazy("Struck out"), required=False)
    region = choice(gettext_lazy("Province"), regions, required=False)
    country = country()
    language = choice(gettext_lazy("Language"), LANGUAGES)
    channel = choice(
        gettext_lazy("Where people found it"), [(each, NAMES[each]) for each in CHANNELS]
    )
    note = text(
        gettext_lazy("Note"),
        max_length=300,
        help_text=gettext_lazy("Where it is kept, who checked it. Name no signer here."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["number"].required = True

    def clean_struck(self) -> int:
        return self.cleaned_data["struck"] or 0

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("region") and told.get("country") != "BE":
            self.add_error("region", _("Provinces are of Belgium."))
        return told


class RowForm(SheetForm):
    """A row of the grid: what is the same for the whole pile stands above it."""

    country = language = channel = note = None

    def clean(self) -> dict[str, Any]:
        told = forms.Form.clean(self) or self.cleaned_data
        if all(name in told for name in COUNTS):
            difference = told["lines"] - told["valid"] - told["struck"]
            if difference:
                self.add_error("lines", does_not_add_up(difference))
        return told


def does_not_add_up(difference: int) -> str:
    """Say by how much lines differ from valid and struck out."""
    if difference > 0:
        told = _("%(number)d more than valid and struck out together.")
    else:
        told = _("%(number)d less than valid and struck out together.")
    return told % {"number": abs(difference)}


class PileForm(forms.Form):
    """What is the same for all sheets of a pile."""

    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    way = choice(gettext_lazy("What it is"), lambda: Sheet._meta.get_field("way").choices)
    channel = choice(
        gettext_lazy("Where people found it"), [(each, NAMES[each]) for each in CHANNELS]
    )
    language = choice(gettext_lazy("Language"), LANGUAGES)
    country = country()
    expected = whole(
        gettext_lazy("Valid signatures in all, as counted by hand"),
        required=False,
        help_text=gettext_lazy("If you counted the pile: nothing is entered unless it adds up."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        signed = Campaign.objects.current().exclude(kind=Campaign.Kind.APPEAL)
        chosen: Any = self.fields["campaign"]
        chosen.queryset = signed.with_texts().order_by("-opens_at", "-pk")


@dataclass
class Row:
    """One row of the grid, as it was typed."""

    number: int | str
    values: dict[str, str] = field(default_factory=dict)
    form: RowForm | None = None

    @property
    def errors(self) -> dict[str, str]:
        found = self.form.errors if self.form is not None else {}
        return {name: " ".join(map(str, errors)) for name, errors in found.items()}

    def refuse(self, name: str, error: str) -> None:
        assert self.form is not None
        self.form.add_error(name, error)


class SheetGrid:
    """All rows of one sending, read and checked."""

    def __init__(self, data: Any) -> None:
        self.rows = [Row(place, values) for place, values in enumerate(typed(data), start=1)]
        for row in self.rows:
            row.form = RowForm(row.values)
            row.form.full_clean()

    @property
    def is_too_long(self) -> bool:
        return len(self.rows) > MOST_ROWS

    def is_valid(self) -> bool:
        return 0 < len(self.rows) <= MOST_ROWS and not any(row.errors for row in self.rows)

    def sheets(self, pile: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the rows as the operation wants them."""
        shared = {"language": pile["language"], "country": pile["country"], "note": ""}
        in_belgium = pile["country"] == "BE"
        told = [row.form.cleaned_data for row in self.rows if row.form is not None]
        return [{**each, **shared, "region": each["region"] if in_belgium else ""} for each in told]

    def refuse_numbers(self, numbers: list[str]) -> None:
        for row in self.rows:
            if row.form is not None and row.form.cleaned_data.get("number") in numbers:
                row.refuse("number", _("There is a sheet with this number already."))

    def refuse_days(self, today: date) -> None:
        """Say at each row what is wrong with its days."""
        for row in self.rows:
            told = row.form.cleaned_data if row.form is not None else {}
            if error := wrong_days(told.get("begins_on"), told.get("ends_on"), today):
                row.refuse("ends_on", error)


def wrong_days(begins: date | None, ends: date | None, today: date) -> str:
    if ends is not None and ends > today:
        return _("This day has not come yet.")
    if begins and ends and begins > ends:
        return _("This is before the first day.")
    return ""


def typed(data: Any) -> list[dict[str, str]]:
    """Return the rows that hold anything, in their order, by the names of their cells."""
    found: dict[int, dict[str, str]] = {}
    for key in data:
        number, _dash, name = key.partition("-")
        if number.isdecimal() and len(number) < 6 and name in COLUMNS:
            found.setdefault(int(number), {})[name] = data[key].replace("\0", "").strip()
    rows = [found[number] for number in sorted(found)]
    return [values for values in rows if any(values.get(name) for name in TELLING)]


class LineForm(forms.Form):
    """Who stands on a line of a sheet: somebody we know, or somebody new."""

    supporter = somebody(
        gettext_lazy("Somebody we know"),
        required=False,
        help_text=gettext_lazy("For somebody new, leave it empty and write below."),
    )
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name"), max_length=100)
    email = address(gettext_lazy("E-mail (may stay empty)"))
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    country = country()
    is_ticked = switch(
        gettext_lazy("A box for news is ticked on this line"),
        help_text=gettext_lazy("Only what the person ticked with their own hand."),
    )
    wording = WordingField(
        label=gettext_lazy("Words beside the box"),
        queryset=Wording.objects.order_by("purpose", "language", "-version"),
        required=False,
        widget=widgets.UnfoldAdminSelectWidget(),
    )

    def clean(self) -> dict[str, Any]:
        told = check_postcode(self, super().clean() or self.cleaned_data)
        person = [told.get(name) for name in ("given_name", "family_name", "email")]
        if told.get("supporter") and any(person):
            error = _("Choose somebody we know or write somebody new, not both.")
            self.add_error("supporter", error)
        if not told.get("supporter") and not any(person):
            self.add_error("supporter", _("Choose somebody we know, or write a name below."))
        self.check_box(told)
        return told

    def check_box(self, told: dict[str, Any]) -> None:
        who, ticked = told.get("supporter"), told.get("is_ticked")
        if ticked and not told.get("wording"):
            self.add_error("wording", _("Choose to which words they said yes."))
        if ticked and not (told.get("email") or (who and who.email)):
            self.add_error("is_ticked", _("Without an e-mail address no news can be sent."))

    def person(self) -> dict[str, str]:
        names = ("given_name", "family_name", "email", "postcode", "country")
        return {name: self.cleaned_data[name] for name in names}

    def words(self) -> Wording | None:
        told = self.cleaned_data
        return told["wording"] if told["is_ticked"] else None
