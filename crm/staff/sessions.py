"""Sessions of trainings: the list, one session with its participants, its sheet, its papers."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from unfold.decorators import display

from crm.access import may_see
from crm.programmes import attending, certificate_pages, certifying, teaching
from crm.programmes.trainings import Enrolment, Session
from crm.staff.editing import Edit
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin
from crm.staff.papers import pdf_answer
from crm.staff.participants import ParticipantPages
from crm.staff.session_page import state_of, told
from crm.staff.site import site
from crm.staff.training_forms import ChangeSessionForm, SessionForm

STATES = {"coming": "info", "over": "success", "cancelled": "danger"}
WORDS = {
    "coming": gettext_lazy("to come"),
    "over": gettext_lazy("over"),
    "cancelled": gettext_lazy("cancelled"),
}


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, held = timezone.now(), queryset.filter(cancelled_at=None)
        chosen = {
            "coming": held.filter(begins_at__gt=now).order_by("begins_at", "pk"),
            "over": held.filter(begins_at__lte=now),
            "cancelled": queryset.exclude(cancelled_at=None),
        }
        return chosen.get(self.value() or "", queryset)


@admin.register(Session, site=site)
class SessionAdmin(ParticipantPages, StaffAdmin):
    list_display = ("training", "begins_at", "place", "places_taken", "waits", "state")
    list_filter = (StateFilter, "training__programme", "is_public")
    ordering = ("-begins_at", "-pk")
    sortable_by = ()
    search_fields = ("training__title", "place", "trainer")

    @display(description=gettext_lazy("places taken"))
    def places_taken(self, session: Any) -> str:
        return f"{session.taken} / {session.places}"

    @display(description=gettext_lazy("waiting"))
    def waits(self, session: Any) -> int | str:
        return session.waiting or "–"

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, session: Session) -> tuple[str, Any]:
        state = state_of(session, timezone.now())
        return state, WORDS[state]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_taken()

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        where = "<int:session_id>"
        return [
            path(f"{where}/edit/", wrap(self.edit_view), name="crm_session_edit"),
            path(f"{where}/cancel/", wrap(self.cancel_view), name="crm_session_cancel"),
            path(f"{where}/attendance/", wrap(self.sheet_view), name="crm_session_attendance"),
            path(f"{where}/sheet.pdf", wrap(self.print_view), name="crm_session_print"),
            path(f"{where}/certify/", wrap(self.certify_view), name="crm_session_certify"),
            *self.participant_urls(),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SessionForm(request.POST or None, initial={"training": request.GET.get("training")})
        if form.is_valid():
            made = teaching.plan_session(**form.cleaned_data, at=timezone.now(), by=request.user)
            messages.success(request, _("The session is written down."))
            return redirect("admin:crm_session_change", made.pk)
        back = reverse("admin:crm_session_changelist")
        return self.page(request, "form", _("New session"), form=form, back_url=back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A session: when and where, who has a place, who waits, who came."""
        if not self.sees_people(request) or request.method == "POST":
            raise PermissionDenied
        session = self.session(int(object_id) if object_id.isdecimal() else 0)
        page = told(session, request.user, timezone.now())
        return self.page(request, "session", session.training.title, **page)

    @transaction.atomic
    def edit_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        self.require(request, "crm.change_session")
        session = get_object_or_404(Session.objects.select_for_update(), pk=session_id)
        now = {name: getattr(session, name) for name in teaching.FIELDS}
        edit = Edit(request, ChangeSessionForm, record=session, now=now)
        back = reverse("admin:crm_session_change", args=[session_id])
        if edit.is_ready():
            self.changed(request, session, edit.values)
            return redirect(back)
        intro = _("Participants are told by mail when the time or the place changes.")
        title = _("Change the session")
        return self.page(request, "form", title, **edit.context, intro=intro, back_url=back)

    def changed(self, request: HttpRequest, session: Session, values: dict[str, Any]) -> None:
        teaching.change_session(session=session, at=timezone.now(), by=request.user, **values)
        messages.success(request, _("The change was saved."))

    def cancel_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """Call a session off; ask first, for everybody is told."""
        self.require(request, "crm.change_session")
        session = self.session(session_id)
        if is_confirmed(request):
            return self.cancelled(request, session)
        question = ngettext(
            "Cancel this session? %(count)d person who is enrolled or waits is told by mail.",
            "Cancel this session? %(count)d people who are enrolled or wait are told by mail.",
            session.taken + session.waiting,
        )
        return self.page(
            request,
            "confirm",
            _("Cancel the session"),
            question=question % {"count": session.taken + session.waiting},
            submit=_("Cancel the session"),
            back_url=reverse("admin:crm_session_change", args=[session.pk]),
        )

    def cancelled(self, request: HttpRequest, session: Session) -> HttpResponse:
        try:
            teaching.cancel_session(session=session, at=timezone.now(), by=request.user)
        except teaching.IsOver:
            messages.error(request, _("This session has begun: it cannot be cancelled any more."))
        else:
            messages.success(request, _("The session is cancelled, and everybody is told."))
        return redirect("admin:crm_session_change", session.pk)

    def sheet_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """The sheet to tick, on a telephone too."""
        self.require(request, "crm.change_enrolment")
        session, now = self.session(session_id), timezone.now()
        rows = list(attending.expected(session))
        back = reverse("admin:crm_session_change", args=[session.pk])
        if request.method == "POST" and self.noted(request, session, rows, now):
            return redirect(back)
        page = {
            "session": session,
            "rows": rows,
            "may_be_noted": attending.may_be_noted(session, now),
            "back_url": back,
        }
        return self.page(request, "attendance", _("Attendance"), subtitle=session.training, **page)

    def noted(self, request: HttpRequest, session: Session, rows: Any, now: datetime) -> bool:
        keys = request.POST.getlist("came")
        everybody = request.POST.get("action") == "all"
        came = {row.pk for row in rows if str(row.pk) in keys or (everybody and here(row))}
        try:
            there, absent = attending.note_attendance(
                session=session, came=came, at=now, by=request.user
            )
        except attending.NotYet:
            messages.error(request, _("The day of this session has not come yet."))
            return False
        told = _("Noted: %(there)d came, %(absent)d did not.")
        messages.success(request, told % {"there": there, "absent": absent})
        return True

    def print_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """The sheet that participants sign, on paper."""
        self.require(request, "crm.view_enrolment")
        session = self.session(session_id)
        pdf = certificate_pages.sheet(session, (get_language() or "fr")[:2])
        return pdf_answer(pdf, f"{session.begins_at:%Y-%m-%d}")

    def certify_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """Issue the certificates of all who came, and send them."""
        self.require(request, "crm.add_certificate")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = self.session(session_id)
        number = certifying.certify(session=session, at=timezone.now(), by=request.user)
        issued = ngettext(
            "%(count)d certificate was issued; it is sent by mail.",
            "%(count)d certificates were issued; they are sent by mail.",
            number,
        )
        nothing = _("Everybody who came has a certificate already.")
        messages.success(request, issued % {"count": number} if number else nothing)
        return redirect("admin:crm_session_change", session.pk)

    def session(self, pk: int) -> Any:
        return get_object_or_404(Session.objects.with_taken(), pk=pk)

    def sees_people(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and may_see(request.user, "trainings")

    def require(self, request: HttpRequest, right: str) -> None:
        if not (self.sees_people(request) and request.user.has_perm(right)):
            raise PermissionDenied


def here(enrolment: Enrolment) -> bool:
    """Whether there is somebody to say it of: of who was erased, only what was noted before."""
    return enrolment.supporter.erased_at is None
