"""Payments under way and those that came to nothing: as much of them as was consented to.

Whoever leaves the payment page has given nothing, and agreed to nothing: staff see how much, for
what and when, never who. A name appears once money comes, or where the donor is known already.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.staff.pages import ReadOnly, money
from crm.staff.signatures import supporter_link
from crm.staff.site import site
from payments import checkouts
from payments.models import Checkout

STATES = {
    "open": "info",
    "paid": "success",
    "processing": "warning",
    "declined": "danger",
    "failed": "danger",
    "expired": "default",
}


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("under_way", gettext_lazy("on the payment page")),
            ("abandoned", gettext_lazy("abandoned")),
            ("declined", gettext_lazy("declined or failed")),
            ("processing", gettext_lazy("being processed")),
            ("paid", gettext_lazy("paid")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        wanted = {
            "under_way": checkouts.under_way(now),
            "abandoned": checkouts.abandoned(now),
            "declined": Q(state__in=checkouts.DECLINED),
            "processing": Q(state=Checkout.State.PROCESSING),
            "paid": Q(state=Checkout.State.PAID),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Checkout, site=site)
class CheckoutAdmin(ReadOnly):
    list_display = ("started_at", "sum", "frequency", "stand", "campaign", "source", "donor")
    list_filter = (StateFilter, "frequency")
    list_select_related = ("campaign", "source", "supporter")
    list_before_template = "staff/checkouts.html"
    ordering = ("-started_at", "-id")
    sortable_by = ()
    fields = (
        "donor",
        ("sum", "frequency"),
        "stand",
        ("campaign", "source"),
        "started_at",
        "session_id",
    )
    readonly_fields = ("donor", "sum", "stand", "session_id")

    @display(description=gettext_lazy("donor"))
    def donor(self, checkout: Checkout) -> str:
        return supporter_link(checkout.supporter) if checkout.supporter else "–"

    @display(description=gettext_lazy("amount"))
    def sum(self, checkout: Checkout) -> str:
        return money(checkout.amount, checkout.currency)

    @display(description=gettext_lazy("state"), label=STATES)
    def stand(self, checkout: Checkout) -> tuple[str, str]:
        if checkouts.is_abandoned(checkout, timezone.now()):
            return "expired", _("abandoned")
        return checkout.state, checkout.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkout]:
        return super().get_queryset(request).prefetch_related("campaign__texts")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        counted = checkouts.counts(at=timezone.now())
        return super().changelist_view(request, {**(extra_context or {}), "counted": counted})
