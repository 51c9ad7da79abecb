"""The board of partners: who is how far with the six criteria, and whose report is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm.people.models import Supporter
from crm.programmes.partners import Criterion, CriterionState, Partner
from crm.staff.partner_forms import NONE, BoardForm
from crm.staff.partner_words import SOON, Cell, Due, cells, due
from crm.staff.task_words import called

ON_A_PAGE = 100
VIEWS = {
    "active": gettext_lazy("Partners"),
    "preparing": gettext_lazy("In preparation"),
    "left": gettext_lazy("Left"),
}
ORDERS: dict[str, tuple[Any, ...]] = {
    "name": ("organisation__family_name", "pk"),
    "due": (F("next_report_on").asc(nulls_last=True), "organisation__family_name", "pk"),
    "signed": (F("signed_on").desc(nulls_last=True), "pk"),
    "met": ("met", "organisation__family_name", "pk"),
}


class Row(NamedTuple):
    partner: Partner
    cells: list[Cell]
    due: Due
    who: str


@dataclass
class Board:
    """What one reader looks for on a day."""

    request: HttpRequest
    today: date

    def __post_init__(self) -> None:
        self.form = BoardForm(self.request.GET or None)
        self.chosen = self.form.chosen() if self.form.is_bound else {}
        asked = self.request.GET.get("show", "active")
        self.view = asked if asked in VIEWS else "active"

    def found(self) -> QuerySet[Partner]:
        """The partners that are looked for."""
        partners: Any = getattr(Partner.objects, self.view)()
        for name, value in self.chosen.items():
            if name in FILTERS:
                partners = FILTERS[name](partners, value, self)
        return partners

    def page(self) -> Page:
        related = self.found().select_related("organisation", "responsible")
        met = Count("criteria", filter=Q(criteria__state=CriterionState.State.MET))
        partners = related.prefetch_related("criteria").annotate(met=met)
        ordered = partners.order_by(*ORDERS[self.chosen.get("sort", "name")])
        return Paginator(ordered, ON_A_PAGE).get_page(self.request.GET.get("page"))

    def rows(self, page: Page) -> Iterator[Row]:
        for each in page:
            who = called(each.responsible) if each.responsible else ""
            yield Row(each, cells(each), due(each, self.today), who)

    @property
    def is_filtered(self) -> bool:
        return any(name in FILTERS for name in self.chosen)

    @property
    def query(self) -> str:
        """The address of the board as it is, without the page."""
        left = self.request.GET.copy()
        left.pop("page", None)
        return left.urlencode()

    def context(self) -> dict[str, Any]:
        page = self.page()
        return {
            "board": self,
            "form": self.form,
            "pages": page,
            "rows": list(self.rows(page)),
            "criteria": list(Criterion),
            "views": views(),
        }


def views() -> list[tuple[str, Any, int]]:
    """The views, and how many partners there are in each, whatever is filtered."""
    found = Partner.objects.current().aggregate(
        active=Count("pk", filter=Q(signed_on__isnull=False, left_on=None)),
        preparing=Count("pk", filter=Q(signed_on=None)),
        left=Count("pk", filter=Q(left_on__isnull=False)),
    )
    return [(name, words, found[name]) for name, words in VIEWS.items()]


def by_state(partners: Any, board: Board) -> QuerySet[Partner]:
    """Those with one criterion, or any, in a state; a criterion alone says nothing."""
    state, criterion = board.chosen.get("state", ""), board.chosen.get("criterion", "")
    rows = CriterionState.objects.filter(**({"criterion": criterion} if criterion else {}))
    if state != NONE:
        return partners.filter(pk__in=rows.filter(state=state).values("partner"))
    if criterion:
        return partners.exclude(pk__in=rows.values("partner"))
    begun = rows.values("partner").annotate(number=Count("pk")).filter(number=len(Criterion))
    return partners.exclude(pk__in=begun.values("partner"))


def by_report(partners: Any, value: str, board: Board) -> QuerySet[Partner]:
    if value == "overdue":
        return partners.filter(pk__in=Partner.objects.overdue(board.today))
    until = board.today + timedelta(days=SOON)
    return partners.filter(next_report_on__range=(board.today, until))


FILTERS: dict[str, Any] = {
    "q": lambda partners, value, board: partners.filter(
        organisation__in=Supporter.objects.search(value)
    ),
    "sector": lambda partners, value, board: partners.filter(sector=value),
    "region": lambda partners, value, board: partners.filter(organisation__region=value),
    "state": lambda partners, value, board: by_state(partners, board),
    "report": by_report,
    "who": lambda partners, value, board: partners.filter(
        responsible=board.request.user if value == "mine" else None
    ),
}
