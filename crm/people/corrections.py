"""Staff decide about proposed corrections, several at once, on what they saw on their screen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from crm.people.history import SupporterEvent
from crm.people.models import Supporter
from crm.people.offers import accept, decline
from crm.people.proposals import Proposal


class Decision(NamedTuple):
    """What somebody says of a proposal; `seen` is the value that stood beside it."""

    proposal: int
    is_accepted: bool
    seen: str


class Outcome(NamedTuple):
    accepted: int = 0
    declined: int = 0
    changed: int = 0  # what stands there is no longer what was seen: not written
    late: int = 0  # somebody else decided before


@transaction.atomic
def decide(*, decisions: Iterable[Decision], at: datetime, by: Any) -> Outcome:
    """Write what is accepted, unless the record changed meanwhile; remember what is declined."""
    wanted = {decision.proposal: decision for decision in decisions}
    found = Proposal.objects.filter(pk__in=wanted).order_by("pk").select_related("supporter")
    keys = sorted({proposal.supporter_id for proposal in found})
    locked = Supporter.objects.select_for_update().order_by("pk").in_bulk(keys)
    counts = dict.fromkeys(Outcome._fields, 0)
    for proposal in found:
        decision = wanted[proposal.pk]
        supporter = locked[proposal.supporter_id]
        counts[settle(proposal, decision, supporter, at=at, by=by)] += 1
    return Outcome(**counts)


def settle(
    proposal: Proposal, decision: Decision, supporter: Supporter, *, at: datetime, by: Any
) -> str:
    """Decide about one, and return which count of the outcome it adds to."""
    if proposal.state != Proposal.State.OPEN:
        return "late"
    if not decision.is_accepted:
        return "declined" if decline(proposal=proposal, at=at, by=by) else "late"
    if value_now(supporter, proposal.field) != decision.seen:
        return "changed"
    if not accept(proposal=proposal, at=at, by=by):
        return "late"
    # The next of the same field is compared with this one.
    supporter.refresh_from_db(fields=[proposal.field])
    return "accepted"


def value_now(supporter: Supporter, field: str) -> str:
    return str(getattr(supporter, field, "") or "")


def changed_since(proposals: Iterable[Proposal]) -> dict[int, str]:
    """Return what stood in the field when it was proposed, where something else stands now."""
    waiting = list(proposals)
    keys = {proposal.supporter_id for proposal in waiting}
    events: dict[int, list[Any]] = {key: [] for key in keys}
    for event in SupporterEvent.objects.filter(pgh_obj__in=keys).order_by("pk"):
        events[event.pgh_obj_id].append(event)
    then = ((each, stood(each, events[each.supporter_id])) for each in waiting)
    return {
        proposal.pk: value
        for proposal, value in then
        if value is not None and value != value_now(proposal.supporter, proposal.field)
    }


def stood(proposal: Proposal, events: list[Any]) -> str | None:
    """Return the value at that time, if the record was changed since: events hold what was."""
    later = (event for event in events if event.pgh_created_at > proposal.at)
    first = next(later, None)
    return None if first is None else value_now(first, proposal.field)
