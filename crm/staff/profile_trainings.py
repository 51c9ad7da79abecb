"""Which trainings somebody took part in: the panel on their page."""

from typing import Any

from crm.people.models import Supporter
from crm.programmes.trainings import Enrolment
from crm.staff.session_page import TONES

NEWEST = 10


def tell(supporter: Supporter, may: dict[str, bool]) -> dict[str, Any]:
    """What `staff/profile_trainings.html` shows; nothing for who may not see enrolments."""
    if not may["trainings"] or supporter.kind != Supporter.Kind.PERSON:
        return {}
    related = ("session__training", "certificate")
    found = Enrolment.objects.filter(supporter=supporter).select_related(*related)
    newest = found.order_by("-session__begins_at", "-pk")[:NEWEST]
    return {"trainings": [(each, TONES.get(Enrolment.State(each.state), "")) for each in newest]}
