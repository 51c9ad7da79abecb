"""Making one record of two. Nothing is lost by it: `unmerging` makes two of one again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.blending import Blend, blended, blends, sides
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.moving import Move, newest_keys
from crm.people.operations import all_emails, record_change
from crm.people.steps import Dropped, Joined, Moved, Stayed, Step, Swapped, written


class NotMergeable(Exception):
    """The two cannot become one record; `reason` is why."""

    SAME, MERGED, ERASED, KINDS = "same", "merged", "erased", "kinds"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Preview:
    """What a merge would make: the fields, and how many rows of each model do what."""

    fields: list[Blend]
    moves: dict[str, int]
    drops: dict[str, int]
    stays: dict[str, int]
    joins: dict[str, Any]


@transaction.atomic
def merge(
    *,
    kept: Supporter,
    lost: Supporter,
    at: datetime,
    by: Any = None,
    choices: Mapping[str, str] | None = None,
    score: float | None = None,
) -> Merge:
    """Make `lost` a part of `kept`: all that was its own is the kept record's from now on.

    `choices` says of a field of the supporter whether the "kept" or the "lost" record is right;
    else it is the kept one, where it says anything. Raises NotMergeable.
    """
    kept, lost = locked(kept, lost)
    newest = newest_keys()
    steps = blend(kept, lost, choices or {}, at)
    merged = Merge.objects.create(
        kept=kept,
        lost=lost,
        journal={"steps": [written(step) for step in steps], "newest": newest},
        score=score,
        merged_at=at,
        merged_by=by,
    )
    for record in (kept, lost):
        record_change(supporter=record, kind="merged", at=at)
    audit.log("supporter.merged", kept, by=by, at=at, merge=merged.pk, lost=lost.pk)
    return merged


def locked(kept: Supporter, lost: Supporter) -> tuple[Supporter, Supporter]:
    """Return both records as they are now, to whom nobody adds anything before we are done.

    Raises NotMergeable.
    """
    if kept.pk == lost.pk:
        raise NotMergeable(NotMergeable.SAME)
    rows = Supporter.objects.select_for_update().filter(pk__in=[kept.pk, lost.pk])
    found = {row.pk: row for row in rows.order_by("pk")}
    both = (found[kept.pk], found[lost.pk])
    if any(record.erased_at for record in both):
        raise NotMergeable(NotMergeable.ERASED)
    if any(record.merged_into_id for record in both):
        raise NotMergeable(NotMergeable.MERGED)
    if both[0].kind != both[1].kind:
        raise NotMergeable(NotMergeable.KINDS)
    return both


def blend(kept: Supporter, lost: Supporter, choices: Mapping[str, str], at: datetime) -> list[Step]:
    """Write the merged record, move the rows, and return what was done."""
    values = blended(kept, lost, choices)
    move = Move(kept=kept, lost=lost, sides=sides(kept, lost, choices), at=at)
    move.change(kept, values)
    steps = move.everything()
    Supporter.objects.filter(pk=lost.pk).update(merged_into=kept)
    refresh(kept)
    return steps


def refresh(supporter: Supporter) -> None:
    """Let a search find the supporter by what is known of them now."""
    supporter.search_text = supporter.searchable(all_emails(supporter))
    Supporter.objects.filter(pk=supporter.pk).update(search_text=supporter.search_text)


def preview(
    *, kept: Supporter, lost: Supporter, at: datetime, choices: Mapping[str, str] | None = None
) -> Preview:
    """Return what a merge would do, by doing it and taking it back. Raises NotMergeable."""
    with transaction.atomic():
        kept, lost = locked(kept, lost)
        fields = blends(kept, lost, choices or {})
        steps = blend(kept, lost, choices or {}, at)
        transaction.set_rollback(True)
    return Preview(
        fields=fields,
        moves=counted(steps, Moved | Swapped),
        drops=counted(steps, Dropped),
        stays=counted(steps, Stayed),
        joins={step.module: step.data for step in steps if isinstance(step, Joined)},
    )


def counted(steps: list[Step], kind: Any) -> dict[str, int]:
    """Return how many rows of each model a kind of step was about."""
    number: Counter[str] = Counter()
    for step in steps:
        if isinstance(step, kind):
            number[step.model] += len(step.rows) if isinstance(step, Moved) else 1
    return {model: count for model, count in number.items() if count}
