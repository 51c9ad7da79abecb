"""Payments under way, and the health of the connection to Stripe: only to be read."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.staff.pages import ReadOnly, money
from crm.staff.site import site
from payments.models import Checkout, StripeEvent

LATE = timedelta(minutes=10)  # a signal that waits longer needs somebody to look
STATES = {"paid": "success", "processing": "warning", "declined": "danger", "failed": "danger"}


@admin.register(Checkout, site=site)
class CheckoutAdmin(ReadOnly):
    list_display = ("started_at", "donor", "sum", "frequency", "how_it_stands", "campaign")
    list_filter = ("state", "frequency")
    list_select_related = ("campaign",)
    ordering = ("-started_at", "-id")
    sortable_by = ()
    fields = (
        "donor",
        "email",
        ("sum", "frequency"),
        "state",
        "campaign",
        "started_at",
        "session_id",
    )
    readonly_fields = ("donor", "sum", "session_id")

    @display(description=gettext_lazy("donor"))
    def donor(self, checkout: Checkout) -> str:
        return f"{checkout.given_name} {checkout.family_name}".strip() or checkout.email

    @display(description=gettext_lazy("amount"))
    def sum(self, checkout: Checkout) -> str:
        return money(checkout.amount, checkout.currency)

    @display(description=gettext_lazy("state"), label=STATES)
    def how_it_stands(self, checkout: Checkout) -> tuple[str, str]:
        return checkout.state, checkout.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkout]:
        return super().get_queryset(request).prefetch_related("campaign__texts")


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
