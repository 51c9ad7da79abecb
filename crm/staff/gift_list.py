"""Narrowing the list of gifts."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm.donations.models import Fund


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
