"""Uploading files of the bank: what was chosen, and what became of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.bank.lines import LONGEST_FILE, Contradictory, Flaw, Unreadable
from payments.imports import automatic, files
from payments.statements import BankLine


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field, none of them too large."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        checked = [super(FilesField, self).clean(each) for each in data or [None]]
        large = [file.name for file in checked if file.size > LONGEST_FILE]
        if large:
            most = LONGEST_FILE // 1024**2
            told = _("%(name)s is larger than %(most)d MB.") % {"name": large[0], "most": most}
            raise forms.ValidationError(told)
        return checked


@dataclass(frozen=True)
class Report:
    """What became of an uploaded file: its numbers, or why and where it was refused."""

    name: str
    outcome: files.Outcome | None = None
    matched: int = 0
    waiting: int = 0
    refusal: Unreadable | None = None

    @property
    def flaws(self) -> Sequence[Flaw]:
        """What a file was refused for, if nothing else is wrong with it."""
        return self.refusal.flaws if isinstance(self.refusal, Contradictory) else []


class UploadForm(forms.Form):
    """The files are checked by reading them, not by their names."""

    statements = FilesField(
        label=gettext_lazy("Files"),
        widget=ManyFiles(attrs={"class": "st-file"}),
        help_text=gettext_lazy("CODA or CAMT.053, as your bank gives them; several at once."),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
        allow_empty_file=True,  # reading it tells that it is empty, by its name
    )
    despite_flaws = forms.BooleanField(
        label=gettext_lazy("Import it although it contradicts itself"),
        help_text=gettext_lazy(
            "Choose the refused file again. All its lines are imported, and its statement stays "
            "marked. Better, if you can: ask your bank for the file once more."
        ),
        required=False,
    )

    def offer(self, reports: Iterable[Report]) -> None:
        """Leave the tick box to those who have been told of flaws, or have ticked it in vain."""
        in_vain = "despite_flaws" in self.data and not self.is_valid()
        if not (in_vain or any(report.flaws for report in reports)):
            del self.fields["despite_flaws"]


def take(file: UploadedFile, *, at: datetime, by: Any, despite_flaws: bool) -> Report:
    """Import a file, and match the first lines at once; a job does the others."""
    name, data = file.name or "", file.read()
    try:
        outcome = files.import_file(name=name, data=data, at=at, by=by, despite_flaws=despite_flaws)
    except Unreadable as refusal:
        return Report(name, refusal=refusal)
    matched = 0
    if outcome.is_new:
        matched = automatic.match_file(file=outcome.file, at=at, most=automatic.WHILE_ONE_WAITS)
    waiting = BankLine.objects.undecided().filter(statement__file=outcome.file).count()
    return Report(name, outcome, matched, waiting)
