"""Forms of imports: the file, how it is read, what its columns are, and what it may change."""

from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries
from unfold import widgets

from crm.campaigns.models import Campaign
from crm.donations.models import Fund, Method
from crm.exchange.fields import fields_of
from crm.exchange.models import Import, Kind
from crm.exchange.options import MODES, Options
from crm.lib.sheets import Detected
from crm.people.models import LANGUAGES
from crm.privacy.models import Wording
from crm.staff.forms import choice, switch, text

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": gettext_lazy("UTF-8 with a mark"),
    "cp1252": "Windows (cp1252)",
    "iso8859_15": "ISO 8859-15",
    "mac_roman": gettext_lazy("old Macintosh"),
    "cp850": "DOS (cp850)",
    "utf-16": "UTF-16",
}
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tabulator"),
    "|": gettext_lazy("vertical bar"),
}
TAB = "tab"  # a form would strip the character
ORDERS = {
    "dmy": gettext_lazy("day, month, year: 31/12/2026"),
    "mdy": gettext_lazy("month, day, year: 12/31/2026"),
    "ymd": gettext_lazy("year, month, day: 2026/12/31"),
}
DECIMALS = {",": "1.234,56", ".": "1,234.56"}
MEGABYTE = 1 << 20


class UploadForm(forms.Form):
    """A file, and what its rows are about."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), as another program exported it."),
        widget=forms.ClearableFileInput(
            attrs={"class": "st-file", "accept": ".csv,.tsv,.txt,.xlsx,text/csv"}
        ),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What are its rows?"),
        widget=forms.RadioSelect(attrs={"class": "st-radio"}),
        initial="",
        required=False,
    )

    def __init__(self, *args: Any, kinds: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        labels = {
            Kind.SUPPORTERS: _("People: one row each"),
            Kind.SIGNATURES: _("Signatures of a petition"),
            Kind.GIFTS: _("Gifts"),
        }
        offered = [(kind, labels[Kind(kind)]) for kind in kinds]
        unsure = ("", _("As the file itself tells"))
        self.fields["kind"].choices = [unsure, *offered]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        most = settings.IMPORT_MAX_BYTES
        if (file.size or 0) > most:
            told = {"most": most // MEGABYTE}
            raise forms.ValidationError(_("The file is larger than %(most)d MB.") % told)
        return file


class ReadingForm(forms.Form):
    """How a file is read: as it was found out, until somebody knows better."""

    encoding = choice(gettext_lazy("Encoding"), (), required=False)
    delimiter = choice(gettext_lazy("Between cells"), (), required=False)
    sheet = choice(gettext_lazy("Sheet"), (), required=False)
    header_line = forms.IntegerField(
        label=gettext_lazy("Line that names the columns"),
        min_value=1,
        max_value=10_000,
        widget=widgets.UnfoldAdminIntegerFieldWidget(),
    )
    dates = choice(gettext_lazy("Dates"), list(ORDERS.items()))
    decimal = choice(gettext_lazy("Amounts"), list(DECIMALS.items()))

    def __init__(self, *args: Any, how: Detected, **options: Any) -> None:
        super().__init__(*args, initial=initial_of(how), **options)
        self.how = how
        if how.kind == "csv":
            self.offer("encoding", {how.encoding: how.encoding} | ENCODINGS)
            self.offer("delimiter", {TAB if k == "\t" else k: v for k, v in DELIMITERS.items()})
            del self.fields["sheet"]
        else:
            self.offer("sheet", {name: name for name in how.sheets})
            del self.fields["encoding"], self.fields["delimiter"]
        doubts = {"dates": how.doubtful_date, "decimal": how.doubtful_number}
        for name, example in doubts.items():
            if example:
                told = _("Please check: in this file it could be either, as in “%(example)s”.")
                self.fields[name].help_text = told % {"example": example}

    def offer(self, name: str, choices: dict[str, Any]) -> None:
        self.fields[name].choices = list(choices.items())  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """Return what was said otherwise than it was found out, and what was in doubt."""
        doubtful = {"dates": self.how.doubtful_date, "decimal": self.how.doubtful_number}
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if value and (name in self.changed_data or doubtful.get(name))
        }
        if given.get("delimiter") == TAB:
            given["delimiter"] = "\t"
        return given


def initial_of(how: Detected) -> dict[str, Any]:
    delimiter = TAB if how.delimiter == "\t" else how.delimiter
    return {
        "encoding": how.encoding,
        "delimiter": delimiter,
        "sheet": how.sheet,
        "header_line": how.header_line,
        "dates": how.dates,
        "decimal": how.decimal,
    }


class MappingForm(forms.Form):
    """What each column holds; the fields are called by their place in the file."""

    def __init__(self, *args: Any, batch: Import, how: Detected, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [("", _("– leave out –"))]
        offered += [(each.name, str(each.label)) for each in fields_of(batch.kind)]
        self.columns = list(how.columns)
        for place, column in enumerate(self.columns):
            self.fields[f"column-{place}"] = choice(column, offered, required=False)
            self.initial[f"column-{place}"] = batch.mapping.get(column, "")
        self.samples = [samples_of(how, place) for place in range(len(self.columns))]

    def rows(self) -> list[dict[str, Any]]:
        """Return each column with its field and the first values that stand in it."""
        return [
            {"column": column, "field": self[f"column-{place}"], "samples": self.samples[place]}
            for place, column in enumerate(self.columns)
        ]

    def mapping(self) -> dict[str, str]:
        return {
            column: self.cleaned_data[f"column-{place}"]
            for place, column in enumerate(self.columns)
        }


def samples_of(how: Detected, place: int) -> list[str]:
    cells = [row[place].strip() for row in how.sample if place < len(row)]
    return [cell[:60] for cell in dict.fromkeys(cells) if cell][:3]


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

    def __init__(self, *args: Any, batch: Import, **options: Any) -> None:
        self.known = Options.from_json(batch.options)
        super().__init__(*args, initial=first_options(self.known), **options)
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
