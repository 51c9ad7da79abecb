"""Sheets of paper and bundles from earlier: entered in a grid, listed, corrected, named."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from crm.campaigns import entering_sheets
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.sheets import Sheet
from crm.lib.periods import local_day
from crm.staff.pages import StaffAdmin
from crm.staff.sheet_forms import MOST_ROWS, PileForm, Row, SheetGrid, regions
from crm.staff.sheet_page import SheetPages
from crm.staff.signatures import CampaignFilter
from crm.staff.site import site

EMPTY_ROWS = 5


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("counted", pgettext_lazy("sheet", "counted")),
            ("withdrawn", gettext_lazy("withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() == "counted":
            return queryset.counted()
        return queryset.exclude(withdrawn_at=None) if self.value() == "withdrawn" else queryset


@admin.register(Sheet, site=site)
class SheetAdmin(SheetPages, StaffAdmin):
    list_display = ("number", "campaign", "way", "place", "ends_on", "valid_lines", "off", "state")
    list_filter = (CampaignFilter, "way", StateFilter)
    list_select_related = ("campaign", "source")
    list_before_template = "staff/sheet_sums.html"
    ordering = ("-entered_at", "-pk")
    sortable_by = ()
    search_fields = ("number", "place")
    search_help_text = gettext_lazy("Number or place")

    @display(description=gettext_lazy("valid"))
    def valid_lines(self, sheet: Sheet) -> str:
        return intcomma(sheet.valid)

    @display(description=gettext_lazy("struck out"))
    def off(self, sheet: Sheet) -> str:
        return intcomma(sheet.struck)

    @display(description=gettext_lazy("state"), label={"counted": "success", "withdrawn": "danger"})
    def state(self, sheet: Sheet) -> tuple[str, str]:
        if sheet.withdrawn_at is None:
            return "counted", pgettext("sheet", "counted")
        return "withdrawn", _("withdrawn")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("campaign__texts")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with what its filters let through added up per campaign."""
        answer = super().changelist_view(request, extra_context)
        told = getattr(answer, "context_data", None)
        if told and "cl" in told:
            told["sums"] = sums_of(told["cl"].queryset)
        return answer

    def get_urls(self) -> list[Any]:
        return [*self.sheet_urls(), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A pile of sheets, typed into a grid: all of it is entered, or nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        pile = PileForm(request.POST or None, initial=begin(request))
        grid = SheetGrid(request.POST)
        if request.method == "POST" and self.entered(request, pile, grid):
            return redirect("admin:crm_sheet_changelist")
        return self.grid(request, pile, grid)

    def grid(self, request: HttpRequest, pile: PileForm, grid: SheetGrid) -> HttpResponse:
        blank = [Row(len(grid.rows) + place) for place in range(1, EMPTY_ROWS + 1)]
        return self.page(
            request,
            "sheets",
            _("Enter sheets"),
            form=pile,
            rows=[*grid.rows, *blank],
            empty_row=Row("__n__"),
            regions=regions(),
            problem=problem_of(grid) if request.method == "POST" else "",
            words=words(),
            back_url=reverse("admin:crm_sheet_changelist"),
        )

    def entered(self, request: HttpRequest, pile: PileForm, grid: SheetGrid) -> bool:
        """Enter a pile; else say what is in the way, at its row."""
        now = timezone.now()
        is_right = grid.is_valid()
        grid.refuse_days(local_day(now))
        if not pile.is_valid() or not is_right or not grid.is_valid():
            return False
        told = pile.cleaned_data
        rows, expected = grid.sheets(told), told["expected"]
        valid = sum(row["valid"] for row in rows)
        if expected is not None and expected != valid:
            error = _("The rows below add up to %(entered)s: the difference is %(difference)s.")
            sides = {"entered": intcomma(valid), "difference": intcomma(abs(expected - valid))}
            pile.add_error("expected", error % sides)
            return False
        names = {name: told[name] for name in ("campaign", "way", "channel")}
        try:
            entering_sheets.enter_sheets(rows=rows, at=now, by=request.user, **names)
        except entering_sheets.SheetsKnown as known:
            grid.refuse_numbers(known.numbers)
            return False
        messages.success(request, entered(len(rows), valid))
        return True


def problem_of(grid: SheetGrid) -> str:
    """Say on top of the page why nothing was entered."""
    if not grid.rows:
        return _("Write at least one sheet. Nothing was entered.")
    if grid.is_too_long:
        told = _("At most %(most)d sheets at a time. Nothing was entered.")
        return told % {"most": MOST_ROWS}
    return _("Please correct what is marked below. Nothing was entered.")


def begin(request: HttpRequest) -> dict[str, Any]:
    """What a new pile is, until something else is chosen."""
    return {
        "campaign": request.GET.get("campaign", ""),
        "way": request.GET.get("way", "paper"),
        "language": (get_language() or "fr")[:2],
        "country": "BE",
    }


def sums_of(sheets: Any) -> list[dict[str, Any]]:
    """Add up what counts, per campaign and way, the largest first."""
    rows = entering_sheets.summed(sheets.counted().select_related(None))
    campaigns = Campaign.objects.with_texts().in_bulk({row["campaign"] for row in rows})
    told = [
        {**row, "campaign": campaigns[row["campaign"]], "way": Signature.Way(row["way"]).label}
        for row in rows
    ]
    return sorted(told, key=lambda row: (-row["valid"], str(row["campaign"])))


def entered(sheets: int, valid: int) -> str:
    told = ngettext(
        "%(sheets)s sheet was entered; %(valid)s signatures more count.",
        "%(sheets)s sheets were entered; %(valid)s signatures more count.",
        sheets,
    )
    return told % {"sheets": sheets, "valid": intcomma(valid)}


def words() -> dict[str, str]:
    """What the running sums say while one types."""
    return {
        "right": _("adds up"),
        "over": _("%(number)s too many"),
        "under": _("%(number)s missing"),
        "language": get_language() or "fr",
    }
