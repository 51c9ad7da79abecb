"""Gifts: their list, the page of each, and writing down what came by hand."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from crm.donations import receipts
from crm.donations.by_hand import record_by_hand
from crm.donations.credits import MatchingGift
from crm.donations.models import Gift
from crm.donations.papers import Receipt
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.staff import gift_page
from crm.staff.credits import CorrectionPages
from crm.staff.exports import ExportsList
from crm.staff.forms import told_supporter
from crm.staff.gift_forms import GiftForm
from crm.staff.gift_list import FundFilter
from crm.staff.pages import HOW_TO_SEARCH, ReadOnly, money
from crm.staff.refunds import RefundPages
from crm.staff.signatures import CampaignFilter, supporter_link
from crm.staff.site import site

STATES = {
    "paid": "success",
    "processing": "warning",
    "failed": "danger",
    "active": "success",
    "starting": "info",
    "past_due": "danger",
    "paused": "warning",
}


class Money(ReadOnly):
    """What gifts and plans have in common: somebody, an amount, a state."""

    list_select_related: tuple[str, ...] = ("supporter", "campaign")
    sortable_by = ()
    search_fields = ("reference",)  # see get_search_results
    search_help_text = HOW_TO_SEARCH

    @display(description=gettext_lazy("supporter"))
    def who(self, row: Any) -> str:
        return supporter_link(row.supporter)

    @display(description=gettext_lazy("amount"))
    def sum(self, row: Any) -> str:
        return money(row.amount, row.currency)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, row: Any) -> tuple[str, str]:
        return row.status, row.get_status_display()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("campaign__texts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def to_be_read(self, request: HttpRequest, object_id: str, related: list[str]) -> Any:
        """The record of a page that is only read."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        known = self.get_queryset(request).select_related("supporter", "campaign", *related)
        return get_object_or_404(known, pk=object_id if object_id.isdecimal() else 0)


@admin.register(Gift, site=site)
class GiftAdmin(CorrectionPages, RefundPages, ExportsList, Money):
    list_display = ("given_at", "who", "sum", "what", "state", "method", "campaign", "received_on")
    list_filter = ("status", "kind", "method", FundFilter, CampaignFilter, "is_anonymous")
    exports = "gifts"
    list_select_related = ("supporter", "campaign", "fund")
    ordering = ("-given_at", "-id")

    @display(description=gettext_lazy("what"))
    def what(self, gift: Gift) -> str:
        """What sets a gift apart: it is no money, or for one purpose."""
        kind = gift.get_kind_display() if gift.kind != Gift.Kind.MONEY else ""
        return ", ".join(filter(None, [kind, gift.fund.name if gift.fund else ""])) or "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_gift")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.receipt_view)
        return [
            path("<int:gift_id>/receipt/", view, name="crm_gift_receipt"),
            *self.refund_urls(),
            *self.correction_urls(),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What a gift is, what became of its money, and what belongs to it."""
        gift = self.to_be_read(request, object_id, ["fund", "plan"])
        gift.net = Gift.objects.with_sums().values_list("net", flat=True).get(pk=gift.pk)
        told = gift_page.tell(gift, request.user)
        title = _("Gift of %(name)s") % {"name": gift.supporter}
        return self.page(request, "gift", title, **told)

    def receipt_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """The receipt, as the donor got it."""
        if not request.user.has_perms(["crm.view_receipt", "crm.view_gift", "crm.see_money"]):
            raise PermissionDenied
        receipt = get_object_or_404(
            Receipt.objects.valid().select_related("gift__supporter", "gift__campaign"),
            gift=gift_id,
        )
        disposition = {"Content-Disposition": f'inline; filename="{receipt}.pdf"'}
        return HttpResponse(
            receipts.pdf(receipt), content_type="application/pdf", headers=disposition
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write down a gift that came by hand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        initial, today = first_values(request), local_day(now)
        form = GiftForm(request.POST or None, initial=initial, today=today, user=request.user)
        if form.is_valid():
            gift = record_by_hand(**form.recording(), at=now, by=request.user)
            told = _("%(amount)s recorded.") % {"amount": money(gift.amount, gift.currency)}
            messages.success(request, told)
            return redirect("admin:crm_supporter_change", gift.supporter_id)
        back = reverse("admin:crm_gift_changelist")
        return self.page(request, "gift_form", _("Record a gift"), form=form, back_url=back)


def first_values(request: HttpRequest) -> dict[str, Any]:
    """What the form for a gift begins with; who comes from a matching gift pays that."""
    values = {
        "supporter": told_supporter(request),
        "language": get_language(),
        "notify_language": get_language(),
        "country": "BE",
        "received_on": local_day(timezone.now()),
    }
    wanted = request.GET.get("answers", "")
    answers = MatchingGift.objects.waiting().filter(pk=wanted if wanted.isdecimal() else 0).first()
    if answers is not None:
        values |= {"answers": answers.pk, "supporter": answers.employer_id}
        values |= {"amount": answers.amount}
    return values
