"""Lists the staff pages of payments, and the health of the connection to Stripe."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from crm.staff.pages import ReadOnly
from crm.staff.site import site
from payments.models import StripeEvent
from payments.staff import bank, bank_lines, books, checkouts, shield

STAFF_PAGES = [
    bank,
    bank_lines,
    books,
    checkouts,
    shield,
]  # imported so that they register themselves

LATE = timedelta(minutes=10)  # a signal that waits longer needs somebody to look


class HandledFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", gettext_lazy("has waited for more than ten minutes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "late":
            return queryset
        return queryset.filter(handled_at=None, received_at__lt=timezone.now() - LATE)


@admin.register(StripeEvent, site=site)
class StripeEventAdmin(ReadOnly):
    list_display = ("received_at", "type", "object_id", "handled_at")
    list_filter = (HandledFilter,)
    ordering = ("-pk",)
    sortable_by = ()
    list_before_template = "staff/signals.html"
    fields = ("event_id", "type", "object_id", "created_at", "received_at", "handled_at")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        waiting = StripeEvent.objects.filter(handled_at=None)
        since = timezone.now() - LATE
        health = {
            "late": waiting.filter(received_at__lt=since).count(),
            "waiting": waiting.filter(received_at__gte=since).count(),
            "last": StripeEvent.objects.order_by("-pk").first(),
        }
        return super().changelist_view(request, {**(extra_context or {}), **health})
