"""Segments: their list, building one, who is in it and why, and what it was before."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.lib.periods import local_day
from crm.people.segments import Segment
from crm.segments import operations
from crm.segments.known import Known, is_in_charge, visible_to
from crm.segments.members import members_of, readable
from crm.staff import segment_page
from crm.staff.exports import export_page
from crm.staff.pages import StaffAdmin
from crm.staff.segment_edit import BuilderPages
from crm.staff.site import site


@admin.register(Segment, site=site)
class SegmentAdmin(BuilderPages, StaffAdmin):
    list_display = ("name", "description", "maker", "use", "supporters", "when_counted")
    list_filter = ("is_shared", "is_audience")
    list_before_template = "staff/segment_list.html"
    list_select_related = ("owner",)
    search_fields = ("name", "description")
    ordering = ("name", "pk")
    sortable_by = ()

    @display(
        description=gettext_lazy("used"), label={"audience": "success", "shared": "info", "own": ""}
    )
    def use(self, segment: Segment) -> tuple[str, str]:
        if segment.is_audience:
            return "audience", _("audience")
        return ("shared", _("shared")) if segment.is_shared else ("own", _("for oneself"))

    @display(description=gettext_lazy("made by"))
    def maker(self, segment: Segment) -> str:
        return segment.owner.get_full_name() or str(segment.owner)

    @display(description=gettext_lazy("supporters"))
    def supporters(self, segment: Any) -> Any:
        """How many there are; not for those from whom the conditions must be hidden."""
        return segment.counted if segment.pk in segment.open_ones else "–"

    @display(description=gettext_lazy("counted"))
    def when_counted(self, segment: Any) -> Any:
        return segment.counted_at if segment.pk in segment.open_ones else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        return super().get_queryset(request).filter(visible_to(request.user))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        listed = super().get_changelist_instance(request)
        known = Known(today=local_day(timezone.now()), reader=request.user)
        open_ones = {segment.pk for segment, _tree in readable(request.user, known)}
        for segment in listed.result_list:
            segment.open_ones = open_ones
        return listed

    def get_urls(self) -> list[Any]:
        pages = {
            "edit": self.edit_view,
            "take": self.export_view,
            "why": self.why_view,
            "versions": self.versions_view,
            "copy": self.copy_view,
            "remove": self.remove_view,
        }
        wrap = self.admin_site.admin_view
        own = [
            path(f"<int:segment_id>/{name}/", wrap(view), name=f"crm_segment_{name}")
            for name, view in pages.items()
        ]
        count = path("count/", wrap(self.count_view), name="crm_segments_count")
        return [count, *own, *super().get_urls()]

    def opened(self, request: HttpRequest, segment_id: Any, *, lock: bool = False) -> Segment:
        """Return a segment that the reader may know of; without the right, not even that."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = Segment.objects.filter(visible_to(request.user)).select_related("owner")
        known = known.select_for_update(of=("self",)) if lock else known
        return get_object_or_404(known, pk=segment_id)

    def read(self, request: HttpRequest, segment_id: Any) -> segment_page.Reading:
        """Return a segment whose conditions the reader may use. Raises PermissionDenied."""
        segment = self.opened(request, segment_id)
        return segment_page.reading(segment, request.user, local_day(timezone.now()))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Who is in it: in words, how many, and page by page."""
        reading = self.read(request, object_id if object_id.isdecimal() else 0)
        after = request.GET.get("after", "")
        told = segment_page.tell(reading, after=int(after[:18]) if after.isdecimal() else 0)
        return self.page(request, "segment", reading.segment.name, **told)

    def why_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """Why somebody is in it, or is not."""
        reading = self.read(request, segment_id)
        told = segment_page.tell_why(
            reading, who=request.GET.get("supporter", ""), text=request.GET.get("q", "")
        )
        title = _("Why is somebody in “%(segment)s”?") % {"segment": reading.segment.name}
        return self.page(request, "segment_why", title, **told)

    def versions_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """What it was before, and who changed it."""
        reading = self.read(request, segment_id)
        title = _("Versions of “%(segment)s”") % {"segment": reading.segment.name}
        versions = segment_page.versions(reading)
        return self.page(request, "segment_versions", title, reading=reading, versions=versions)

    def export_view(self, request: HttpRequest, segment_id: int) -> HttpResponseBase:
        """Take its members along."""
        reading = self.read(request, segment_id)
        found = members_of(reading.segment, today=reading.known.today).order_by("pk")
        return export_page(
            self,
            request,
            what="members",
            found=found,
            filters={"segment": str(segment_id)},
            back_url=address_of(reading.segment),
        )

    def copy_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """Make one of one's own from it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        segment = self.read(request, segment_id).segment
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        name = _("Copy of %(name)s") % {"name": segment.name}
        made = operations.copy(segment=segment, by=request.user, at=timezone.now(), name=name)
        messages.success(request, _("This is your copy. Change it as you like."))
        return redirect("admin:crm_segment_edit", made.pk)

    @transaction.atomic
    def remove_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """Do away with it; ask first."""
        segment = self.opened(request, segment_id, lock=True)
        if not self.has_change_permission(request) or not is_in_charge(segment, request.user):
            raise PermissionDenied
        if request.method == "POST" and self.removed(request, segment):
            return redirect("admin:crm_segment_changelist")
        question = _("“%(name)s” goes; the people in it stay.") % {"name": segment.name}
        told: dict[str, Any] = {"question": question, "submit": _("Remove it")}
        title = _("Remove the segment")
        return self.page(request, "confirm", title, back_url=address_of(segment), **told)

    def removed(self, request: HttpRequest, segment: Segment) -> bool:
        try:
            operations.remove(segment=segment, by=request.user, at=timezone.now())
        except operations.InUse as refusal:
            names = ", ".join(f"“{each.name}”" for each in refusal.args[0])
            told = _("Other segments are made with this one: %(names)s.") % {"names": names}
            messages.error(request, told)
            return False
        messages.success(request, _("The segment was removed."))
        return True


def address_of(segment: Segment) -> str:
    return reverse("admin:crm_segment_change", args=[segment.pk])
