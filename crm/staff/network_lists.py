"""Who belongs to a network, and who our institutional partners are, by country."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy

from crm.exchange.columns import nation_of
from crm.lib.contact import words
from crm.people.models import Supporter
from crm.programmes.networks import Affiliation, Network
from crm.staff.network_forms import MembersForm

Kind = Affiliation.Kind
NOWHERE = gettext_lazy("country unknown")


class Line(NamedTuple):
    affiliation: Affiliation
    is_current: bool


class Group(NamedTuple):
    """The affiliated of one country, or of one kind."""

    title: str
    lines: list[Line]


class Summary(NamedTuple):
    network: Network
    members: int
    countries: int


def summaries(day: date) -> list[Summary]:
    """Each network, with how many members in how many countries it has on a day."""
    standing = Affiliation.objects.current().on(day).exclude(network=None)
    counted = standing.values("network").annotate(
        members=Count("pk"), countries=Count("organisation__country", distinct=True)
    )
    known = {row["network"]: row for row in counted}
    none = {"members": 0, "countries": 0}
    return [
        Summary(each, (row := known.get(each.pk, none))["members"], row["countries"])
        for each in Network.objects.order_by("-is_international", "name")
    ]


class Members:
    """Those of `affiliations` whom a reader looks for."""

    def __init__(
        self, request: HttpRequest, affiliations: QuerySet[Affiliation], today: date
    ) -> None:
        self.rows: Any = affiliations.filter(organisation__merged_into=None)
        self.today = today
        there = self.rows.values_list("organisation__country", flat=True).distinct()
        named = sorted(((code, country(code)) for code in there if code), key=named_last)
        self.form = MembersForm(request.GET or None, countries=named)
        self.asked = cleaned(self.form)

    def lines(self) -> list[Line]:
        rows = self.rows if self.asked.get("show") == "all" else self.rows.on(self.today)
        if "q" in self.asked:
            rows = rows.filter(organisation__in=Supporter.objects.search(self.asked["q"]))
        if "country" in self.asked:
            rows = rows.filter(organisation__country=self.asked["country"])
        related = rows.select_related("organisation", "network")
        ordered = related.order_by("organisation__family_name", "pk")
        return [Line(each, self.is_current(each)) for each in ordered]

    def is_current(self, row: Affiliation) -> bool:
        return row.ends_on is None or row.ends_on > self.today

    @property
    def is_filtered(self) -> bool:
        return any(name in self.asked for name in ("q", "country"))


def cleaned(form: MembersForm) -> dict[str, str]:
    if not form.is_bound:
        return {}
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


def by_country(lines: Iterable[Line]) -> list[Group]:
    """Group by country, in the order of the reader's alphabet; those without one come last."""
    placed = [(country(str(each.affiliation.organisation.country)), each) for each in lines]
    placed.sort(key=lambda pair: (pair[0] == str(NOWHERE), folded(pair[0])))
    return [
        Group(title, [line for _title, line in group])
        for title, group in groupby(placed, key=lambda pair: pair[0])
    ]


def by_kind(lines: Iterable[Line]) -> list[Group]:
    found = list(lines)
    groups = [
        Group(str(kind.label), [each for each in found if each.affiliation.kind == kind])
        for kind in Kind
    ]
    return [group for group in groups if group.lines]


def country(code: str) -> str:
    return nation_of(code, get_language() or "") if code else str(NOWHERE)


def named_last(pair: tuple[str, str]) -> str:
    return folded(pair[1])


def folded(name: str) -> str:
    return " ".join(words(name))


def institutional() -> QuerySet[Affiliation]:
    return Affiliation.objects.filter(~Q(kind=Kind.MEMBER))
