"""Who takes part: places while there are some, then a waiting list that moves up."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.lib import tokens
from crm.people.models import Supporter
from crm.people.offers import offer, prove
from crm.people.operations import register_held
from crm.people.standing import standing, successor
from crm.privacy.arriving import arrives_again
from crm.programmes import telling
from crm.programmes.trainings import Enrolment, Session

State = Enrolment.State
OPEN = (State.PENDING, State.WAITING, State.ENROLLED)


class SessionClosed(Exception):
    """The session takes nobody: it was cancelled, or is over."""


class CannotLeave(Exception):
    """Whether they came is known already, so there is no place to give back."""


@transaction.atomic
def enrol(
    *,
    session: Session,
    supporter: Supporter,
    at: datetime,
    by: Any = None,
    employer: Supporter | None = None,
    is_extra: bool = False,
) -> Enrolment:
    """Give somebody a place, or one on the waiting list, and tell them. Twice changes nothing.

    `is_extra`: a place beyond those that there are. Raises SessionClosed.
    """
    person = standing(supporter)
    locked = lock(session)
    if locked.cancelled_at is not None:
        raise SessionClosed(locked.pk)
    enrolment = place_of(locked, person, source="staff", at=at)
    if employer is not None and enrolment.employer_id != employer.pk:
        name_employer(enrolment=enrolment, employer=employer, at=at, by=by)
    if enrolment.state in (State.PENDING, State.CANCELLED) or (
        is_extra and enrolment.state == State.WAITING
    ):
        settle(enrolment, locked, at=at, is_extra=is_extra)
        audit.log("enrolment.added", enrolment, by=by, at=at)
    return enrolment


@transaction.atomic
def enrol_newcomer(
    *,
    session: Session,
    email: str,
    given_name: str,
    family_name: str,
    language: str,
    at: datetime,
    by: Any = None,
    employer: Supporter | None = None,
    is_extra: bool = False,
) -> Enrolment:
    """Enrol somebody by their address; whoever has it already is them, and stays as known.

    Raises SessionClosed, and ValueError for a malformed address.
    """
    names = {"given_name": given_name, "family_name": family_name, "language": language}
    person = register_held(email=email, source="training", at=at, **names)
    return enrol(
        session=session, supporter=person, at=at, by=by, employer=employer, is_extra=is_extra
    )


@transaction.atomic
def ask_to_enrol(
    *,
    session: Session,
    email: str,
    given_name: str,
    family_name: str,
    language: str,
    at: datetime,
    employer: str = "",
) -> Enrolment:
    """Keep what somebody asks for on our site, and send the mail by which they confirm it.

    Who is enrolled already is told how they stand. Raises SessionClosed, and ValueError for a
    malformed address.
    """
    names = {"given_name": given_name, "family_name": family_name}
    told = names | {"language": language}
    person = register_held(email=email, source="training", at=at, **told)
    locked = lock(session)
    if not locked.is_open(at):
        raise SessionClosed(locked.pk)
    enrolment = place_of(locked, person, source="form", at=at)
    if enrolment.state in (State.PENDING, State.CANCELLED):
        write(enrolment, State.PENDING, at=at)  # they have as long to confirm as if it were new
    if employer and not enrolment.employer_name and enrolment.state == State.PENDING:
        enrolment.employer_name = employer
        enrolment.save(update_fields=["employer_name"])
    offer(supporter=person, source=source_of_facts(enrolment), at=at, **names)
    if enrolment.state == State.PENDING:
        telling.ask_to_confirm(enrolment, to=email, language=language, at=at)
    else:
        telling.tell(enrolment, telling.KIND_OF[enrolment.state], key=f"again:{at:%Y-%m-%d}", at=at)
    return enrolment


@transaction.atomic
def confirm(*, enrolment: Enrolment, at: datetime) -> Enrolment:
    """Let an enrolment count whose address is proved. Doing it twice changes nothing.

    Raises SessionClosed when it is too late.
    """
    person = standing(enrolment.supporter)
    locked = lock(enrolment.session)
    known = Enrolment.objects.get(session=locked, supporter=person)
    if known.state != State.PENDING:
        return known
    if locked.cancelled_at is not None or locked.begins_at <= at:
        raise SessionClosed(locked.pk)
    prove(supporter=person, source=source_of_facts(enrolment), at=at)
    arrives_again(address=person.email, at=at)
    settle(known, locked, at=at)
    audit.log("enrolment.confirmed", known, at=at)
    return known


@transaction.atomic
def cancel(*, enrolment: Enrolment, at: datetime, by: Any = None) -> Enrolment:
    """Give a place back; who waits longest gets it. Doing it twice changes nothing.

    Raises CannotLeave once it is known whether they came.
    """
    locked = lock(enrolment.session)
    known = Enrolment.objects.get(pk=enrolment.pk)
    if known.state == State.CANCELLED:
        return known
    if known.state not in OPEN:
        raise CannotLeave(known.pk)
    write(known, State.CANCELLED, at=at)
    audit.log("enrolment.cancelled", known, by=by, at=at)
    fill_places(session=locked, at=at)
    return known


@transaction.atomic
def fill_places(*, session: Session, at: datetime) -> int:
    """Let those who wait move up into free places, and tell them; return how many did."""
    locked = lock(session)
    if locked.cancelled_at is not None or locked.begins_at <= at:
        return 0
    free = max(0, locked.places - locked.enrolments.with_place().count())
    moving_up = list(locked.enrolments.waiting()[:free])
    for enrolment in moving_up:
        write(enrolment, State.ENROLLED, at=at)
        telling.tell(enrolment, telling.MOVED_UP, key=f"up:{at.isoformat()}", at=at)
        audit.log("enrolment.moved_up", enrolment, at=at)
    return len(moving_up)


def fill_all(*, at: datetime) -> int:
    """Fill the places that came free by other ways than a cancellation, such as an erasure."""
    waiting = Enrolment.objects.waiting().filter(session__begins_at__gt=at)
    sessions = Session.objects.filter(pk__in=waiting.values("session"), cancelled_at=None)
    return sum(fill_places(session=session, at=at) for session in sessions.order_by("pk"))


@transaction.atomic
def name_employer(
    *, enrolment: Enrolment, employer: Supporter | None, at: datetime, by: Any = None
) -> None:
    """Say which organisation sent a participant."""
    if enrolment.employer == employer:
        return
    enrolment.employer, enrolment.modified_at = employer, at
    enrolment.save(update_fields=["employer", "modified_at"])
    audit.log("enrolment.employer_named", enrolment, by=by, at=at)


def enrolment_from(purpose: str, token: str) -> Enrolment:
    """Return the enrolment that a link speaks of, or the one that counts instead of it since two
    records turned out to be one person. Raises tokens.BadToken."""
    public_id = tokens.read(purpose, token, max_age=telling.WITHIN[purpose])
    found = Enrolment.objects.select_related("session__training", "supporter")
    enrolment = found.filter(public_id=public_id, supporter__erased_at=None).first()
    if enrolment is None:
        raise tokens.BadToken(purpose)
    heir = successor(enrolment.supporter)
    if heir is None:
        return enrolment
    return found.filter(session=enrolment.session_id, supporter=heir).first() or enrolment


def lock(session: Session) -> Session:
    """Let nobody else take or give back a place before the commit."""
    locked = Session.objects.select_for_update(of=("self",)).select_related("training")
    return locked.get(pk=session.pk)


def place_of(session: Session, person: Supporter, *, source: str, at: datetime) -> Enrolment:
    """Return somebody's enrolment in a session; a new one waits to be settled."""
    facts = {"state": State.PENDING, "source": source, "enrolled_at": at, "modified_at": at}
    found, _new = Enrolment.objects.get_or_create(session=session, supporter=person, defaults=facts)
    found.session, found.supporter = session, person
    return found


def settle(enrolment: Enrolment, session: Session, *, at: datetime, is_extra: bool = False) -> None:
    """Give a place, or one on the waiting list, and tell."""
    is_free = session.enrolments.with_place().count() < session.places
    state = State.ENROLLED if is_free or is_extra else State.WAITING
    enrolment.enrolled_at = at  # who comes back queues anew
    write(enrolment, state, at=at)
    if session.begins_at > at:
        telling.tell(enrolment, telling.KIND_OF[state], key=at.isoformat(), at=at)


def write(enrolment: Enrolment, state: str, *, at: datetime) -> None:
    enrolment.state, enrolment.modified_at = state, at
    enrolment.save(update_fields=["state", "enrolled_at", "modified_at"])


def source_of_facts(enrolment: Enrolment) -> str:
    return f"training:{enrolment.public_id}"
