"""Forms of imports: the file, how it is read, and what its columns are."""

from collections.abc import Set
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.exchange.fields import fields_of
from crm.exchange.models import Import, Kind
from crm.lib.sheets import Detected
from crm.staff.forms import choice

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

    def __init__(self, data: Any = None, *, how: Detected) -> None:
        super().__init__(data, initial=initial_of(how))
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
    """What each column holds; the fields are called by their place in the file.

    What somebody may not see of supporters they cannot import either: it would tell them what is
    known already, and overwrite it.
    """

    def __init__(
        self, *args: Any, batch: Import, how: Detected, hidden: Set[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        offered = [("", _("– leave out –"))]
        fields = [each for each in fields_of(batch.kind) if each.name not in hidden]
        offered += [(each.name, str(each.label)) for each in fields]
        self.columns = list(how.columns)
        for place, column in enumerate(self.columns):
            self.fields[f"column-{place}"] = choice(column, offered, required=False)
            known = batch.mapping.get(column, "")
            self.initial[f"column-{place}"] = "" if known in hidden else known
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
