"""Making two records again of what was merged into one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from crm import audit
from crm.people.duplicates import Suspicion
from crm.people.merges import Merge
from crm.people.merging import refresh
from crm.people.models import Supporter
from crm.people.moving import moving, points_to
from crm.people.operations import record_change
from crm.people.returning import Conflict, Return
from crm.people.steps import read


class NotUndoable(Exception):
    """The merge cannot be undone; `later` is the one to undo first, None after an erasure."""

    def __init__(self, later: Merge | None = None) -> None:
        super().__init__(later.pk if later else "erased")
        self.later = later


@dataclass(frozen=True)
class Outlook:
    """What undoing a merge would meet: conflicts, and what is new since then, by model."""

    conflicts: list[Conflict]
    added: dict[str, int]


@transaction.atomic
def unmerge(
    *, merge: Merge, at: datetime, by: Any = None, restore: Iterable[str] = frozenset()
) -> list[Conflict]:
    """Give both records back what was theirs, and return what could not be as it was.

    What was edited since stays edited, unless `restore` has the conflict's key; what is new since
    stays with the kept record. Doing it twice changes nothing. Raises NotUndoable.
    """
    kept, lost = locked(merge)
    found = Merge.objects.select_for_update().get(pk=merge.pk)
    if found.undone_at is not None:
        return []
    require(found, kept)
    conflicts = take_apart(found, kept, lost, restore, at)
    found.undone_at, found.undone_by = at, by
    found.save(update_fields=["undone_at", "undone_by"])
    remember_as_different(found, at=at, by=by)
    for record in (kept, lost):
        record_change(supporter=record, kind="unmerged", at=at)
    audit.log("supporter.unmerged", kept, by=by, at=at, merge=found.pk, lost=lost.pk)
    return conflicts


def locked(merge: Merge) -> tuple[Supporter, Supporter]:
    rows = Supporter.objects.select_for_update().filter(pk__in=[merge.kept_id, merge.lost_id])
    found = {row.pk: row for row in rows.order_by("pk")}
    return found[merge.kept_id], found[merge.lost_id]


def require(merge: Merge, kept: Supporter) -> None:
    """Raise NotUndoable, unless nothing stands in the way."""
    if kept.erased_at is not None or not merge.journal:
        raise NotUndoable
    if later := latest_after(merge):
        raise NotUndoable(later)


def latest_after(merge: Merge) -> Merge | None:
    """Return the merge that has to be undone before this one can be."""
    later = Merge.objects.filter(undone_at=None, pk__gt=merge.pk)
    later = later.filter(Q(kept=merge.kept_id) | Q(lost=merge.kept_id))
    found = later.order_by("pk").last()
    return (latest_after(found) or found) if found else None


def take_apart(
    merge: Merge, kept: Supporter, lost: Supporter, restore: Iterable[str], at: datetime
) -> list[Conflict]:
    steps = [read(noted) for noted in merge.journal["steps"]]
    conflicts = Return(kept=kept, lost=lost, restore=restore, at=at).everything(steps)
    Supporter.objects.filter(pk=lost.pk).update(merged_into=None)
    for record, other in ((kept, lost), (lost, kept)):
        record.refresh_from_db()
        conflicts += own_email(record, other)
        refresh(record)
    return conflicts


def own_email(supporter: Supporter, other: Supporter) -> list[Conflict]:
    """Have nobody written to at the other's address, or at one that was taken away."""
    addresses = supporter.emails.order_by("pk")
    if not supporter.email or addresses.filter(address=supporter.email).exists():
        return []
    gone, own = supporter.email, addresses.first()
    supporter.email = own.address if own else ""
    Supporter.objects.filter(pk=supporter.pk).update(email=supporter.email)
    return [Conflict("address", "crm.Supporter", supporter.pk, "email", supporter.email, gone)]


def remember_as_different(merge: Merge, *, at: datetime, by: Any) -> None:
    """Let no rule merge again what somebody took apart."""
    first, second = sorted([merge.kept_id, merge.lost_id])
    said = {"state": Suspicion.State.DIFFERENT, "decided_at": at, "decided_by": by}
    Suspicion.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults=said,
        create_defaults={**said, "score": merge.score or 0, "found_at": at},
    )


def outlook(*, merge: Merge, at: datetime, restore: Iterable[str] = frozenset()) -> Outlook:
    """Return what undoing would meet, by doing it and taking it back. Raises NotUndoable."""
    with transaction.atomic():
        kept, lost = locked(merge)
        require(merge, kept)
        added = added_since(merge, kept)
        conflicts = take_apart(merge, kept, lost, restore, at)
        transaction.set_rollback(True)
    return Outlook(conflicts, added)


def added_since(merge: Merge, kept: Supporter) -> dict[str, int]:
    """Return how many rows of each model the kept record got after the merge."""
    added = {}
    for label, newest in merge.journal["newest"].items():
        model = apps.get_model(label)
        if model in moving():
            rows = model._base_manager.filter(points_to(model, kept), pk__gt=newest or 0)
            added[label] = rows.count()
    return {label: number for label, number in added.items() if number}
