"""Regular gifts: their list, the page of each, and what is asked of Stripe about it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations.models import Plan
from crm.staff.donations import Money
from crm.staff.gift_page import instructions_of
from crm.staff.orders import ORDERS, OrderPages, possible
from crm.staff.pages import money
from crm.staff.site import site

TONES = {"active": "good", "past_due": "bad"}
LAST = 12


@admin.register(Plan, site=site)
class PlanAdmin(OrderPages, Money):
    list_display = ("started_at", "who", "sum", "how_often", "state", "campaign", "ended_at")
    list_filter = ("status", "interval")
    ordering = ("-started_at", "-id")

    @display(description=gettext_lazy("how often"))
    def how_often(self, plan: Plan) -> str:
        return str(plan.get_interval_display())

    def get_urls(self) -> list[Any]:
        return [*self.order_urls(), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What was promised, what came of it, and what Stripe was asked."""
        plan = self.to_be_read(request, object_id, [])
        title = _("Regular gift of %(name)s") % {"name": plan.supporter}
        return self.page(request, "plan", title, plan=plan, **tell(plan, request.user))


def tell(plan: Plan, reader: Any) -> dict[str, Any]:
    """What the page shows, to a reader with certain rights."""
    orders = possible(plan) if reader.has_perm("crm.add_instruction") else []
    may_read = reader.has_perm("crm.view_instruction")
    return {
        "amount": money(plan.amount, plan.currency),
        "tone": TONES.get(plan.status, ""),
        "actions": [(f"crm_plan_{ORDERS[kind].name}", ORDERS[kind].title) for kind in orders],
        "instructions": instructions_of(plan) if may_read else [],
        "gifts": [
            {"gift": gift, "amount": money(gift.amount, gift.currency)}
            for gift in plan.gifts.order_by("-given_at", "-pk")[:LAST]
        ],
    }
