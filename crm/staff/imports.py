"""Imports: their list, a new one, and what became of each."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.exchange import imports
from crm.exchange.models import Import
from crm.exchange.originals import WrongState
from crm.lib.sheets import BadFile
from crm.people.storing import TooLarge, contents
from crm.staff import import_result
from crm.staff.import_forms import MEGABYTE, UploadForm
from crm.staff.import_rights import kinds_for, may_fetch, may_open, may_see_kind, may_work_on
from crm.staff.import_steps import StepPages
from crm.staff.import_words import state_says
from crm.staff.orders import is_confirmed
from crm.staff.pages import ReadOnly
from crm.staff.site import site

State = Import.State
TONES = {
    State.CHECKING: "info",
    State.WAITING: "info",
    State.RUNNING: "info",
    State.UNDOING: "info",
    State.CHECKED: "warning",
    State.DONE: "success",
    State.FAILED: "danger",
}


class NotTheirs(Exception):
    """The rows of a file are of a kind that whoever sent it may not import."""


@admin.register(Import, site=site)
class ImportAdmin(StepPages, ReadOnly):
    list_display = ("name", "about", "told_state", "created", "updated", "bad", "who", "created_at")
    list_display_links = ("name",)
    list_filter = ("kind", "state")
    list_select_related = ("created_by",)
    ordering = ("-created_at", "-id")
    sortable_by = ()

    @display(description=gettext_lazy("rows are"))
    def about(self, batch: Import) -> str:
        return batch.get_kind_display()

    @display(description=gettext_lazy("state"), label=TONES)
    def told_state(self, batch: Import) -> tuple[str, str]:
        return batch.state, batch.get_state_display()

    @display(description=gettext_lazy("uploaded by"))
    def who(self, batch: Import) -> str:
        return str(batch.created_by or "–")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("crm.add_import") and kinds_for(request.user))

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages = {
            "progress": self.progress_view,
            "run": self.run_view,
            "check": self.check_view,
            "undo": self.undo_view,
            "discard": self.discard_view,
            "rejects": self.rejects_view,
        }
        mine = [
            path(f"<int:import_id>/{name}/", wrap(view), name=f"crm_import_{name}")
            for name, view in pages.items()
        ]
        return [*mine, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take a file in, and go on to how it is read."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kinds = kinds_for(request.user)
        form = UploadForm(request.POST or None, request.FILES or None, kinds=kinds)
        if form.is_valid() and (batch := self.taken_in(request, form)):
            return redirect("admin:crm_import_read", batch.pk)
        back = reverse("admin:crm_import_changelist")
        return self.page(request, "import_upload", _("New import"), form=form, back_url=back)

    def taken_in(self, request: HttpRequest, form: UploadForm) -> Import | None:
        """Keep a file, or say beside its field why not."""
        file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
        try:
            batch = start(request.user, kind, file)
        except NotTheirs as error:
            words = _("This file holds %(rows)s, and you may not import these.")
            form.add_error("kind", words % {"rows": error})
        except TooLarge as error:
            most = {"most": error.args[0] // MEGABYTE}
            form.add_error("file", _("The file is larger than %(most)d MB.") % most)
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            return batch
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far an import is, what it would do, or what it did."""
        batch = self.batch(request, int(object_id) if object_id.isdecimal() else 0)
        if request.method == "POST":
            raise PermissionDenied
        if batch.state == State.UPLOADED and may_open(request.user, batch):
            return redirect("admin:crm_import_read", batch.pk)
        told = import_result.tell(batch, request.user, request.GET)
        return self.page(request, "import", batch.name, **told)

    def batch(self, request: HttpRequest, pk: int, *, to_change: bool = False) -> Import:
        """The import of a page, for who may see it, or work on it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Import.objects.select_related("created_by", "file", "rejects")
        batch = get_object_or_404(found, pk=pk)
        allowed = may_work_on if to_change else may_see_kind
        if not allowed(request.user, batch):
            raise PermissionDenied
        return batch

    def progress_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """The part of the page that says how far it is."""
        batch = self.batch(request, import_id)
        told = {"says": state_says(batch), "done": batch.done, "total": batch.total}
        answer = render(request, "staff/progress.html", told)
        answer["X-Finished"] = "no" if batch.state in imports.BUSY else "yes"
        return answer

    def check_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Let a job find out once more what the import would do."""
        batch = self.batch(request, import_id, to_change=True)
        return self.asked(request, batch, imports.request_check)

    def run_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Let a job do what the check has shown."""
        batch = self.batch(request, import_id, to_change=True)
        return self.asked(request, batch, imports.request_run, by=request.user)

    def asked(
        self, request: HttpRequest, batch: Import, request_job: Any, **more: Any
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405)
        try:
            request_job(batch=batch, at=timezone.now(), **more)
        except imports.NotReady:
            messages.error(request, _("Something of this import is not settled yet."))
            return redirect("admin:crm_import_map", batch.pk)
        except WrongState:
            messages.info(request, already())
        return redirect("admin:crm_import_change", batch.pk)

    def undo_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Take an import back; ask first."""
        batch = self.batch(request, import_id, to_change=True)
        if is_confirmed(request):
            return self.asked(request, batch, imports.request_undo, by=request.user)
        question = _(
            "Take back what “%(name)s” did? People, signatures and gifts that it added go away, and"
            " what it changed becomes what it was. What somebody has built on since stays, and is"
            " shown to you."
        )
        return self.question(request, batch, _("Undo the import"), question, _("Undo it"))

    def discard_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """Throw a file away that was not imported; ask first."""
        batch = self.batch(request, import_id, to_change=True)
        if not is_confirmed(request):
            question = _("Throw “%(name)s” away? Nothing of it was imported.")
            title = _("Throw the file away")
            return self.question(request, batch, title, question, _("Throw it away"))
        try:
            imports.discard(batch=batch, at=timezone.now(), by=request.user)
        except WrongState:
            messages.info(request, already())
            return redirect("admin:crm_import_change", batch.pk)
        messages.success(request, _("The file was thrown away."))
        return redirect("admin:crm_import_changelist")

    def question(
        self, request: HttpRequest, batch: Import, title: str, question: str, submit: str
    ) -> HttpResponse:
        back = reverse("admin:crm_import_change", args=[batch.pk])
        told: dict[str, Any] = {
            "question": question % {"name": batch.name},
            "submit": submit,
            "back_url": back,
        }
        return self.page(request, "confirm", title, **told)

    def rejects_view(self, request: HttpRequest, import_id: int) -> HttpResponseBase:
        """The rows that were not taken, each with its reason, to mend and send again."""
        batch = self.batch(request, import_id)
        if not may_fetch(request.user, batch):
            raise PermissionDenied
        if batch.rejects is None:
            raise Http404
        disposition = content_disposition_header(True, batch.rejects.name) or ""
        return StreamingHttpResponse(
            contents(batch.rejects),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": disposition},
        )


@transaction.atomic
def start(user: Any, kind: str, file: UploadedFile) -> Import:
    """Keep a file. Raises NotTheirs, and what `imports.start` raises."""
    batch = imports.start(
        chunks=file.chunks(),
        name=file.name or "",
        kind=kind,
        content_type=(file.content_type or "")[:100],
        at=timezone.now(),
        by=user,
    )
    if batch.kind not in kinds_for(user):
        raise NotTheirs(batch.get_kind_display())
    return batch


def already() -> str:
    return _("That was asked for already, or is not possible any more.")
