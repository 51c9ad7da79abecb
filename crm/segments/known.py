"""What conditions are read against: the day, and the names of what they point to."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q

from crm.campaigns.models import Campaign
from crm.donations.models import Fund
from crm.people.segments import Segment
from crm.people.tags import Tag

OTHERS = "crm.delete_segment"  # who may do with others' segments what their makers may


class Known:
    """Asked for once: each list is read when the first condition needs it."""

    def __init__(self, *, today: date, reader: Any = None) -> None:
        self.today, self.reader = today, reader
        # The segments that a form offers, where these are fewer than the reader knows of.
        self.offered: set[int] | None = None

    @cached_property
    def campaigns(self) -> dict[int, str]:
        known = Campaign.objects.with_texts().order_by("-opens_at", "pk")
        return {campaign.pk: str(campaign) for campaign in known}

    @cached_property
    def funds(self) -> dict[int, str]:
        return dict(Fund.objects.order_by("name", "pk").values_list("pk", "name"))

    @cached_property
    def tags(self) -> dict[int, str]:
        return dict(Tag.objects.order_by("name", "pk").values_list("pk", "name"))

    @cached_property
    def segments(self) -> dict[int, Segment]:
        return {each.pk: each for each in Segment.objects.order_by("name", "pk")}

    def segments_to_read(self) -> Iterable[tuple[int, str]]:
        """The segments that the reader may know of; all of them where nobody reads."""
        for pk, segment in self.segments.items():
            is_offered = self.offered is None or pk in self.offered
            if is_offered and (self.reader is None or is_visible(segment, self.reader)):
                yield pk, segment.name


def is_visible(segment: Segment, reader: Any) -> bool:
    return segment.is_shared or is_in_charge(segment, reader)


def is_in_charge(segment: Segment, reader: Any) -> bool:
    """Whether somebody may change, share and remove it: its maker, and administrators."""
    return segment.owner_id == reader.pk or reader.has_perm(OTHERS)


def visible_to(reader: Any) -> Q:
    """The segments of which a reader may know that they are there."""
    return Q() if reader.has_perm(OTHERS) else Q(is_shared=True) | Q(owner=reader)
