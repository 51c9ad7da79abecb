"""What the programmes reach in a year: counted from records where there are some, else reported.

Sums only: no figure leads to a person, and nothing about any child is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count
from django.db.models.functions import ExtractYear

from crm.programmes.models import ImpactFigure
from crm.programmes.networks import Affiliation
from crm.programmes.partners import Partner
from crm.programmes.trainings import Enrolment

Key = ImpactFigure.Key
STANDING = (Key.NETWORK_MEMBERS, Key.PARTNERS)  # counted on a day, not over a year


@dataclass(frozen=True)
class Figure:
    """One figure of one year. `is_counted`: from our records, up to a day; else it was reported."""

    key: str
    year: int
    value: int
    is_counted: bool
    until: date
    note: str = ""

    @property
    def label(self) -> Any:
        return Key(self.key).label

    @property
    def is_standing(self) -> bool:
        return self.key in STANDING

    @property
    def is_unfinished(self) -> bool:
        """Whether it counts a year that is not over, and so looks poorer than it will be."""
        return self.is_counted and not self.is_standing and self.until < last_day(self.year)


class Span(NamedTuple):
    """Since when somebody belongs to us, and until when; without a beginning, always."""

    whose: int
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class Records:
    """What the figures of all years are counted from."""

    members: list[Span]
    partners: list[Span]
    trained: dict[int, int]
    reported: dict[tuple[int, str], ImpactFigure]

    @classmethod
    def read(cls) -> "Records":
        members = Affiliation.objects.filter(
            kind=Affiliation.Kind.MEMBER,
            network__is_international=True,
            organisation__merged_into=None,
        )
        signed = Partner.objects.filter(organisation__merged_into=None).exclude(signed_on=None)
        # The year is the local one: the database converts.
        years = Enrolment.objects.attended().values(year=ExtractYear("session__begins_at"))
        return cls(
            members=spans(members.values_list("organisation", "begins_on", "ends_on")),
            partners=spans(signed.values_list("organisation", "signed_on", "left_on")),
            trained=dict(years.annotate(number=Count("pk")).values_list("year", "number")),
            reported={(each.year, each.key): each for each in ImpactFigure.objects.all()},
        )

    def count(self, key: str, year: int, today: date) -> int:
        """Count what the records say of a year, until today; nothing is 0."""
        until = min(today, last_day(year))
        if key == Key.TRAINED:
            return self.trained.get(year, 0)
        if key == Key.NETWORK_MEMBERS:
            return held_on(self.members, until, is_past=year < today.year)
        return held_on(self.partners, until, is_past=False) if key == Key.PARTNERS else 0

    def figure(self, key: str, year: int, today: date) -> Figure | None:
        """Return a figure of a year, if there is one. What is counted goes before what was
        reported, which holds where there are no records."""
        if value := self.count(key, year, today):
            return Figure(key, year, value, True, min(today, last_day(year)))
        said = self.reported.get((year, key))
        if said is None:
            return None
        return Figure(key, year, said.value, False, last_day(year), said.note)

    def first_year(self, today: date) -> int:
        begun = [span.begins_on.year for span in self.partners if span.begins_on]
        told = [year for year, _key in self.reported]
        return min([*begun, *told, *self.trained], default=today.year)


def by_year(*, today: date) -> list[tuple[int, list[Figure]]]:
    """Return the years of which there are figures, the newest first, with these."""
    records = Records.read()
    years = range(today.year, records.first_year(today) - 1, -1)
    told = ((year, of_year(records, year, today)) for year in years)
    return [(year, figures) for year, figures in told if figures]


def of_year(records: Records, year: int, today: date) -> list[Figure]:
    """Return the figures of a year that there are, in the order in which they are declared."""
    found = (records.figure(key, year, today) for key in Key.values)
    return [figure for figure in found if figure is not None]


def newest(years: Iterable[tuple[int, list[Figure]]]) -> list[Figure]:
    """Return each figure as we tell it first: what holds today, and what a full year came to.

    A year that is not over is told only where there is no full one.
    """
    told: dict[str, Figure] = {}
    for _year, figures in years:
        for figure in figures:
            if figure.key not in told or told[figure.key].is_unfinished:
                told[figure.key] = figure
    return sorted(told.values(), key=lambda figure: Key.values.index(figure.key))


def held_on(spans: list[Span], day: date, *, is_past: bool) -> int:
    """Count who belonged to us on a day. Of a past day, records without a beginning say nothing
    unless others have one."""
    held = [span for span in spans if (span.begins_on or day) <= day < (span.ends_on or date.max)]
    if is_past and not any(span.begins_on for span in held):
        return 0
    return len({span.whose for span in held})


def spans(rows: Iterable[tuple[Any, ...]]) -> list[Span]:
    return [Span(*row) for row in rows]


def last_day(year: int) -> date:
    return date(year, 12, 31)
