"""What may happen to segments. The only place that writes them."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from crm import audit
from crm.lib.periods import local_day
from crm.people.segments import Segment
from crm.segments.known import Known, is_in_charge, is_visible
from crm.segments.members import count, may_use
from crm.segments.tree import Stored, build, check, tree_of

REFRESH = "segments.refresh"


class NotForThem(PermissionDenied):
    """Somebody may not do this with this segment."""


class InUse(Exception):
    """Other segments are made with this one; they are the argument."""


def checked(conditions: Any, *, by: Any, today: date, own: Segment | None = None) -> Stored:
    """Return conditions as they are stored. Raises Invalid, or NotForThem for whoever lacks rights.

    Segments that are named in them must be open to whoever names them, for each shows its members.
    """
    known = Known(today=today, reader=by)
    within = frozenset([own.pk]) if own else frozenset()
    stored = check(conditions, known, within=within)
    if not may_use(by, build(stored, known, within=within)):
        raise NotForThem
    return stored


@transaction.atomic
def create(*, by: Any, at: datetime, name: str, conditions: Any, **fields: Any) -> Segment:
    """Save a new segment, which belongs to whoever makes it."""
    stored = checked(conditions, by=by, today=local_day(at))
    segment = Segment.objects.create(
        name=name, conditions=stored, owner=by, created_at=at, modified_at=at, **fields
    )
    audit.log("segment.added", segment, by=by, at=at)
    if segment.is_audience:
        renew(segment)
    return segment


@transaction.atomic
def change(*, segment: Segment, by: Any, at: datetime, **fields: Any) -> Segment:
    """Write what its maker, or an administrator, wants different."""
    if not is_in_charge(segment, by) or not may_use(
        by, tree_of(segment, Known(today=local_day(at)))
    ):
        raise NotForThem
    if "conditions" in fields:
        fields["conditions"] = checked(
            fields["conditions"], by=by, today=local_day(at), own=segment
        )
    changed = [name for name, value in fields.items() if getattr(segment, name) != value]
    if not changed:
        return segment
    for name in changed:
        setattr(segment, name, fields[name])
    if "conditions" in changed:
        segment.counted = segment.counted_at = None
    segment.modified_at = at
    segment.save(update_fields=[*changed, "modified_at", "counted", "counted_at"])
    audit.log("segment.changed", segment, by=by, at=at, fields=changed)
    if {"conditions", "is_audience", "holdout"} & set(changed):
        renew(segment, draw_again="holdout" in changed)
    return segment


@transaction.atomic
def copy(*, segment: Segment, by: Any, at: datetime, name: str) -> Segment:
    """Make a segment of one's own with the conditions of another."""
    if not is_visible(segment, by):
        raise NotForThem
    texts = {"name": name[:120], "description": segment.description}
    return create(by=by, at=at, conditions=segment.conditions, **texts)


@transaction.atomic
def remove(*, segment: Segment, by: Any, at: datetime) -> None:
    """Delete a segment and its list of members. Raises InUse."""
    if not is_in_charge(segment, by):
        raise NotForThem
    users = used_by(segment)
    if users:
        raise InUse(users)
    audit.log("segment.removed", segment, by=by, at=at)
    segment.delete()


def used_by(segment: Segment) -> list[Segment]:
    """The segments whose conditions name this one."""
    others = Segment.objects.exclude(pk=segment.pk).filter(~Q(conditions={}))
    return [other for other in others if segment.pk in named_in(other.conditions)]


def named_in(stored: Stored) -> set[int]:
    found = set(stored.get("segments", [])) if stored.get("is") == "segment" else set()
    return found.union(*(named_in(part) for part in stored.get("of", [])))


def recount(*, segment: Segment, at: datetime, patience: int) -> int:
    """Count a segment's members, and note how many there were, and when. Raises TooSlow."""
    number = count(tree_of(segment, Known(today=local_day(at))), patience=patience)
    Segment.objects.filter(pk=segment.pk).update(counted=number, counted_at=at)
    return number


def renew(segment: Segment, *, draw_again: bool = False) -> None:
    """Have the list of members made anew, in the background."""
    app.configure_task(REFRESH, queue="upkeep").defer(segment_id=segment.pk, draw_again=draw_again)
