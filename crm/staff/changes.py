"""What was changed of a record, by whom and when: each event of a history holds the row before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from pghistory.core import event_models

from crm.audit import AuditEntry, subject_of


@dataclass(frozen=True)
class Changed:
    """One field of one row, at one moment. `row` is as it was, `later` as it was then (None if it
    was removed, and `field` is empty)."""

    row: Any
    later: Any
    field: str
    before: Any
    after: Any
    at: datetime
    user: int | None
    source: str


def events_of(model: type[Model]) -> QuerySet[Any] | None:
    """Return the history of a model's rows, or None if none is kept."""
    found = event_models(tracks_model=model)
    return found[0]._default_manager.select_related("pgh_context") if found else None


def changes_of(
    events: Iterable[Any], now: dict[int, Any], fields: Iterable[str]
) -> Iterator[Changed]:
    """Yield what each event changed, newest first.

    `events` are of one model; `now` holds the rows that there are now by their keys.
    """
    after = dict(now)
    for event in sorted(events, key=lambda each: each.pk, reverse=True):
        later = after.get(event.pgh_obj_id)
        yield from compared(event, later, fields)
        after[event.pgh_obj_id] = event


def compared(event: Any, later: Any, fields: Iterable[str]) -> Iterator[Changed]:
    told = event.pgh_context.metadata if event.pgh_context else {}
    how = {
        "row": event,
        "later": later,
        "at": event.pgh_created_at,
        "user": told.get("user"),
        "source": told.get("source", ""),
    }
    if event.pgh_label == "delete":
        yield Changed(**{**how, "later": None}, field="", before=None, after=None)
        return
    for field in fields if later is not None else ():
        before, after = getattr(event, field), getattr(later, field)
        if before != after:
            yield Changed(**how, field=field, before=before, after=after)


def last_change(record: Model, field: str) -> tuple[Any, datetime | None]:
    """Return who changed a field of a record last, and when, as far as that is known."""
    events, column = events_of(type(record)), column_of(record, field)
    if events is not None and column:
        past = events.filter(pgh_obj_id=record.pk).order_by("-pk")[:50]
        for change in changes_of(past, {record.pk: record}, [column]):
            known = get_user_model().objects.filter(pk=change.user or 0)
            return known.first(), change.at
    trail = AuditEntry.objects.filter(subject=subject_of(record)).select_related("by")
    last = trail.order_by("-pk").first()
    return (last.by, last.at) if last else (None, None)


def column_of(record: Model, field: str) -> str:
    """Return how a row and its events name the column of a field; nothing if it has none."""
    known = {each.name: each.attname for each in record._meta.concrete_fields}
    return known.get(field, "")
