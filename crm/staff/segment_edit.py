"""Building a segment: the same page with and without JavaScript, and a number that follows."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.lib.periods import local_day
from crm.people.segments import Segment
from crm.segments import operations
from crm.segments.known import Known, is_in_charge
from crm.segments.members import TooSlow, count, may_use, readable
from crm.segments.tree import Invalid, build
from crm.staff.editing import Edit
from crm.staff.pages import StaffAdmin
from crm.staff.segment_builder import offered, shown
from crm.staff.segment_forms import SegmentForm, checked, read, rearranged
from crm.staff.segment_page import reading

NAMES = ("name", "description", "is_shared", "is_audience", "holdout", "conditions")
PATIENCE = 3_000  # milliseconds: a number that follows the typing


class SegmentEdit(Edit):
    """Conditions are compared as they are stored, and shown in words."""

    def shown(self, name: str, plain: str) -> str:
        if name != "conditions":
            return super().shown(name, plain)
        try:
            return build(json.loads(plain), self.form.known).words()  # type: ignore[attr-defined]
        except (ValueError, Invalid):
            return "–"


class BuilderPages(StaffAdmin):
    """A part of the pages of segments."""

    def opened(self, request: HttpRequest, segment_id: Any, *, lock: bool = False) -> Segment:
        raise NotImplementedError

    def known(self, request: HttpRequest) -> Known:
        known = Known(today=local_day(timezone.now()), reader=request.user)
        known.offered = {segment.pk for segment, _tree in readable(request.user, known)}
        return known

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Build a new segment."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        known = self.known(request)
        blank = {"conditions": {"match": "all", "of": []}}
        form = SegmentForm(request.POST or None, initial=blank, known=known)
        if "do" in request.POST:
            form = rearranged_form(request, known)
        elif form.is_valid():
            made = operations.create(by=request.user, at=timezone.now(), **form.cleaned_data)
            return self.saved(request, made)
        return self.builder(request, _("New segment"), form=form)

    @transaction.atomic
    def edit_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """Change a segment; when somebody else did meanwhile, say so."""
        segment = self.opened(request, segment_id, lock=request.method == "POST")
        if not self.has_change_permission(request) or not is_in_charge(segment, request.user):
            raise PermissionDenied
        known = self.known(request)
        reading(segment, request.user, known.today)  # who may not read it does not change it
        edit = editing(request, segment, known)
        if "do" in request.POST:
            edit.form = rearranged_form(request, known)
        elif edit.is_ready():
            values = {name: edit.values[name] for name in NAMES}
            operations.change(segment=segment, by=request.user, at=timezone.now(), **values)
            return self.saved(request, segment)
        return self.builder(request, segment.name, segment=segment, **edit.context)

    def saved(self, request: HttpRequest, segment: Segment) -> HttpResponse:
        """Count it while we are there, and go to its page."""
        try:
            operations.recount(segment=segment, at=timezone.now(), patience=PATIENCE)
        except TooSlow:
            messages.info(request, _("Counting takes long; the number will be there tomorrow."))
        messages.success(request, _("The segment was saved."))
        return redirect("admin:crm_segment_change", segment.pk)

    def builder(self, request: HttpRequest, title: str, *, form: Any, **told: Any) -> HttpResponse:
        part = shown(form.draft, form.known)
        more = {"form": form, "part": part, "offered": offered(request.user)}
        is_wrong = form.is_bound and bool(form.errors)
        return self.page(request, "segment_builder", title, is_wrong=is_wrong, **more, **told)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Say what the conditions in the builder mean, and how many they hold for."""
        if not self.has_view_permission(request) or not request.user.has_perm("crm.add_segment"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        told = counted(request, self.known(request))
        return TemplateResponse(request, "staff/segment_count.html", told)


def counted(request: HttpRequest, known: Known) -> dict[str, Any]:
    """The number of supporters and the words. Raises PermissionDenied where a number would tell."""
    draft = read(request.POST)
    own = request.POST.get("segment", "")
    found = checked(draft, known, own=int(own[:18]) if own.isdecimal() else None)
    if found is None:
        problems = [text for each in draft.walk() for text in each.errors.values()]
        return {"is_empty": not draft.parts, "problems": problems}
    tree = build(found, known)
    if not may_use(request.user, tree):
        raise PermissionDenied
    try:
        return {"words": tree.words(), "number": count(tree, patience=PATIENCE)}
    except TooSlow:
        return {"words": tree.words(), "is_slow": True}


def editing(request: HttpRequest, segment: Segment, known: Known) -> SegmentEdit:
    def form(data: Any = None, initial: Any = None) -> SegmentForm:
        return SegmentForm(data, initial=initial, known=known, own=segment.pk)

    now = {name: getattr(segment, name) for name in NAMES}
    return SegmentEdit(request, form, record=segment, now=now)


def rearranged_form(request: HttpRequest, known: Known) -> SegmentForm:
    """Return the form as it was posted, with what a button asked for done; nothing is judged."""
    draft = rearranged(read(request.POST), request.POST.get("do", ""))
    given = {name: request.POST.get(name, "") for name in ("name", "description", "holdout")}
    ticked = {name: name in request.POST for name in ("is_shared", "is_audience")}
    form = SegmentForm(initial={**given, **ticked, "conditions": {}}, known=known)
    form.draft = draft
    return form
