"""The mails to participants: how they stand, when and where, and what changed."""

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_date, format_time
from django.utils import timezone

from crm.lib import tokens
from crm.lib.money import LOCALES
from crm.mailing import outbox
from crm.programmes.calendars import entry
from crm.programmes.trainings import Enrolment, Session

CONFIRM, LEAVE = "confirm-enrolment", "leave-session"
# A place is given back by the link of a mail that may be a year old by then.
WITHIN = {CONFIRM: timedelta(days=30), LEAVE: timedelta(days=400)}
ENROLLED, WAITING, MOVED_UP = "training_enrolled", "training_waiting", "training_moved_up"
CHANGED, CANCELLED = "training_changed", "training_cancelled"
KIND_OF: dict[str, str] = {
    Enrolment.State.ENROLLED: ENROLLED,
    Enrolment.State.WAITING: WAITING,
    Enrolment.State.ATTENDED: ENROLLED,
    Enrolment.State.ABSENT: ENROLLED,
}
WITH_ENTRY = {ENROLLED, MOVED_UP, CHANGED, CANCELLED}


def ask_to_confirm(enrolment: Enrolment, *, to: str, language: str, at: datetime) -> None:
    """Queue the mail by which somebody confirms, to the address they wrote; once a day at most."""
    person = enrolment.supporter
    person.email = to  # one of theirs: the one at which they are now
    outbox.queue(
        "training_confirm",
        key=f"training_confirm:{enrolment.public_id}:{at:%Y-%m-%d}",
        to=person,
        language=language,
        at=at,
        context=facts(enrolment.session, language)
        | {"token": tokens.make(CONFIRM, str(enrolment.public_id))},
    )


def tell(enrolment: Enrolment, template: str, *, key: str, at: datetime) -> None:
    """Queue a mail about an enrolment, if the participant has an address."""
    person, session = enrolment.supporter, enrolment.session
    if not person.email:
        return
    outbox.queue(
        template,
        key=f"{template}:{enrolment.public_id}:{key}",
        to=person,
        language=person.language,
        at=at,
        context=facts(session, person.language)
        | {"token": tokens.make(LEAVE, str(enrolment.public_id))},
        files=[entry(session, at=at)] if template in WITH_ENTRY else [],
    )


def tell_everybody(session: Session, template: str, *, at: datetime) -> int:
    """Tell all who have a place or wait; return how many they are."""
    states = (Enrolment.State.ENROLLED, Enrolment.State.WAITING)
    found = session.enrolments.filter(state__in=states, supporter__erased_at=None)
    enrolments = list(found.select_related("supporter", "session__training").order_by("pk"))
    for enrolment in enrolments:
        enrolment.session = session
        tell(enrolment, template, key=at.isoformat(), at=at)
    return len(enrolments)


def facts(session: Session, language: str) -> dict[str, Any]:
    """What every mail about a session says of it."""
    return {
        "title": session.training.title,
        "when": moments(session, language),
        "place": session.place,
    }


def moments(session: Session, language: str) -> str:
    """Return when a session is, in words: its day and hours, or both days."""
    locale = LOCALES[language]
    begins, ends = timezone.localtime(session.begins_at), timezone.localtime(session.ends_at)

    def hour(moment: datetime) -> str:
        return format_time(moment.time(), format="short", locale=locale)

    def day(moment: datetime) -> str:
        return format_date(moment.date(), format="full", locale=locale)

    if begins.date() == ends.date():
        return f"{day(begins)}, {hour(begins)} – {hour(ends)}"
    return f"{day(begins)}, {hour(begins)} – {day(ends)}, {hour(ends)}"
