"""Which segments ask for a tag: without it, they would say something else."""

from typing import Any

from crm.people.segments import Segment
from crm.people.tags import Tag


def segments_using(tag: Tag) -> list[Segment]:
    """Return the segments among whose conditions this tag stands, by name."""
    return [each for each in Segment.objects.order_by("name", "pk") if asks(each.conditions, tag)]


def asks(conditions: Any, tag: Tag) -> bool:
    """Whether the tag is named anywhere in a tree of conditions, in its number or as text."""
    if isinstance(conditions, list):
        return any(asks(each, tag) for each in conditions)
    if not isinstance(conditions, dict):
        return False
    named = conditions.get("tags")
    if isinstance(named, list) and str(tag.pk) in map(str, named):
        return True
    return any(asks(each, tag) for each in conditions.values())
