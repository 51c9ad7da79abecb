"""Funds: purposes that money is kept apart for, and what came into each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations.funds import Sums, sums_of
from crm.donations.models import Fund
from crm.staff.pages import StaffAdmin, money
from crm.staff.site import site


@admin.register(Fund, site=site)
class FundAdmin(StaffAdmin):
    list_display = ("name", "received", "returned", "fees", "net", "is_open")
    list_filter = ("is_open",)
    ordering = ("-is_open", "name")
    sortable_by = ()
    search_fields = ("name", "code")
    fields = ("name", "code", "purpose", "is_open")
    sums = ("received", "returned", "fees", "net", "gifts")

    @display(description=gettext_lazy("amount received"))
    def received(self, fund: Fund) -> str:
        return written(fund, "received")

    @display(description=gettext_lazy("went back"))
    def returned(self, fund: Fund) -> str:
        return written(fund, "returned")

    @display(description=gettext_lazy("fees"))
    def fees(self, fund: Fund) -> str:
        return written(fund, "fees")

    @display(description=gettext_lazy("net"))
    def net(self, fund: Fund) -> str:
        return written(fund, "net")

    @display(description=gettext_lazy("gifts"))
    def gifts(self, fund: Fund) -> str:
        address = f"{reverse('admin:crm_gift_changelist')}?fund={fund.pk}"
        words = gettext_lazy("Gifts to this fund")
        return format_html('<a href="{}" class="st-link">{}</a>', address, words)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Add the sums of the page's funds, in one query."""
        changelist = super().get_changelist_instance(request)
        funds = list(changelist.result_list)
        found = sums_of([fund.pk for fund in funds])
        for fund in funds:
            fund.sums = found.get(fund.pk, [])
        changelist.result_list = funds
        return changelist

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.fields, *self.sums) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.sums, "code") if obj else self.sums

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"code": ("name",)}


def written(fund: Any, name: str) -> str:
    """Return one of a fund's sums, in each currency that came."""
    known: list[Sums] | None = getattr(fund, "sums", None)
    if known is None:
        known = fund.sums = sums_of([fund.pk]).get(fund.pk, [])
    return "; ".join(money(getattr(sums, name), sums.currency) for sums in known) or "–"
