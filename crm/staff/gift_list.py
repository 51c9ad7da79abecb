"""Narrowing the list of gifts, and taking it along as a table."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import audit
from crm.donations.models import Entry, Fund, Gift
from crm.lib.money import from_minor
from crm.lib.periods import local_day
from crm.lib.tables import csv_lines
from crm.staff.pages import StaffAdmin

RIGHTS = ["crm.view_gift", "crm.see_money", "crm.view_supporter"]
AT_A_TIME = 2000
HEADS = [
    gettext_lazy("received"),
    gettext_lazy("given"),
    gettext_lazy("supporter"),
    gettext_lazy("e-mail"),
    gettext_lazy("kind"),
    gettext_lazy("what was given"),
    gettext_lazy("amount"),
    gettext_lazy("net"),
    gettext_lazy("currency"),
    gettext_lazy("state"),
    gettext_lazy("method"),
    gettext_lazy("fund"),
    gettext_lazy("campaign"),
    gettext_lazy("anonymous"),
    gettext_lazy("regular gift"),
    gettext_lazy("reference"),
]
# As a subquery: a join would have PostgreSQL group all columns of all gifts.
NET = Subquery(
    Entry.objects.filter(gift=OuterRef("pk"), currency=OuterRef("currency"))
    .order_by()
    .values("gift")
    .annotate(sum=Sum("amount"))
    .values("sum")
)


class FundFilter(SimpleListFilter):
    """By fund, closed ones too; or what may be used where it is needed."""

    title = gettext_lazy("fund")
    parameter_name = "fund"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        funds = [(str(each.pk), each.name) for each in Fund.objects.order_by("name")]
        return [*funds, ("none", gettext_lazy("without a fund"))] if funds else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if value == "none":
            return queryset.filter(fund=None)
        return queryset.filter(fund=value) if value.isdecimal() else queryset


class ExportPages(StaffAdmin):
    """A part of the pages of gifts."""

    def export_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="crm_gift_export")]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is filtered, as CSV."""
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied
        now = timezone.now()
        found = self.get_changelist_instance(request).get_queryset(request)
        filters = sorted(name for name, value in request.GET.items() if value)
        reader: Any = request.user
        audit.log("gifts.exported", reader, by=reader, at=now, filters=filters)
        name = f"{_('gifts')}-{local_day(now)}.csv"
        return StreamingHttpResponse(
            csv_lines(HEADS, lines(found)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def lines(gifts: QuerySet[Gift]) -> Iterator[list[Any]]:
    known = gifts.annotate(net=NET).select_related("supporter", "fund", "campaign", "plan")
    for gift in known.order_by(F("received_on").desc(nulls_first=True), "-pk").iterator(AT_A_TIME):
        yield line(gift)


def line(gift: Any) -> list[Any]:
    return [
        gift.received_on,
        local_day(gift.given_at),
        str(gift.supporter),
        gift.supporter.email,
        gift.get_kind_display(),
        gift.description,
        from_minor(gift.amount, gift.currency),
        "" if gift.net is None else from_minor(gift.net, gift.currency),
        gift.currency,
        gift.get_status_display(),
        gift.get_method_display(),
        gift.fund.name if gift.fund else "",
        str(gift.campaign or ""),
        _("yes") if gift.is_anonymous else "",
        gift.plan.get_interval_display() if gift.plan else "",
        gift.reference,
    ]
