"""Trainings for everybody: what is announced, enrolling, confirming it, giving a place back."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.lib.tokens import BadToken
from crm.programmes import enrolling, telling
from crm.programmes.trainings import Enrolment, Session
from crm.public.training_forms import EnrolForm


@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    found = Session.objects.announced(timezone.now()).with_taken()
    sessions = [shown(session) for session in found]
    return render(request, "public/trainings.html", {"sessions": sessions})


@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A session, and the form to enrol; who asks gets the same answer, whoever they are."""
    now = timezone.now()
    found = get_object_or_404(Session.objects.with_taken(), public_id=public_id, is_public=True)
    form = EnrolForm(request.POST or None)
    if not (found.is_open(now) and form.is_valid()):
        page = {**shown(found), "form": form}
        return render(request, "public/training.html", page, status=422 if form.is_bound else 200)
    if not form.is_robot:
        ask(found, form, at=now)
    return redirect("public:training-asked", public_id)


def ask(session: Session, form: EnrolForm, *, at: datetime) -> None:
    language = (get_language() or "fr")[:2]
    with suppress(enrolling.SessionClosed):  # a moment ago; the next page says so
        enrolling.ask_to_enrol(session=session, language=language, at=at, **form.cleaned_data)


@require_safe
def asked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Session.objects.with_taken(), public_id=public_id, is_public=True)
    return render(request, "public/training_asked.html", shown(found))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        enrolment = enrolling.enrolment_from(telling.CONFIRM, token)
        if request.method == "POST":
            enrolment = enrolling.confirm(enrolment=enrolment, at=timezone.now())
    except (BadToken, enrolling.SessionClosed):
        return render(request, "public/training_old.html", status=410)
    return render(request, "public/training_confirm.html", standing(enrolment))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Give a place back: looking changes nothing, the button does."""
    try:
        enrolment = enrolling.enrolment_from(telling.LEAVE, token)
        if request.method == "POST":
            enrolment = enrolling.cancel(enrolment=enrolment, at=timezone.now())
    except (BadToken, enrolling.CannotLeave):
        return render(request, "public/training_old.html", status=410)
    return render(request, "public/training_leave.html", standing(enrolment))


def shown(session: Any) -> dict[str, Any]:
    """What the pages tell of a session."""
    return {
        "session": session,
        "training": session.training,
        "when": telling.moments(session, (get_language() or "fr")[:2]),
        "left": max(0, session.places - session.taken),
        "is_open": session.is_open(timezone.now()),
    }


def standing(enrolment: Enrolment) -> dict[str, Any]:
    """What the pages behind the links of a mail tell: the session, and how one stands."""
    found = Session.objects.with_taken().get(pk=enrolment.session_id)
    return {**shown(found), "state": enrolment.state, "is_over": found.begins_at <= timezone.now()}
