"""What may happen to tags, and to who has them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from crm import audit
from crm.people.models import Change, Supporter
from crm.people.operations import record_change
from crm.people.tags import Tag, Tagging

AT_ONCE = 2000


class TagExists(Exception):
    """Another tag is called so, in whatever case."""


def find_tag(name: str) -> Tag | None:
    """Return the tag of this name, in whatever case it is written."""
    return Tag.objects.filter(name__iexact=name.strip()).first()


@transaction.atomic
def create_tag(*, name: str, at: datetime, by: Any = None, description: str = "") -> Tag:
    """Make a tag. Raises TagExists."""
    if find_tag(name) is not None:
        raise TagExists
    tag = Tag.objects.create(name=name.strip(), description=description, created_at=at)
    audit.log("tag.created", tag, by=by, at=at)
    return tag


def find_or_create_tag(*, name: str, at: datetime, by: Any = None) -> Tag:
    """Return the tag of this name, which is new if there was none."""
    return find_tag(name) or create_tag(name=name, at=at, by=by)


@transaction.atomic
def rename_tag(*, tag: Tag, name: str, description: str, at: datetime, by: Any = None) -> Tag:
    """Call a tag something else; who has it keeps it. Raises TagExists."""
    same = find_tag(name)
    if same is not None and same.pk != tag.pk:
        raise TagExists
    tag.name, tag.description = name.strip(), description
    tag.save(update_fields=["name", "description"])
    audit.log("tag.renamed", tag, by=by, at=at)
    return tag


@transaction.atomic
def merge_tags(*, kept: Tag, lost: Tag, at: datetime, by: Any = None) -> Tag:
    """Give whoever has `lost` the tag `kept`, and do away with `lost`."""
    if kept.pk == lost.pk:
        return kept
    both = Tagging.objects.filter(tag=kept).values("supporter")
    Tagging.objects.filter(tag=lost).exclude(supporter__in=both).update(tag=kept)
    audit.log("tag.merged", kept, by=by, at=at, lost=lost.pk)
    lost.delete()
    return kept


@transaction.atomic
def delete_tag(*, tag: Tag, at: datetime, by: Any = None) -> None:
    """Do away with a tag; nobody has it any more."""
    audit.log("tag.deleted", tag, by=by, at=at, taggings=tag.taggings.count())
    tag.delete()


@transaction.atomic
def add_tag(
    *, supporter: Supporter, tag: Tag, source: str, at: datetime, by: Any = None
) -> Tagging:
    """Give a supporter a tag. Twice changes nothing."""
    tagging, is_new = Tagging.objects.get_or_create(
        supporter=supporter,
        tag=tag,
        defaults={"source": source, "tagged_at": at, "tagged_by": by},
    )
    if is_new:
        record_change(supporter=supporter, kind="tag.added", at=at)
        audit.log("tag.added", supporter, by=by, at=at, tag=tag.pk)
    return tagging


@transaction.atomic
def remove_tag(*, supporter: Supporter, tag: Tag, at: datetime, by: Any = None) -> None:
    """Take a tag from a supporter. Who has it not, loses nothing."""
    gone, _rows = Tagging.objects.filter(supporter=supporter, tag=tag).delete()
    if gone:
        record_change(supporter=supporter, kind="tag.removed", at=at)
        audit.log("tag.removed", supporter, by=by, at=at, tag=tag.pk)


@transaction.atomic
def tag_many(
    *, supporters: QuerySet[Supporter], tag: Tag, source: str, at: datetime, by: Any = None
) -> int:
    """Give all of them a tag, in a few statements; return how many did not have it."""
    missing = supporters.exclude(taggings__tag=tag).order_by("pk")
    keys = list(missing.values_list("pk", flat=True))
    new = [
        Tagging(supporter_id=key, tag=tag, source=source, tagged_at=at, tagged_by=by)
        for key in keys
    ]
    Tagging.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
    lines = [Change(supporter_id=key, kind="tag.added", at=at) for key in keys]
    Change.objects.bulk_create(lines, batch_size=AT_ONCE)
    Supporter.objects.filter(pk__in=keys).update(modified_at=at)
    if keys:
        audit.log("tag.added_to_many", tag, by=by, at=at, supporters=len(keys))
    return len(keys)
