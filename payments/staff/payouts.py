"""Payouts with their lines, and what all lists of Stripe's books have in common."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext_lazy
from unfold.decorators import display

from crm.staff.pages import ReadOnly, money
from crm.staff.site import site
from payments.books import Difference, Payout
from payments.reconciliation.differences import readable

LINES = 200
TONES = {"paid": "success", "in_transit": "info", "pending": "info", "failed": "danger"}


class Books(ReadOnly):
    """Only to be read, by who sees money."""

    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")


def at_stripe(reference: str) -> str:
    """Return where Stripe's dashboard finds an object; the local Stripe has pages of its own."""
    object_id = reference.removeprefix("stripe:").partition(":")[0]
    if settings.STRIPE_API_BASE:
        return f"{settings.STRIPE_API_BASE}/_sandbox/objects/{object_id}"
    mode = "test/" if "_test_" in settings.STRIPE_SECRET_KEY else ""
    return f"https://dashboard.stripe.com/{mode}search?query={object_id}"


def payout_row(payout: Payout) -> dict[str, Any]:
    return {
        "payout": payout,
        "amount": money(payout.amount, payout.currency),
        "our_sum": money(payout.our_sum, payout.currency),
        "agrees": payout.our_sum == payout.amount,
    }


@admin.register(Payout, site=site)
class PayoutAdmin(Books):
    list_display = ("arrives_on", "sum", "how_it_stands", "ours", "line_on", "payout_id")
    list_filter = ("status",)
    list_select_related = ("bank_line",)
    ordering = ("-created_at", "-id")

    @display(description=gettext_lazy("amount"))
    def sum(self, payout: Payout) -> str:
        return money(payout.amount, payout.currency)

    @display(description=gettext_lazy("our sum"))
    def ours(self, payout: Payout) -> str:
        return money(payout.our_sum, payout.currency) or "–"

    @display(description=gettext_lazy("state"), label=TONES)
    def how_it_stands(self, payout: Payout) -> tuple[str, str]:
        return payout.status, payout.get_status_display()

    @display(description=gettext_lazy("on the bank statement of"))
    def line_on(self, payout: Payout) -> Any:
        return payout.bank_line.booked_on if payout.bank_line else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A payout with its lines, those that differ marked."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = Payout.objects.select_related("bank_line")
        payout = get_object_or_404(known, pk=object_id if object_id.isdecimal() else 0)
        return self.page(request, "payout", payout.payout_id, **contents(payout, request.GET))


def contents(payout: Payout, asked: Any) -> dict[str, Any]:
    lines = payout.lines.order_by("at", "pk")
    shown_lines = Paginator(lines, LINES).get_page(asked.get("page"))
    odd = dict(
        Difference.objects.open()
        .filter(
            kind=Difference.Kind.PAYOUT, reference__in=[line.transaction for line in shown_lines]
        )
        .values_list("reference", "ours")
    )
    language = get_language() or "fr"
    return {
        **payout_row(payout),
        "lines_sum": money(payout.lines_sum, payout.currency),
        "at_stripe": at_stripe(payout.payout_id),
        "lines_page": shown_lines,
        "lines": [
            {
                "line": line,
                "amount": money(line.amount, line.currency),
                "fee": money(line.fee, line.currency),
                "net": money(line.net, line.currency),
                "differs": line.transaction in odd,
                "ours": readable(odd.get(line.transaction, ""), language),
            }
            for line in shown_lines
        ],
    }
