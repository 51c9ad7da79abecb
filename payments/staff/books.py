"""Stripe and us: the last comparison, what differs, and the last payouts."""

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob
from unfold.decorators import display

from crm.staff.site import site
from payments import jobs
from payments.books import Difference, Payout, PayoutLine, Reconciliation
from payments.reconciliation.differences import readable
from payments.staff.payouts import Books, at_stripe, payout_row

Kind = Difference.Kind
SHOWN = 20
WHAT_TO_DO = {
    Kind.AMOUNT: gettext_lazy(
        "Put the gift beside the payment at Stripe. What Stripe booked is what reaches the bank."
    ),
    Kind.MISSING_HERE: gettext_lazy(
        "Stripe booked money that began on our form, and our books have no entry of it. "
        "Look the payment up at Stripe: were the donor's data erased here before it came?"
    ),
    Kind.MISSING_THERE: gettext_lazy(
        "Our books have something that Stripe knows nothing of. "
        "Do the keys belong to the account that took the payment?"
    ),
    Kind.STATE: gettext_lazy(
        "It could not be brought up to date; the log of the worker says why. "
        "It is tried again at every comparison."
    ),
    Kind.PAYOUT: gettext_lazy(
        "The payout brought another sum than our entries say. Its page marks the line."
    ),
    Kind.NOT_AT_THE_BANK: gettext_lazy(
        "Stripe says that this payout arrived, and the bank statements of those days do not show "
        "it. Was the statement of the right account uploaded? If so, ask Stripe to trace it."
    ),
}


class Shown(NamedTuple):
    """A difference as the page shows it."""

    row: Difference
    ours: str
    theirs: str
    what_to_do: Any
    payout_id: int | None
    at_stripe: str


def shown(differences: list[Difference]) -> list[Shown]:
    language = get_language() or "fr"
    names = [each.reference for each in differences]
    payouts = dict(
        PayoutLine.objects.filter(transaction__in=names).values_list("transaction", "payout_id")
    )
    payouts |= dict(Payout.objects.filter(payout_id__in=names).values_list("payout_id", "pk"))
    return [
        Shown(
            each,
            readable(each.ours, language),
            readable(each.theirs, language),
            WHAT_TO_DO[Kind(each.kind)],
            payouts.get(each.reference),
            at_stripe(each.reference),
        )
        for each in differences
    ]


@admin.register(Reconciliation, site=site)
class ReconciliationAdmin(Books):
    fields = (("since", "until"), "finished_at", ("events", "repaired", "differences"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show how we and Stripe stand; POST compares now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            jobs.reconcile_soon(now=timezone.now())
            messages.success(request, _("The comparison begins as soon as a worker is free."))
            return redirect("admin:payments_reconciliation_changelist")
        return self.page(request, "books", _("Stripe and us"), **overview())


def overview() -> dict[str, Any]:
    runs = list(Reconciliation.objects.order_by("-pk")[:5])
    still = Difference.objects.open().select_related("gift")
    payouts = Payout.objects.select_related("bank_line").order_by("-created_at", "-pk")
    return {
        "last": Reconciliation.objects.last_finished(),
        "is_running": is_running(),
        "stopped": runs[0] if runs and runs[0].finished_at is None else None,
        "runs": runs,
        "count": still.count(),
        "differences": shown(list(still.order_by("-first_seen_at", "kind", "reference")[:SHOWN])),
        "payouts": [payout_row(payout) for payout in payouts[:10]],
    }


def is_running() -> bool:
    waiting = ProcrastinateJob.objects.filter(task_name=jobs.reconcile.name)
    return waiting.filter(status__in=["todo", "doing"]).exists()


class OpenFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", gettext_lazy("open"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(resolved_at=None) if self.value() == "open" else queryset


@admin.register(Difference, site=site)
class DifferenceAdmin(Books):
    list_display = ("first_seen_at", "kind", "about", "our_side", "their_side", "resolved_at")
    list_filter = (OpenFilter, "kind")
    ordering = ("-first_seen_at", "-id")
    fields = (
        "kind",
        "reference",
        "to_do",
        ("our_side", "their_side"),
        "gift_link",
        ("first_seen_at", "last_seen_at", "resolved_at"),
    )
    readonly_fields = ("to_do", "our_side", "their_side", "gift_link")

    @display(description=gettext_lazy("what it is about"))
    def about(self, difference: Difference) -> str:
        return format_html('<span class="st-code">{}</span>', difference.reference)

    @display(description=gettext_lazy("our books"))
    def our_side(self, difference: Difference) -> str:
        return readable(difference.ours, get_language() or "fr") or "–"

    @display(description=gettext_lazy("Stripe's books"))
    def their_side(self, difference: Difference) -> str:
        return readable(difference.theirs, get_language() or "fr") or "–"

    @display(description=gettext_lazy("what to do"))
    def to_do(self, difference: Difference) -> Any:
        return WHAT_TO_DO[Kind(difference.kind)]

    @display(description=gettext_lazy("gift"))
    def gift_link(self, difference: Difference) -> str:
        if difference.gift_id is None:
            return "–"
        address = reverse("admin:crm_gift_change", args=[difference.gift_id])
        return format_html('<a href="{}" class="st-link">{}</a>', address, _("Open the gift"))
