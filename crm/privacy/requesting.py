"""What may happen to privacy requests: asked once, carried out or refused, within a month."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from crm import audit
from crm.lib.periods import local_day, months_later
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.privacy.requests import PrivacyRequest

Kind, State = PrivacyRequest.Kind, PrivacyRequest.State
OWN_PAGE = "own page"
MONTHS = 1  # article 12.3 of the GDPR
LINK_WORKS = timedelta(days=7)
PAUSE = timedelta(hours=1)  # between two packages for the same person
HAND_OUT, LET_GO = "privacy.hand_out", "privacy.let_go"
JOBS = {Kind.ACCESS: HAND_OUT, Kind.ERASURE: LET_GO}


class Erased(Exception):
    """Nothing is held about them any more that could be asked for."""


class AlreadyDecided(Exception):
    """The request was carried out or refused before."""


@transaction.atomic
def ask(
    *,
    supporter: Supporter,
    kind: str,
    source: str,
    language: str,
    at: datetime,
    asked_at: datetime | None = None,
    by: Any = None,
) -> PrivacyRequest:
    """Write down what somebody asks for. Of each kind one is open: asking again returns it.

    `asked_at`: when the letter came, if not now. Raises Erased.
    """
    locked = standing(supporter)
    if locked.erased_at is not None:
        raise Erased
    came = asked_at or at
    known = PrivacyRequest.objects.open().filter(supporter=locked, kind=kind).first()
    if known is not None:
        return known
    new = PrivacyRequest.objects.create(
        supporter=locked,
        kind=kind,
        source=source,
        language=language,
        asked_at=came,
        due_on=local_day(months_later(came, MONTHS)),
        handled_by=by,
    )
    audit.log(f"privacy.{kind}_asked", new, by=by, at=at, supporter=locked.pk)
    return new


def just_answered(*, supporter: Supporter, at: datetime) -> PrivacyRequest | None:
    """Return the request of a person who got a package a moment ago, whose link works."""
    done = PrivacyRequest.objects.filter(supporter=supporter, kind=Kind.ACCESS, state=State.DONE)
    return done.filter(done_at__gt=at - PAUSE, expires_at__gt=at).first()


@transaction.atomic
def begin(*, request: PrivacyRequest, at: datetime, by: Any = None, **noted: Any) -> PrivacyRequest:
    """Have a job carry a request out. Twice changes nothing. Raises AlreadyDecided."""
    locked = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state in (State.DONE, State.REFUSED):
        raise AlreadyDecided
    if locked.state == State.WORKING:
        return locked
    locked.state, locked.handled_by = State.WORKING, by or locked.handled_by
    locked.outcome = {**locked.outcome, **noted}
    locked.save(update_fields=["state", "handled_by", "outcome"])
    audit.log(f"privacy.{locked.kind}_begun", locked, by=by, at=at)
    if locked.kind in JOBS:
        app.configure_task(JOBS[Kind(locked.kind)], queue="mail").defer(request_id=locked.pk)
    return locked


@transaction.atomic
def refuse(*, request: PrivacyRequest, reason: str, at: datetime, by: Any) -> None:
    """Do not carry a request out, and say why (article 12.4). Raises AlreadyDecided."""
    locked = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state != State.RECEIVED and locked.kind != Kind.RECTIFICATION:
        raise AlreadyDecided
    if locked.state in (State.DONE, State.REFUSED):
        raise AlreadyDecided
    locked.state, locked.refusal, locked.done_at, locked.handled_by = State.REFUSED, reason, at, by
    locked.save(update_fields=["state", "refusal", "done_at", "handled_by"])
    audit.log(f"privacy.{locked.kind}_refused", locked, by=by, at=at)


@transaction.atomic
def settle(*, request: PrivacyRequest, at: datetime, by: Any) -> None:
    """Note that staff put somebody's data right. Doing it twice changes nothing."""
    open_ones = PrivacyRequest.objects.open().select_for_update()
    locked = open_ones.filter(pk=request.pk, kind=Kind.RECTIFICATION).first()
    if locked is not None:
        locked.handled_by = by
        finish(locked, at=at, handled_by=by)


def finish(request: PrivacyRequest, *, at: datetime, **fields: Any) -> None:
    """Note that a request was carried out, and what came of it."""
    outcome = {**request.outcome, **fields.pop("outcome", {})}
    PrivacyRequest.objects.filter(pk=request.pk).update(
        state=State.DONE, done_at=at, outcome=outcome, **fields
    )
    audit.log(f"privacy.{request.kind}_done", request, by=request.handled_by, at=at)


def working(request_id: int, kind: str) -> PrivacyRequest | None:
    """Return a request that a job is to carry out, locked; None where that is done."""
    locked = PrivacyRequest.objects.select_for_update(of=("self",)).select_related("supporter")
    return locked.filter(pk=request_id, kind=kind, state=State.WORKING).first()


def waiting() -> QuerySet[PrivacyRequest]:
    """Return the requests that are not decided, the most urgent first."""
    return PrivacyRequest.objects.open().order_by("due_on", "pk")


@transaction.atomic
def forget_packages(*, now: datetime) -> int:
    """Delete the files whose link has expired; return how many."""
    old = PrivacyRequest.objects.filter(expires_at__lte=now)
    keys = [key for pair in old.values_list("data_file", "readable_file") for key in pair if key]
    StoredFile.objects.filter(pk__in=keys).delete()
    return len(keys)
