"""An export of everything: asked for, followed, and fetched."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.exchange import everything, exports
from crm.exchange.models import Export
from crm.people.storing import contents
from crm.staff.pages import StaffAdmin

SHOWN = 10


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What do you need it for?"),
        min_length=exports.SHORTEST_REASON,
        max_length=300,
        widget=widgets.UnfoldAdminTextInputWidget(),
    )


class EverythingPages(StaffAdmin):
    """A part of the pages of exports."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        progress = wrap(self.progress_view)
        return [
            path("everything/", wrap(self.everything_view), name="crm_everything"),
            path("<int:export_id>/progress/", progress, name="crm_export_progress"),
            path("<int:export_id>/fetch/", wrap(self.fetch_view), name="crm_export_fetch"),
            *super().get_urls(),
        ]

    def everything_view(self, request: HttpRequest) -> HttpResponse:
        """Ask why, have everything written, and offer what was written."""
        require(request)
        now = timezone.now()
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            everything.ask_for_everything(**form.cleaned_data, at=now, by=request.user)
            return redirect("admin:crm_everything")
        archives = [archive(export, now) for export in of_everything()[:SHOWN]]
        told: dict[str, Any] = {
            "archives": archives,
            "running": any(a["state"] == "running" for a in archives),
        }
        return self.page(request, "export_everything", _("Export everything"), form=form, **told)

    def progress_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """The part of the page that says how far it is."""
        require(request)
        export = get_object_or_404(of_everything(), pk=export_id)
        told = {"says": says(export), "done": export.done, "total": export.total}
        is_running = archive(export, timezone.now())["state"] == "running"
        answer = render(request, "staff/progress.html", told)
        answer["X-Finished"] = "no" if is_running else "yes"
        return answer

    def fetch_view(self, request: HttpRequest, export_id: int) -> HttpResponseBase:
        require(request)
        export = get_object_or_404(of_everything(), pk=export_id)
        try:
            file = everything.file_of(export=export, at=timezone.now(), by=request.user)
        except everything.NotThere as error:
            raise Http404 from error
        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Content-Length": str(file.size),
        }
        return StreamingHttpResponse(
            contents(file), content_type=file.content_type, headers=headers
        )


def require(request: HttpRequest) -> None:
    if not request.user.has_perm(everything.RIGHT):
        raise PermissionDenied


def of_everything() -> Any:
    found = Export.objects.filter(what=everything.WHAT).select_related("exported_by", "file")
    return found.order_by("-exported_at", "-pk")


def archive(export: Export, now: datetime) -> dict[str, Any]:
    """What the page tells of one archive."""
    if export.finished_at is None:
        state = "stuck" if everything.is_stuck(export, now) else "running"
    else:
        state = "ready" if export.file and not everything.is_old(export, now) else "gone"
    return {"export": export, "state": state, "says": says(export)}


def says(export: Export) -> str:
    if not export.total:
        return _("Waiting for its turn …")
    told = {"done": export.done, "total": export.total}
    return _("%(done)s of %(total)s tables written …") % told
