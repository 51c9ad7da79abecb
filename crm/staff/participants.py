"""Who takes part in a session: enrolling somebody, who sent them, giving a place back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.people.models import Supporter
from crm.programmes import enrolling
from crm.programmes.trainings import Enrolment, Session
from crm.staff.editing import Edit
from crm.staff.training_forms import EmployerForm, ParticipantForm


class ParticipantPages:
    """The part of the sessions' pages that is about their participants."""

    admin_site: Any
    page: Callable[..., HttpResponse]
    require: Callable[..., None]
    session: Callable[..., Any]

    def participant_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        one = "enrolment/<int:enrolment_id>"
        return [
            path("<int:session_id>/enrol/", wrap(self.enrol_view), name="crm_session_enrol"),
            path(f"{one}/", wrap(self.employer_view), name="crm_enrolment_employer"),
            path(f"{one}/cancel/", wrap(self.leave_view), name="crm_enrolment_cancel"),
        ]

    def enrol_view(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """Enrol somebody we know, or a newcomer."""
        self.require(request, "crm.add_enrolment")
        session = self.session(session_id)
        form = ParticipantForm(request.POST or None)
        back = reverse("admin:crm_session_change", args=[session.pk])
        if form.is_valid() and enrolled(request, session, form):
            return redirect(back)
        return self.page(
            request,
            "form",
            _("Enrol somebody"),
            subtitle=session.training,
            form=form,
            intro=_("They are told by mail, if they have an address."),
            submit=_("Enrol"),
            back_url=back,
        )

    @transaction.atomic
    def employer_view(self, request: HttpRequest, enrolment_id: int) -> HttpResponse:
        """Which organisation sent a participant."""
        self.require(request, "crm.change_enrolment")
        enrolment = get_object_or_404(Enrolment.objects.select_for_update(), pk=enrolment_id)
        now = {"employer": enrolment.employer or suggested(enrolment.employer_name)}
        edit = Edit(request, EmployerForm, record=enrolment, now=now)
        back = reverse("admin:crm_session_change", args=[enrolment.session_id])
        if edit.is_ready():
            who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
            enrolling.name_employer(enrolment=enrolment, **edit.values, **who)
            messages.success(request, _("The change was saved."))
            return redirect(back)
        page = {"intro": wrote(enrolment), "subtitle": enrolment.supporter, "back_url": back}
        return self.page(request, "form", _("Employer"), **edit.context, **page)

    def leave_view(self, request: HttpRequest, enrolment_id: int) -> HttpResponse:
        """Somebody does not come: their place goes to who waits."""
        self.require(request, "crm.change_enrolment")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        related = Enrolment.objects.select_related("session", "supporter")
        enrolment = get_object_or_404(related, pk=enrolment_id)
        try:
            enrolling.cancel(enrolment=enrolment, at=timezone.now(), by=request.user)
        except enrolling.CannotLeave:
            messages.error(request, _("Whether they came is noted already. Nothing was changed."))
        else:
            told = _("%(name)s is no longer enrolled. Who waits longest gets the place.")
            messages.success(request, told % {"name": enrolment.supporter})
        return redirect("admin:crm_session_change", enrolment.session_id)


def enrolled(request: HttpRequest, session: Session, form: ParticipantForm) -> bool:
    """Enrol whom the form names; else the page says what stands against it."""
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user, **form.place}
    known = form.cleaned_data["supporter"]
    try:
        if known:
            made = enrolling.enrol(session=session, supporter=known, **who)
        else:
            made = enrolling.enrol_newcomer(session=session, **form.newcomer, **who)
    except enrolling.SessionClosed:
        form.add_error(None, _("This session was cancelled: nobody can be enrolled."))
        return False
    told = _("%(name)s: %(state)s.")
    messages.success(request, told % {"name": made.supporter, "state": made.get_state_display()})
    return True


def suggested(name: str) -> Supporter | None:
    """Return the one organisation of the name that a participant wrote."""
    known = Supporter.objects.current().filter(kind=Supporter.Kind.ORGANISATION)
    found = list(known.filter(family_name__iexact=name)[:2]) if name else []
    return found[0] if len(found) == 1 else None


def wrote(enrolment: Enrolment) -> str:
    if not enrolment.employer_name:
        return ""
    return _("They wrote: “%(name)s”.") % {"name": enrolment.employer_name}
