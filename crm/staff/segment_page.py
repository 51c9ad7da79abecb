"""What the pages of one segment tell: its members, why somebody is in it, its versions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404

from crm.exchange.exports import may_export
from crm.people.history import SegmentEvent
from crm.people.models import Supporter
from crm.people.segments import Segment
from crm.segments.explaining import explain
from crm.segments.known import Known, is_in_charge
from crm.segments.members import TooSlow, audience_of, count, may_use, patiently, selected
from crm.segments.tree import MATCHES, Group, Invalid, build, tree_of

AT_A_TIME = 50
FOUND_MOST = 10
PATIENCE = 8_000  # milliseconds


@dataclass(frozen=True)
class Reading:
    """A segment, and a reader who may use its conditions."""

    segment: Segment
    tree: Group | None  # none, if the conditions no longer work
    known: Known
    problem: str = ""

    @property
    def words(self) -> str:
        return self.tree.words() if self.tree else ""

    @property
    def is_mine(self) -> bool:
        return is_in_charge(self.segment, self.known.reader)


def reading(segment: Segment, reader: Any, today: date) -> Reading:
    """Open a segment for somebody. Raises PermissionDenied for whom its conditions are too much."""
    known = Known(today=today, reader=reader)
    try:
        tree = tree_of(segment, known)
    except Invalid as invalid:
        if not is_in_charge(segment, reader):
            raise PermissionDenied from invalid
        return Reading(segment, None, known, str(invalid))
    if not may_use(reader, tree):
        raise PermissionDenied
    return Reading(segment, tree, known)


def tell(reading: Reading, *, after: int) -> dict[str, Any]:
    """The members after one of them, by their keys: no page costs more than the first."""
    segment, reader = reading.segment, reading.known.reader
    told: dict[str, Any] = {"reading": reading, "segment": segment, "number": None, "after": after}
    told["may_export"] = may_export(reader, "members")
    if reading.tree is None:
        return told
    try:
        told["number"] = count(reading.tree, patience=PATIENCE)
        with patiently(PATIENCE):
            later = selected(reading.tree).filter(pk__gt=after).order_by("pk")
            members = list(later[: AT_A_TIME + 1])
            told["mailed"] = audience_of(segment).count() if segment.is_audience else None
    except TooSlow:
        return {**told, "is_slow": True}
    more = members[AT_A_TIME - 1].pk if len(members) > AT_A_TIME else None
    return {**told, "members": members[:AT_A_TIME], "more": more}


def tell_why(reading: Reading, *, who: str, text: str) -> dict[str, Any]:
    """Somebody's verdict, or the people whom a search finds."""
    told: dict[str, Any] = {"reading": reading, "segment": reading.segment, "text": text}
    current, today = Supporter.objects.current(), reading.known.today
    if text:
        found = current.search(text, reading.known.reader).order_by("family_name", "pk")
        told["found"] = list(found[:FOUND_MOST])
    if not who or reading.tree is None:
        return told
    supporter = current.filter(pk=int(who[:18])).first() if who.isdecimal() else None
    if supporter is None:
        raise Http404
    verdict = explain(reading.segment, supporter, today=today)
    member = reading.segment.members.filter(supporter=supporter).first()
    matches = dict(MATCHES)
    return {**told, "supporter": supporter, "verdict": verdict, "member": member, "names": matches}


def versions(reading: Reading) -> list[dict[str, Any]]:
    """What it was before each change, newest first, beside what it is now; and who changed it."""
    events = SegmentEvent.objects.filter(pgh_obj_id=reading.segment.pk)
    known = list(events.select_related("pgh_context").order_by("-pgh_id")[:AT_A_TIME])
    keys = {(each.pgh_context.metadata if each.pgh_context else {}).get("user") for each in known}
    people = get_user_model().objects.in_bulk([key for key in keys if key])
    return [told for each in known if (told := version(each, people, reading))]


def version(event: Any, people: dict[int, Any], reading: Reading) -> dict[str, Any] | None:
    """One of them; None where its conditions are more than the reader may know."""
    user = (event.pgh_context.metadata if event.pgh_context else {}).get("user")
    told = {"event": event, "by": people.get(user or 0), "at": event.pgh_created_at}
    try:
        tree = build(event.conditions, reading.known)
    except Invalid as invalid:
        return {**told, "words": str(invalid)} if reading.is_mine else None
    return {**told, "words": tree.words()} if may_use(reading.known.reader, tree) else None
