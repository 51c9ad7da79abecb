"""The steps of a new import: how its file is read, and what its columns are."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exchange import imports, presets
from crm.exchange.models import Import
from crm.exchange.originals import WrongState
from crm.lib.sheets import BadFile, Detected
from crm.staff.import_forms import MappingForm, ReadingForm
from crm.staff.import_options import OptionsForm
from crm.staff.import_rights import may_fetch
from crm.staff.import_words import BESIDE, PROBLEMS, hidden_fields
from crm.staff.pages import StaffAdmin

SHOWN_ROWS = 8
# Beside which field is told why a file cannot be read as it was said.
FIELD_OF = {
    "encoding": "encoding",
    "unknown-encoding": "encoding",
    "nul": "encoding",
    "quote": "delimiter",
    "columns": "delimiter",
    "no-sheet": "sheet",
    "no-header": "header_line",
    "no-rows": "header_line",
    "second-header": "header_line",
    "duplicate-column": "header_line",
}


class StepPages(StaffAdmin):
    """A part of the pages of imports."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:import_id>/read/", wrap(self.read_view), name="crm_import_read"),
            path("<int:import_id>/map/", wrap(self.map_view), name="crm_import_map"),
            *super().get_urls(),
        ]

    def batch(self, request: HttpRequest, pk: int, *, to_change: bool = False) -> Import:
        raise NotImplementedError

    def opened(self, request: HttpRequest, pk: int) -> Import:
        """The import of a page that shows rows as they stand in the file."""
        batch = self.batch(request, pk, to_change=True)
        if not may_fetch(request.user, batch):
            raise PermissionDenied
        return batch

    def read_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Show what was found out about the file, and let it be corrected."""
        batch = self.opened(request, import_id)
        if batch.state not in imports.OPEN or batch.file is None:
            return redirect("admin:crm_import_change", batch.pk)
        how = imports.look(batch)
        form = ReadingForm(request.POST or None, how=how)
        if form.is_valid() and read_anew(batch, form):
            step = "map" if request.POST.get("action") == "next" else "read"
            return redirect(f"admin:crm_import_{step}", batch.pk)
        told: dict[str, Any] = {
            "batch": batch,
            "form": form,
            "rows": sample(how),
            "columns": how.columns,
        }
        told |= {"preset": presets.preset_of(how.columns), "is_text": how.kind == "csv"}
        return self.page(request, "import_read", _("How the file is read"), **told)

    def map_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Ask what each column is, and what the import may change; then let it be checked."""
        batch = self.opened(request, import_id)
        if batch.state not in imports.OPEN or batch.file is None:
            return redirect("admin:crm_import_change", batch.pk)
        posted = request.POST or None
        hidden = hidden_fields(request.user)
        mapping = MappingForm(posted, batch=batch, how=imports.look(batch), hidden=hidden)
        options = OptionsForm(posted, batch=batch)
        if mapping.is_valid() and options.is_valid() and settled(request, batch, mapping, options):
            return redirect("admin:crm_import_change", batch.pk)
        told: dict[str, Any] = {"batch": batch, "mapping": mapping, "form": options}
        told |= {"constants": constants(options), "back_url": step_url("read", batch)}
        return self.page(request, "import_map", _("What the columns are"), **told)


def step_url(name: str, batch: Import) -> str:
    return reverse(f"admin:crm_import_{name}", args=[batch.pk])


def sample(how: Detected) -> list[list[str]]:
    """Return the first rows, each with a cell for every column."""
    width = len(how.columns)
    return [[*row, *[""] * (width - len(row))] for row in how.sample[:SHOWN_ROWS]]


def read_anew(batch: Import, form: ReadingForm) -> bool:
    """Have the file read as somebody says, or tell beside the field why that fails."""
    chosen = form.chosen()
    try:
        if chosen:
            imports.read_as(batch=batch, **chosen)
    except BadFile as error:
        name = FIELD_OF.get(error.reason, "")
        form.add_error(name if name in form.fields else None, str(error))
    except WrongState:
        form.add_error(None, _("This import is being worked on."))
    return not form.errors


def settled(
    request: HttpRequest, batch: Import, mapping: MappingForm, options: OptionsForm
) -> bool:
    """Keep what was said and have it checked, or tell beside the fields what is missing."""
    now = timezone.now()
    try:
        imports.configure(batch=batch, mapping=mapping.mapping(), options=options.options(), at=now)
        imports.request_check(batch=batch, at=now)
    except imports.NotReady as error:
        for problem in error.problems:
            field = BESIDE.get(problem)
            options.add_error(field if field in options.fields else None, PROBLEMS[problem])
        return False
    except WrongState:
        messages.info(request, _("This import is being worked on."))
    return True


def constants(options: OptionsForm) -> list[str]:
    """Say what all rows have in common because of the program that wrote them."""
    words = {
        ("newsletter", "yes"): _("Everybody in this file is subscribed to the newsletter."),
        ("newsletter", "no"): _("Everybody in this file wants no newsletter any more."),
    }
    kept = options.known.constants.items()
    return [words[item] for item in kept if item in words]
