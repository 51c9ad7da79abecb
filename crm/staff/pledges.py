"""Pledges: what was promised in parts, what came of it, and what is late."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations.pledges import Instalment, Pledge
from crm.donations.promises import (
    CannotPay,
    NothingLeft,
    give_up,
    pay_instalment,
    payers,
    promise,
    record_payment,
    totals,
)
from crm.people.models import Supporter
from crm.staff.forms import told_supporter
from crm.staff.orders import is_confirmed
from crm.staff.pages import HOW_TO_SEARCH, ReadOnly, money
from crm.staff.pledge_forms import KnownGiftForm, PaymentForm, PledgeForm
from crm.staff.pledge_page import WORDS, planned, state_of, tell, today
from crm.staff.site import site

STATES = {"open": "info", "late": "danger", "fulfilled": "success", "cancelled": "warning"}


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WORDS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        wanted = {
            "open": queryset.still_open,
            "late": lambda: queryset.late(today()),
            "fulfilled": queryset.fulfilled,
            "cancelled": queryset.cancelled,
        }.get(self.value() or "")
        return wanted() if wanted else queryset


@admin.register(Pledge, site=site)
class PledgeAdmin(ReadOnly):
    list_display = ("who", "sum", "came", "outstanding", "next_on", "promised_on", "state")
    list_filter = (StateFilter,)
    list_select_related = ("supporter",)
    list_before_template = "staff/pledge_totals.html"
    ordering = ("-promised_on", "-id")
    sortable_by = ()
    search_fields = ("note",)  # asked for by Django; get_search_results does the work
    search_help_text = HOW_TO_SEARCH

    @display(description=gettext_lazy("supporter"))
    def who(self, pledge: Pledge) -> str:
        return str(pledge.supporter)

    @display(description=gettext_lazy("total"))
    def sum(self, pledge: Pledge) -> str:
        return money(pledge.amount, pledge.currency)

    @display(description=gettext_lazy("amount received"))
    def came(self, pledge: Any) -> str:
        return money(pledge.came, pledge.currency)

    @display(description=gettext_lazy("outstanding"))
    def outstanding(self, pledge: Any) -> str:
        return money(pledge.outstanding, pledge.currency)

    @display(description=gettext_lazy("next on"))
    def next_on(self, pledge: Any) -> date | None:
        return pledge.next_on

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, pledge: Any) -> tuple[str, Any]:
        return state_of(pledge), WORDS[state_of(pledge)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_sums(today())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_pledge")

    def may_change(self, request: HttpRequest) -> bool:
        rights = ["crm.change_pledge", "crm.add_gift"]
        return self.has_view_permission(request) and request.user.has_perms(rights)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pledge_id>/pay/", wrap(self.pay_view), name="crm_pledge_pay"),
            path("<int:pledge_id>/give-up/", wrap(self.give_up_view), name="crm_pledge_give_up"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        sums = [
            {
                "outstanding": money(each.outstanding, each.currency),
                "late": money(each.late, each.currency) if each.late else "",
            }
            for each in totals(today())
        ]
        return super().changelist_view(request, {**(extra_context or {}), "totals": sums})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write down a pledge; its schedule is shown before it is saved."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PledgeForm(request.POST or None, initial=first_values(request), today=today())
        is_valid = form.is_valid()
        if is_valid and is_confirmed(request):
            pledge = promise(**form.promised(), at=timezone.now(), by=request.user)
            messages.success(request, _("The pledge is written down."))
            return redirect("admin:crm_pledge_change", pledge.pk)
        told = planned(form) if is_valid and "change" not in request.POST else {}
        back = reverse("admin:crm_pledge_changelist")
        title = _("New pledge")
        return self.page(request, "pledge_form", title, form=form, back_url=back, **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What was promised, part by part, and what came."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        pledge = self.pledge(request, int(object_id) if object_id.isdecimal() else 0)
        title = _("Pledge of %(name)s") % {"name": pledge.supporter}
        told = tell(pledge, may_change=self.may_change(request))
        return self.page(request, "pledge", title, **told)

    def pledge(self, request: HttpRequest, pk: int) -> Any:
        related = ("supporter", "campaign", "fund")
        return get_object_or_404(self.get_queryset(request).select_related(*related), pk=pk)

    def pay_view(self, request: HttpRequest, pledge_id: int) -> HttpResponse:
        """A part of a pledge came: write the gift down, or say which one it is."""
        if not self.may_change(request):
            raise PermissionDenied
        pledge = self.pledge(request, pledge_id)
        part = part_to_pay(pledge, request.GET.get("part", ""))
        if part is None:
            messages.info(request, _("Nothing of this is outstanding."))
            return redirect("admin:crm_pledge_change", pledge.pk)
        payment, known = payment_forms(request, part)
        if self.paid(request, part, payment, known):
            messages.success(request, _("The instalment is paid."))
            return redirect("admin:crm_pledge_change", pledge.pk)
        title = _("Payment of %(name)s") % {"name": pledge.supporter}
        told = {"payment": payment, "known": known, "pledge": pledge, "part": part}
        amount = money(part.amount, pledge.currency)
        return self.page(request, "pledge_pay", title, amount=amount, **told)

    def paid(self, request: HttpRequest, part: Instalment, payment: Any, known: Any) -> bool:
        now, user = timezone.now(), request.user
        try:
            if payment.is_valid():
                record_payment(instalment=part, at=now, by=user, **payment.cleaned_data)
                return True
            if known.is_valid():
                gift = known.cleaned_data["gift"]
                pay_instalment(instalment=part, gift=gift, at=now, by=user)
                return True
        except CannotPay:
            messages.error(request, _("Somebody else was faster. Nothing was changed."))
        return False

    def give_up_view(self, request: HttpRequest, pledge_id: int) -> HttpResponse:
        """Expect nothing more of a pledge; ask first."""
        if not self.may_change(request):
            raise PermissionDenied
        pledge = self.pledge(request, pledge_id)
        if is_confirmed(request):
            return self.given_up(request, pledge)
        question = _("Expect the %(amount)s that are outstanding no longer? What came stays.")
        return self.page(
            request,
            "confirm",
            _("Give up the rest"),
            question=question % {"amount": money(pledge.outstanding, pledge.currency)},
            submit=_("Give up the rest"),
            back_url=reverse("admin:crm_pledge_change", args=[pledge.pk]),
        )

    def given_up(self, request: HttpRequest, pledge: Pledge) -> HttpResponse:
        try:
            give_up(pledge=pledge, at=timezone.now(), by=request.user)
        except NothingLeft:
            messages.error(request, _("Nothing of this is outstanding."))
        else:
            messages.success(request, _("The rest is expected no longer."))
        return redirect("admin:crm_pledge_change", pledge.pk)


def first_values(request: HttpRequest) -> dict[str, Any]:
    day = today()
    return {"supporter": told_supporter(request), "promised_on": day, "first_on": day}


def part_to_pay(pledge: Pledge, wanted: str) -> Instalment | None:
    """The part that was chosen, or the next one; none where it is paid or given up."""
    parts = (
        Instalment.objects.outstanding()
        .filter(pledge=pledge)
        .select_related("pledge__supporter", "pledge__campaign", "pledge__fund")
    )
    if wanted:
        parts = parts.filter(pk=int(wanted) if wanted.isdecimal() else 0)
    return parts.order_by("due_on", "pk").first()


def payment_forms(request: HttpRequest, part: Instalment) -> tuple[PaymentForm, KnownGiftForm]:
    """Both forms; only the one that was sent is filled in."""
    sent = request.POST if request.method == "POST" else {}
    initial = {"amount": part.amount, "received_on": today(), "method": "bank_transfer"}
    payment = PaymentForm(sent if "key" in sent else None, initial=initial, today=today())
    known = KnownGiftForm(sent if "gift" in sent else None, gifts=payers(part))
    return payment, known
