"""Receipts: found, downloaded as duplicates, and made for a whole year."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations import receipts
from crm.donations.models import Gift
from crm.donations.papers import Receipt
from crm.people.models import Supporter
from crm.staff.exports import ExportsList
from crm.staff.pages import ReadOnly, money
from crm.staff.signatures import supporter_link
from crm.staff.site import site

NUMBER = re.compile(r"(?P<year>20\d\d)-0*(?P<number>\d{1,6})")
STATES = {"valid": "success", "void": "danger"}


class ValidFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("valid", gettext_lazy("valid")), ("void", gettext_lazy("void"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "valid":
            return queryset.filter(voided_at=None)
        return queryset.exclude(voided_at=None) if self.value() == "void" else queryset


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=1900, max_value=2100)
    currency = forms.CharField(min_length=3, max_length=3)
    send = forms.BooleanField(required=False)


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@admin.register(Receipt, site=site)
class ReceiptAdmin(ExportsList, ReadOnly):
    exports = "receipts"
    list_display = ("full_number", "who", "sum", "about", "issued_at", "state", "duplicate")
    list_filter = (ValidFilter, "language")
    list_select_related = ("supporter", "gift")
    ordering = ("-year", "-number")
    sortable_by = ()
    search_fields = ("donor_name",)  # see get_search_results
    search_help_text = gettext_lazy("Number, name, e-mail or postcode")
    fields = (
        "donor_name",
        "who",
        "sum",
        "about",
        ("issued_at", "voided_at"),
        ("earlier", "later"),
        "duplicate",
    )
    readonly_fields = ("who", "sum", "about", "earlier", "later", "duplicate")

    @display(description=gettext_lazy("number"))
    def full_number(self, receipt: Receipt) -> str:
        return str(receipt)

    @display(description=gettext_lazy("supporter"))
    def who(self, receipt: Receipt) -> str:
        return supporter_link(receipt.supporter)

    @display(description=gettext_lazy("amount"))
    def sum(self, receipt: Receipt) -> str:
        return money(receipt.amount, receipt.currency)

    @display(description=gettext_lazy("for"))
    def about(self, receipt: Receipt) -> str:
        if receipt.gift is None or receipt.gift.received_on is None:
            return _("the year %(year)s") % {"year": receipt.of_year}
        address = reverse("admin:crm_gift_change", args=[receipt.gift.pk])
        day = date_format(receipt.gift.received_on, "SHORT_DATE_FORMAT")
        words = _("the gift of %(day)s") % {"day": day}
        return format_html('<a href="{}" class="st-link">{}</a>', address, words)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, receipt: Receipt) -> tuple[str, str]:
        return ("void", _("void")) if receipt.voided_at else ("valid", _("valid"))

    @display(description=gettext_lazy("PDF"))
    def duplicate(self, receipt: Receipt) -> str:
        address = reverse("admin:crm_receipt_pdf", args=[receipt.pk])
        words = _("void") if receipt.voided_at else _("duplicate")
        return format_html('<a href="{}" class="st-link">{} (PDF)</a>', address, words)

    @display(description=gettext_lazy("replaces"))
    def earlier(self, receipt: Receipt) -> str:
        return receipt_link(receipt.replaces) if receipt.replaces else "–"

    @display(description=gettext_lazy("replaced by"))
    def later(self, receipt: Receipt) -> str:
        newer = Receipt.objects.filter(replaces=receipt).first()
        return receipt_link(newer) if newer else "–"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if named := NUMBER.fullmatch(search_term.strip()):
            return queryset.filter(**named.groupdict()), False
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:receipt_id>/pdf/", wrap(self.pdf_view), name="crm_receipt_pdf"),
            path("of/<int:supporter_id>/", wrap(self.years_view), name="crm_supporter_receipts"),
            *super().get_urls(),
        ]

    def pdf_view(self, request: HttpRequest, receipt_id: int) -> HttpResponse:
        """A receipt once more, marked as a duplicate; or as it was first given, when asked so."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        receipt = get_object_or_404(
            Receipt.objects.select_related("supporter", "gift__campaign", "gift__fund", "replaces"),
            pk=receipt_id,
        )
        is_first = "original" in request.GET
        return pdf_answer(receipts.pdf(receipt, duplicate=not is_first), str(receipt))

    def years_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """What somebody gave year by year, and the receipts of these years."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter.objects.current(), pk=supporter_id)
        if request.method == "POST":
            self.issue(request, supporter)
            return redirect("admin:crm_supporter_receipts", supporter.pk)
        context = {"supporter": supporter, "years": years_of(supporter)}
        may_issue = request.user.has_perm("crm.add_receipt")
        title = _("Receipts of a year")
        return self.page(request, "supporter_receipts", title, may_issue=may_issue, **context)

    def issue(self, request: HttpRequest, supporter: Supporter) -> None:
        form = YearForm(request.POST)
        if not request.user.has_perm("crm.add_receipt"):
            raise PermissionDenied
        if not form.is_valid():
            messages.error(request, _("No year was chosen."))
            return
        try:
            receipt = receipts.issue_for_year(
                supporter=supporter, at=timezone.now(), **form.cleaned_data
            )
        except receipts.NothingGiven:
            messages.error(request, _("Nothing was given in this year, or all of it went back."))
            return
        sent, made = _("Receipt %(number)s is being sent."), _("Receipt %(number)s is ready.")
        told = sent if form.cleaned_data["send"] else made
        messages.success(request, told % {"number": receipt})


def receipt_link(receipt: Receipt) -> str:
    address = reverse("admin:crm_receipt_change", args=[receipt.pk])
    return format_html('<a href="{}" class="st-link">{}</a>', address, receipt)


def years_of(supporter: Supporter) -> list[dict[str, Any]]:
    """Return what somebody gave in each year and currency, with the receipt that holds."""
    known = Receipt.objects.valid().filter(supporter=supporter).exclude(of_year=None)
    valid = {(receipt.of_year, receipt.currency): receipt for receipt in known}
    gifts = Gift.objects.of_money().filter(supporter=supporter).with_kept().filter(kept__gt=0)
    sums = gifts.values_list("received_on__year", "currency").annotate(Sum("kept"), Count("pk"))
    return [
        {
            "year": year,
            "currency": currency,
            "amount": money(amount, currency),
            "gifts": number,
            "receipt": valid.get((year, currency)),
        }
        for year, currency, amount, number in sums.order_by("-received_on__year", "currency")
    ]
