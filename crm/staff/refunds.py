"""Giving money of a gift back: asked of Stripe, or written down when staff did it by hand."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.donations.by_hand import record_return
from crm.donations.instructions import CannotRefund, refund, refundable
from crm.donations.models import Gift
from crm.lib.periods import local_day
from crm.staff.amounts import AmountField
from crm.staff.forms import day, text
from crm.staff.gift_page import is_held_by_stripe, refund_words
from crm.staff.orders import OrderForm, in_currency, is_confirmed
from crm.staff.pages import StaffAdmin, money


class ReturnForm(OrderForm):
    """How much of a gift goes back to its donor."""

    amount = AmountField(label=gettext_lazy("Amount"))

    def __init__(self, *args: Any, gift: Gift, left: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gift, self.left, self.today = gift, left, today
        in_currency(self.fields["amount"], gift.currency)
        self.fields["amount"].help_text = self.at_most(left)

    def at_most(self, left: int) -> str:
        return _("At most %(amount)s can go back.") % {"amount": money(left, self.gift.currency)}

    def clean_amount(self) -> int:
        if self.cleaned_data["amount"] > self.left:
            raise forms.ValidationError(self.at_most(self.left))
        return self.cleaned_data["amount"]


class RecordReturnForm(ReturnForm):
    returned_on = day(gettext_lazy("Given back on"))

    def clean_returned_on(self) -> date:
        found = self.cleaned_data["returned_on"]
        if found > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        if self.gift.received_on and found < self.gift.received_on:
            raise forms.ValidationError(_("The gift had not come yet on that day."))
        return found


class RefundForm(ReturnForm):
    reason = text(
        gettext_lazy("Reason"),
        max_length=120,
        help_text=gettext_lazy("For us only; the donor is not told. Please name nobody."),
    )


class RefundPages(StaffAdmin):
    """A part of the pages of gifts."""

    def refund_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("<int:gift_id>/refund/", view, name="crm_gift_refund")]

    def refund_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """Have a gift refunded, or write down that it was; ask first."""
        if not (self.has_view_permission(request) and request.user.has_perm("crm.add_instruction")):
            raise PermissionDenied
        gift = get_object_or_404(Gift.objects.select_related("supporter"), pk=gift_id)
        form = self.refund_form(request, gift)
        if is_confirmed(request) and form.is_valid() and self.refunded(request, gift, form):
            return redirect("admin:crm_gift_change", gift.pk)
        return self.page(
            request,
            "order",
            refund_words(gift),
            form=form,
            question=self.refund_question(gift, form) if form.is_valid() else "",
            refusal="" if form.left else _("Nothing is left of this gift that could go back."),
            subtitle=gift.supporter,
            submit=refund_words(gift),
            is_grave=True,
            back_url=reverse("admin:crm_gift_change", args=[gift.pk]),
        )

    def refund_form(self, request: HttpRequest, gift: Gift) -> ReturnForm:
        today, left = local_day(timezone.now()), refundable(gift)
        initial = {"amount": left, "returned_on": today}
        form = RefundForm if is_held_by_stripe(gift) else RecordReturnForm
        return form(request.POST or None, initial=initial, gift=gift, left=left, today=today)

    def refund_question(self, gift: Gift, form: ReturnForm) -> str:
        told = {
            "amount": money(form.cleaned_data["amount"], gift.currency),
            "name": gift.supporter,
        }
        if is_held_by_stripe(gift):
            question = _("Give %(amount)s back to %(name)s? Stripe is asked at once.")
        else:
            question = _("Write down that %(amount)s went back to %(name)s? No money moves here.")
        return f"{question % told} {_('This cannot be undone here.')}"

    def refunded(self, request: HttpRequest, gift: Gift, form: ReturnForm) -> bool:
        order = refund if is_held_by_stripe(gift) else record_return
        try:
            order(gift=gift, at=timezone.now(), by=request.user, **form.cleaned_data)
        except CannotRefund as refusal:
            form.add_error("amount", form.at_most(refusal.left))
        else:
            messages.success(request, refund_told(gift))
        return not form.errors


def refund_told(gift: Gift) -> str:
    if is_held_by_stripe(gift):
        return _("Stripe is asked to give the money back. What it answers stands below.")
    return _("It is written down that the money went back.")
