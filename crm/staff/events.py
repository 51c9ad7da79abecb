"""One line of a timeline, and how the rows are asked for that it is made of: a page, not all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from crm.people.models import Supporter

MOMENT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True)
class Event:
    """One line: when, what, details, and where it came from.

    `source` is said in words; `code` is what a row holds of it, until it is put into words.
    """

    at: datetime
    kind: str
    title: str
    pk: int = 0
    source: str = ""
    code: str = ""
    details: tuple[str, ...] = ()
    quote: str = ""
    tone: str = ""
    link: str = ""
    receipt: str = ""


@dataclass(frozen=True, order=True)
class Place:
    """A place in a timeline: newest first, then by the rank of who tells, then the newest row."""

    at: datetime
    rank: int
    pk: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime(MOMENT)}-{self.rank}-{self.pk}"


def place_from(text: str) -> Place | None:
    """Return the place that an address names, or None.

    >>> str(place_from("20260301T090000000000-3-12"))
    '20260301T090000000000-3-12'
    >>> place_from("yesterday")
    """
    try:
        moment, rank, pk = text.split("-")
        return Place(datetime.strptime(moment, MOMENT).replace(tzinfo=UTC), int(rank), int(pk))
    except ValueError:
        return None


@dataclass(frozen=True)
class Asked:
    """Whose events, for whom, of which rank, before which place, and how many."""

    supporter: Supporter
    ids: list[int]  # their records: this one and those merged into it
    may: dict[str, bool]
    before: Place | None
    limit: int
    rank: int = 0

    def newest(self, rows: QuerySet[Any], at: Any) -> QuerySet[Any]:
        """Return the newest of some rows that come after the place, each with its `moment`."""
        rows = rows.annotate(moment=F(at) if isinstance(at, str) else at)
        rows = rows.filter(moment__isnull=False)
        if self.before is not None:
            rows = rows.filter(self.follows(self.before))
        return rows.order_by("-moment", "-pk")[: self.limit]

    def follows(self, place: Place) -> Q:
        if self.rank > place.rank:
            return Q(moment__lt=place.at)
        if self.rank < place.rank:
            return Q(moment__lte=place.at)
        return Q(moment__lt=place.at) | Q(moment=place.at, pk__lt=min(place.pk, 2**62))
