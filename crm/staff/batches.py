"""Batches: many gifts entered in one grid, and posted when they add up to what was counted."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from crm.donations.batches import Batch
from crm.donations.models import Fund
from crm.donations.posting import (
    BatchChanged,
    BatchClosed,
    DoesNotAddUp,
    NotComplete,
    Sums,
    discard_batch,
    open_batch,
    post_batch,
    save_rows,
    sums,
)
from crm.lib.periods import local_day
from crm.staff import batch_words
from crm.staff.batch_forms import BatchForm, Grid, Line, kept, look_for
from crm.staff.orders import is_confirmed
from crm.staff.pages import ReadOnly, money
from crm.staff.site import site

EMPTY_ROWS, MORE_ROWS = 5, 20


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", gettext_lazy("open")), ("posted", gettext_lazy("posted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(posted_at=None)
        return queryset.exclude(posted_at=None) if self.value() == "posted" else queryset


@admin.register(Batch, site=site)
class BatchAdmin(ReadOnly):
    list_display = ("name", "state", "gifts", "total", "received_on", "who", "opened_at")
    list_filter = (StateFilter,)
    list_select_related = ("opened_by",)
    ordering = (F("posted_at").desc(nulls_first=True), "-opened_at", "-id")
    sortable_by = ()

    @display(description=gettext_lazy("state"), label={"open": "warning", "posted": "success"})
    def state(self, batch: Batch) -> tuple[str, str]:
        return ("posted", _("posted")) if batch.posted_at else ("open", _("open"))

    @display(description=gettext_lazy("gifts, of those counted"))
    def gifts(self, batch: Any) -> str:
        told = {"entered": batch.entered_count, "expected": batch.expected_count}
        return _("%(entered)s of %(expected)s") % told

    @display(description=gettext_lazy("total, of what was counted"))
    def total(self, batch: Any) -> str:
        entered, expected = money(batch.entered_total or 0), money(batch.expected_total)
        return _("%(entered)s of %(expected)s") % {"entered": entered, "expected": expected}

    @display(description=gettext_lazy("opened by"))
    def who(self, batch: Batch) -> str:
        return str(batch.opened_by or "–")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_entered()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_batch")

    def may_fill_in(self, request: HttpRequest) -> bool:
        rights = ["crm.change_batch", "crm.add_gift"]
        return self.has_view_permission(request) and request.user.has_perms(rights)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:batch_id>/people/", wrap(self.people_view), name="crm_batch_people"),
            path("<int:batch_id>/discard/", wrap(self.discard_view), name="crm_batch_discard"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Open a batch, with what it was counted to hold."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        initial = {"received_on": local_day(now), "language": get_language()}
        form = BatchForm(request.POST or None, initial=initial, today=local_day(now))
        if form.is_valid():
            batch = open_batch(at=now, by=request.user, **form.cleaned_data)
            return redirect("admin:crm_batch_change", batch.pk)
        back = reverse("admin:crm_batch_changelist")
        title, submit = _("New batch"), _("Go on to the gifts")
        return self.page(request, "form", title, form=form, submit=submit, back_url=back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The grid of an open batch; the gifts of a posted one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.batch(int(object_id) if object_id.isdecimal() else 0)
        if request.method == "POST" and not self.may_fill_in(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.fill_in(request, batch)
        if batch.posted_at or not self.may_fill_in(request):
            return self.page(request, "batch_posted", batch.name, **tell_posted(batch))
        return self.grid(request, batch, kept(rows_of(batch)))

    def batch(self, pk: int) -> Batch:
        related = ("campaign", "fund", "opened_by")
        return get_object_or_404(Batch.objects.select_related(*related), pk=pk)

    def grid(
        self, request: HttpRequest, batch: Batch, lines: list[Line], **notes: Any
    ) -> HttpResponse:
        filled = [line.row for line in lines if line.row]
        told = batch_words.progress(batch, sums(filled))
        left = min(max(batch.expected_count - len(lines), 1), EMPTY_ROWS)
        empty = left + (MORE_ROWS if "more" in request.GET else 0)
        blank = [Line(len(lines) + number) for number in range(1, empty + 1)]
        return self.page(
            request,
            "batch",
            batch.name,
            batch=batch,
            lines=[*lines, *blank],
            empty_line=Line("__n__"),
            funds=open_funds(),
            progress=told,
            words=batch_words.for_script(),
            **notes,
        )

    def fill_in(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        """Keep what was typed, and post it if that was asked; say what is in the way."""
        grid, sent = Grid(request.POST, open_funds()), request.POST.get("version", "")
        version = int(sent) if sent.isdecimal() else -1
        if not grid.is_valid() and not batch.posted_at:
            problems = [grid.error] if grid.error else []
            problems += [batch_words.error_of(line) for line in grid.lines if line.errors]
            return self.refuse(request, batch, grid, problems)
        try:
            save_rows(batch=batch, rows=grid.rows, version=version)
        except BatchChanged:
            return self.refuse(request, batch, grid, [batch_words.changed()], is_stale=True)
        except BatchClosed:
            messages.info(request, _("This batch was posted already. Nothing was changed."))
            return redirect("admin:crm_batch_change", batch.pk)
        if request.POST.get("action") == "post":
            return self.post(request, batch)
        entered = sums(grid.rows)
        messages.success(request, batch_words.saved(entered))
        more = "?more" if request.POST.get("action") == "more" else ""
        return redirect(reverse("admin:crm_batch_change", args=[batch.pk]) + more)

    def refuse(
        self, request: HttpRequest, batch: Batch, grid: Grid, problems: list[str], **notes: Any
    ) -> HttpResponse:
        notes |= {"problems": problems, "version": request.POST.get("version", "")}
        return self.grid(request, batch, grid.lines, is_saved=False, **notes)

    def post(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        try:
            post_batch(batch=batch, at=timezone.now(), by=request.user)
        except DoesNotAddUp as refusal:
            problems = batch_words.differences(refusal.entered, refusal.expected)
        except NotComplete as refusal:
            problems = [batch_words.lacks(*row) for row in refusal.rows.items()]
        else:
            messages.success(request, _("Posted. All rows are gifts now."))
            return redirect("admin:crm_batch_change", batch.pk)
        batch = self.batch(batch.pk)
        return self.grid(request, batch, kept(rows_of(batch)), is_saved=True, problems=problems)

    def people_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Supporters for what was typed into the grid."""
        if not (self.may_fill_in(request) and request.user.has_perm("crm.view_supporter")):
            raise PermissionDenied
        people = look_for(request.GET.get("q", "")[:200])
        told = [
            {"id": each.pk, "name": str(each), "where": batch_words.where(each)} for each in people
        ]
        return JsonResponse({"people": told})

    def discard_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Throw an open batch away; ask first."""
        if not self.may_fill_in(request):
            raise PermissionDenied
        batch = self.batch(batch_id)
        if is_confirmed(request):
            return self.discarded(request, batch)
        question = _("Throw away “%(name)s” and what was typed into it? No gift is made of it.")
        return self.page(
            request,
            "confirm",
            _("Discard the batch"),
            question=question % {"name": batch},
            submit=_("Throw it away"),
            back_url=reverse("admin:crm_batch_change", args=[batch.pk]),
        )

    def discarded(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        try:
            discard_batch(batch=batch, at=timezone.now(), by=request.user)
        except BatchClosed:
            messages.error(request, _("This batch was posted already. Nothing was changed."))
            return redirect("admin:crm_batch_change", batch.pk)
        messages.success(request, _("The batch was thrown away."))
        return redirect("admin:crm_batch_changelist")


def open_funds() -> QuerySet[Fund]:
    return Fund.objects.filter(is_open=True).order_by("name")


def rows_of(batch: Batch) -> list[Any]:
    return list(batch.rows.select_related("supporter", "fund").order_by("position"))


def tell_posted(batch: Batch) -> dict[str, Any]:
    rows = rows_of(batch)
    entered: Sums = sums(rows)
    return {
        "batch": batch,
        "rows": [{"row": row, "amount": money(row.amount)} for row in rows],
        "count": entered.number,
        "total": money(entered.total),
        "progress": batch_words.progress(batch, entered),
    }
