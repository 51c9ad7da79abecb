"""Matching gifts: what employers promised to add, and whether it came."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from crm.donations.credits import MatchingGift
from crm.donations.matching import (
    CannotMatch,
    answers_to,
    cancel_matching,
    receive_matching,
    totals,
)
from crm.donations.models import Gift
from crm.lib.periods import local_day
from crm.staff.gift_fields import chosen
from crm.staff.orders import is_confirmed
from crm.staff.pages import ReadOnly, money
from crm.staff.signatures import supporter_link
from crm.staff.site import site

STATES = {"received": "success", "waiting": "warning", "cancelled": "danger"}
MOST = 100  # of the employer's gifts, the newest


class AnswerForm(forms.Form):
    """By which gift an employer kept its promise."""

    gift = chosen(gettext_lazy("Gift of the employer"), Gift.objects.none())

    def __init__(self, *args: Any, gifts: QuerySet[Gift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = Gift.objects.filter(pk__in=gifts.values("pk")[:MOST])
        field: Any = self.fields["gift"]
        field.queryset = newest.order_by("-received_on", "-pk")
        field.required, field.label_from_instance = True, told


def told(gift: Gift) -> str:
    amount = money(gift.amount, gift.currency)
    return f"{gift.received_on:%d.%m.%Y}  {amount}  {gift.get_method_display()}"


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", gettext_lazy("expected")),
            ("received", gettext_lazy("has come")),
            ("cancelled", gettext_lazy("cancelled")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() == "waiting":
            return queryset.waiting()
        if self.value() == "received":
            return queryset.exclude(received=None)
        return queryset.exclude(cancelled_at=None) if self.value() == "cancelled" else queryset


@admin.register(MatchingGift, site=site)
class MatchingGiftAdmin(ReadOnly):
    list_display = ("who", "sum", "donor", "promised_on", "age", "state")
    list_filter = (StateFilter,)
    list_select_related = ("employer", "gift__supporter", "received")
    list_before_template = "staff/gift_matching_totals.html"
    ordering = ("-promised_on", "-id")
    sortable_by = ()

    @display(description=gettext_lazy("employer"))
    def who(self, matching: MatchingGift) -> str:
        return str(matching.employer)

    @display(description=gettext_lazy("expected"))
    def sum(self, matching: MatchingGift) -> str:
        return money(matching.amount, matching.currency)

    @display(description=gettext_lazy("matches a gift of"))
    def donor(self, matching: MatchingGift) -> str:
        return supporter_link(matching.gift.supporter)

    @display(description=gettext_lazy("has waited for"))
    def age(self, matching: MatchingGift) -> str:
        return age_of(matching)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, matching: MatchingGift) -> tuple[str, str]:
        return state_of(matching)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.cancel_view)
        return [
            path("<int:matching_id>/cancel/", view, name="crm_matchinggift_cancel"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        sums = [
            {
                "expected": money(each.expected, each.currency),
                "received": money(each.received, each.currency),
            }
            for each in totals()
        ]
        return super().changelist_view(request, {**(extra_context or {}), "totals": sums})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What an employer promised; and, while it waits, by which gift it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        matching = self.matching(int(object_id) if object_id.isdecimal() else 0)
        may_change = request.user.has_perm("crm.change_matchinggift")
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form = AnswerForm(request.POST or None, gifts=answers_to(matching))
        if form.is_valid() and self.received(request, matching, form):
            return redirect("admin:crm_matchinggift_change", matching.pk)
        title = _("Matching gift of %(name)s") % {"name": matching.employer}
        return self.page(
            request, "gift_matching", title, form=form, **tell(matching, may_change=may_change)
        )

    def matching(self, pk: int) -> MatchingGift:
        related = ("employer", "gift__supporter", "received")
        return get_object_or_404(MatchingGift.objects.select_related(*related), pk=pk)

    def received(self, request: HttpRequest, matching: MatchingGift, form: AnswerForm) -> bool:
        gift = form.cleaned_data["gift"]
        try:
            receive_matching(matching=matching, gift=gift, at=timezone.now(), by=request.user)
        except CannotMatch:
            form.add_error("gift", _("This gift cannot be the one that was promised."))
        else:
            messages.success(request, _("The matching gift was received."))
        return not form.errors

    def cancel_view(self, request: HttpRequest, matching_id: int) -> HttpResponse:
        """Wait no longer for an employer; ask first."""
        if not (
            self.has_view_permission(request) and request.user.has_perm("crm.change_matchinggift")
        ):
            raise PermissionDenied
        matching = self.matching(matching_id)
        back = reverse("admin:crm_matchinggift_change", args=[matching.pk])
        if is_confirmed(request):
            return self.cancelled(request, matching, back)
        question = _("Expect nothing more from %(name)s for this gift?")
        return self.page(
            request,
            "confirm",
            _("Cancel the matching gift"),
            question=question % {"name": matching.employer},
            submit=_("Expect it no longer"),
            back_url=back,
        )

    def cancelled(self, request: HttpRequest, matching: MatchingGift, back: str) -> HttpResponse:
        try:
            cancel_matching(matching=matching, at=timezone.now(), by=request.user)
        except CannotMatch:
            messages.error(request, _("It was received already."))
        else:
            messages.success(request, _("The matching gift is expected no longer."))
        return redirect(back)


def state_of(matching: MatchingGift) -> tuple[str, str]:
    if matching.received_id:
        return "received", _("has come")
    return ("cancelled", _("cancelled")) if matching.cancelled_at else ("waiting", _("expected"))


def age_of(matching: MatchingGift) -> str:
    """Since how many days we wait; nothing once we do not."""
    if state_of(matching)[0] != "waiting":
        return ""
    days = (local_day(timezone.now()) - matching.promised_on).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def tell(matching: MatchingGift, *, may_change: bool) -> dict[str, Any]:
    state, words = state_of(matching)
    record = f"{reverse('admin:crm_gift_add')}?answers={matching.pk}"
    return {
        "matching": matching,
        "amount": money(matching.amount, matching.currency),
        "gift_amount": money(matching.gift.amount, matching.gift.currency),
        "state": words,
        "tone": {"received": "good", "cancelled": "bad"}.get(state, ""),
        "age": age_of(matching),
        "is_waiting": state == "waiting" and may_change,
        "record_url": record,
    }
