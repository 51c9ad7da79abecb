"""Who came to a session and who did not."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from crm import audit
from crm.lib.periods import local_day
from crm.programmes.enrolling import lock
from crm.programmes.trainings import Enrolment, Session

State = Enrolment.State


class NotYet(Exception):
    """The day of the session has not come, or it was called off: nobody can have been there."""


def expected(session: Session) -> QuerySet[Enrolment]:
    """Return who has a place, by name; whoever was erased after they came is among them."""
    found = session.enrolments.filter(state__in=Enrolment.WITH_PLACE)
    found = found.filter(supporter__merged_into=None)
    related = found.select_related("supporter", "employer", "certificate")
    return related.order_by("supporter__family_name", "supporter__given_name", "pk")


def may_be_noted(session: Session, at: datetime) -> bool:
    """Whether the sheet can be filled in: from the morning of the day on."""
    return session.cancelled_at is None and local_day(session.begins_at) <= local_day(at)


@transaction.atomic
def note_attendance(
    *, session: Session, came: Collection[int], at: datetime, by: Any = None
) -> tuple[int, int]:
    """Write down who came, by the keys of enrolments; the others with a place did not.

    Who has a certificate came. Doing it twice changes nothing. Returns how many came and how many
    did not. Raises NotYet.
    """
    locked = lock(session)
    if not may_be_noted(locked, at):
        raise NotYet(locked.pk)
    with_place = locked.enrolments.filter(state__in=Enrolment.WITH_PLACE)
    there = with_place.filter(pk__in=came) | with_place.filter(certificate__isnull=False)
    present = set(there.values_list("pk", flat=True))
    absent = set(with_place.values_list("pk", flat=True)) - present
    changed = [
        rows.exclude(state=state).update(state=state, modified_at=at)
        for keys, state in ((present, State.ATTENDED), (absent, State.ABSENT))
        for rows in [Enrolment.objects.filter(pk__in=keys)]
    ]
    if any(changed):
        audit.log("session.attendance_noted", locked, by=by, at=at, came=len(present))
    return len(present), len(absent)
