"""Gifts, monthly gifts, receipts, and writing down what came by hand."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.admin import TabularInline
from unfold.decorators import display

from crm.donations import receipts
from crm.donations.models import Entry, Gift, Plan
from crm.donations.operations import record_by_hand
from crm.donations.papers import Receipt
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.staff.forms import GiftForm
from crm.staff.pages import HOW_TO_SEARCH, ReadOnly, money
from crm.staff.signatures import CampaignFilter, supporter_link
from crm.staff.site import site

STATES = {
    "paid": "success",
    "processing": "warning",
    "failed": "danger",
    "active": "success",
    "starting": "info",
    "past_due": "danger",
}


class Money(ReadOnly):
    """What gifts and plans have in common: somebody, an amount, a state."""

    list_select_related = ("supporter", "campaign")
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
        found = Supporter.objects.search(search_term)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False


class EntryInline(TabularInline):
    model = Entry
    fields = ("at", "kind", "sum", "reference")
    readonly_fields = fields
    ordering = ("at", "pk")
    can_delete = False
    hide_title = True
    extra = max_num = 0
    verbose_name_plural = gettext_lazy("what became of the money")

    @display(description=gettext_lazy("amount"))
    def sum(self, entry: Entry) -> str:
        return money(entry.amount, entry.currency)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Gift, site=site)
class GiftAdmin(Money):
    list_display = ("given_at", "who", "sum", "state", "method", "campaign", "received_on")
    list_filter = ("status", "method", CampaignFilter)
    ordering = ("-given_at", "-id")
    inlines = (EntryInline,)
    fields = (
        "who",
        ("sum", "net"),
        ("status", "method"),
        "campaign",
        ("given_at", "received_on"),
        "receipt_link",
        "reference",
    )
    readonly_fields = ("who", "sum", "net", "receipt_link")

    @display(description=gettext_lazy("net"))
    def net(self, gift: Any) -> str:
        return money(gift.net, gift.currency)

    @display(description=gettext_lazy("receipt"))
    def receipt_link(self, gift: Gift) -> str:
        receipt = next((each for each in gift.receipts.all() if each.voided_at is None), None)
        if receipt is None:
            return "–"
        address = reverse("admin:crm_gift_receipt", args=[gift.pk])
        return format_html('<a href="{}" class="st-link">{} (PDF)</a>', address, receipt)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gift]:
        found: Any = super().get_queryset(request)
        return found if is_list(request) else found.with_sums().prefetch_related("receipts")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_gift")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.receipt_view)
        return [
            path("<int:gift_id>/receipt/", view, name="crm_gift_receipt"),
            *super().get_urls(),
        ]

    def receipt_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """The receipt, as the donor got it."""
        if not request.user.has_perms(["crm.view_receipt", "crm.view_gift"]):
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
        """Write down cash or a transfer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = GiftForm(request.POST or None, initial=first_values(request), today=local_day(now))
        if form.is_valid():
            gift = record_by_hand(**form.cleaned_data, at=now, by=request.user)
            told = _("%(amount)s recorded.") % {"amount": money(gift.amount, gift.currency)}
            messages.success(request, told)
            return redirect("admin:crm_supporter_change", gift.supporter_id)
        back = reverse("admin:crm_gift_changelist")
        return self.page(request, "form", _("Record a gift"), form=form, back_url=back)


def is_list(request: HttpRequest) -> bool:
    return bool(request.resolver_match and request.resolver_match.url_name == "crm_gift_changelist")


def first_values(request: HttpRequest) -> dict[str, Any]:
    """What the form for a gift begins with."""
    return {
        "supporter": request.GET.get("supporter"),
        "language": get_language(),
        "received_on": local_day(timezone.now()),
    }


@admin.register(Plan, site=site)
class PlanAdmin(Money):
    list_display = ("started_at", "who", "sum", "state", "campaign", "ended_at")
    list_filter = ("status",)
    ordering = ("-started_at", "-id")
    fields = ("who", "sum", "status", "campaign", ("started_at", "ended_at"), "reference")
    readonly_fields = ("who", "sum")
