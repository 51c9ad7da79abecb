"""What the page of one session shows."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy

from crm.people.models import Supporter
from crm.programmes import attending, telling
from crm.programmes.trainings import Enrolment, Session

State = Enrolment.State
GROUPS = [
    (Enrolment.WITH_PLACE, gettext_lazy("Participants")),
    ((State.WAITING,), gettext_lazy("Waiting list")),
    ((State.PENDING,), gettext_lazy("Not confirmed yet")),
    ((State.CANCELLED,), gettext_lazy("Cancelled")),
]
TONES = {State.ATTENDED: "good", State.ABSENT: "bad"}
RIGHTS = {
    "may_change": "crm.change_session",
    "may_enrol": "crm.add_enrolment",
    "may_note": "crm.change_enrolment",
    "may_certify": "crm.add_certificate",
}


def state_of(session: Session, now: datetime) -> str:
    if session.cancelled_at is not None:
        return "cancelled"
    return "coming" if session.begins_at > now else "over"


def told(session: Any, reader: Any, now: datetime) -> dict[str, Any]:
    """What `staff/session.html` shows of a session `with_taken`."""
    groups = groups_of(session)
    with_place = groups[0]["rows"] if groups else []
    return {
        "session": session,
        "when": telling.moments(session, (get_language() or "fr")[:2]),
        "state": state_of(session, now),
        "groups": groups,
        "is_full": session.taken >= session.places,
        "may_be_noted": attending.may_be_noted(session, now),
        "uncertified": sum(1 for row in with_place if row["to_certify"]),
        **{name: reader.has_perm(right) for name, right in RIGHTS.items()},
    }


def groups_of(session: Session) -> list[dict[str, Any]]:
    """Return who takes part, group by group; empty ones are left out, but the first."""
    related = ("supporter", "employer", "certificate")
    standing = session.enrolments.filter(supporter__merged_into=None).select_related(*related)
    rows = [row_of(each) for each in standing.order_by("enrolled_at", "pk")]
    found: list[dict[str, Any]] = [
        {"words": words, "rows": [row for row in rows if row["enrolment"].state in states]}
        for states, words in GROUPS
    ]
    found[0]["rows"].sort(key=by_name)
    return [group for place, group in enumerate(found) if group["rows"] or place == 0]


def by_name(row: dict[str, Any]) -> tuple[str, str]:
    person = row["enrolment"].supporter
    return person.family_name.casefold(), person.given_name.casefold()


def row_of(enrolment: Enrolment) -> dict[str, Any]:
    person: Supporter = enrolment.supporter
    certificate = getattr(enrolment, "certificate", None)
    return {
        "enrolment": enrolment,
        "certificate": certificate,
        "tone": TONES.get(State(enrolment.state), ""),
        "is_erased": person.erased_at is not None,
        "may_leave": enrolment.state in (State.PENDING, State.WAITING, State.ENROLLED),
        "to_certify": enrolment.state == State.ATTENDED
        and certificate is None
        and person.erased_at is None
        and bool(person.full_name.strip()),
    }
