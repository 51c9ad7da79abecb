"""What may happen to trainings' sessions: announced, changed, cancelled."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.programmes import enrolling, telling
from crm.programmes.trainings import Enrolment, Session, Training

FIELDS = ("begins_at", "ends_at", "place", "trainer", "places", "is_public")
# What participants must know, or they stand before a closed door.
TOLD = {"begins_at", "ends_at", "place"}


class IsOver(Exception):
    """The session has begun, or was cancelled: there is nothing to call off."""


@transaction.atomic
def plan_session(*, training: Training, at: datetime, by: Any = None, **fields: Any) -> Session:
    """Write down when and where a training is given."""
    session = Session.objects.create(training=training, created_at=at, **fields)
    audit.log("session.added", session, by=by, at=at)
    return session


@transaction.atomic
def change_session(*, session: Session, at: datetime, by: Any = None, **fields: Any) -> list[str]:
    """Write what is known better; participants hear of another time or place, and more places go
    to those who wait. Returns which fields changed."""
    locked = Session.objects.select_for_update().get(pk=session.pk)
    changed = [name for name in FIELDS if name in fields and fields[name] != getattr(locked, name)]
    for name in changed:
        setattr(locked, name, fields[name])
    if not changed:
        return []
    locked.save(update_fields=changed)
    audit.log("session.changed", locked, by=by, at=at, fields=changed)
    if TOLD & set(changed) and locked.cancelled_at is None and locked.begins_at > at:
        telling.tell_everybody(locked, telling.CHANGED, at=at)
    enrolling.fill_places(session=locked, at=at)
    return changed


@transaction.atomic
def cancel_session(*, session: Session, at: datetime, by: Any = None) -> int:
    """Call a session off and tell everybody who had a place or waited; return how many.

    Doing it twice changes nothing. Raises IsOver once it has begun.
    """
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if locked.cancelled_at is not None:
        return 0
    if locked.begins_at <= at:
        raise IsOver(locked.pk)
    locked.cancelled_at = at
    locked.save(update_fields=["cancelled_at"])
    told = telling.tell_everybody(locked, telling.CANCELLED, at=at)
    waiting = locked.enrolments.filter(state=Enrolment.State.PENDING)
    waiting.update(state=Enrolment.State.CANCELLED, modified_at=at)
    audit.log("session.cancelled", locked, by=by, at=at)
    return told
