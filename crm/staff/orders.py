"""What staff ask Stripe to do with regular gifts: change, pause, go on, end.

Each page asks twice: a form, then a question. What is asked waits for Stripe's answer.
"""

import uuid
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.donations.instructions import CannotInstruct, Instruction, instruct_plan
from crm.donations.models import Plan
from crm.lib.periods import local_day, noon
from crm.staff.amounts import AmountField
from crm.staff.forms import day, text
from crm.staff.gift_page import is_held_by_stripe
from crm.staff.pages import StaffAdmin, money

Kind = Instruction.Kind


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "yes"


def in_currency(field: Any, currency: str) -> None:
    """Have an amount read in its currency, and say which that is."""
    field.currency = currency
    field.label = f"{field.label} ({currency})"


class OrderForm(forms.Form):
    """What every order carries: its key, so that it is given once."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)


class AmountForm(OrderForm):
    amount = AmountField(label=gettext_lazy("New amount"))

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        in_currency(self.fields["amount"], plan.currency)

    def clean_amount(self) -> int:
        if self.cleaned_data["amount"] == self.plan.amount:
            raise forms.ValidationError(_("This is the amount already."))
        return self.cleaned_data["amount"]


class PlainForm(OrderForm):
    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan


class PauseForm(PlainForm):
    until = day(
        gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty: until somebody lets it go on."),
    )

    def clean_until(self) -> Any:
        found = self.cleaned_data["until"]
        if found is not None and found <= local_day(timezone.now()):
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return noon(found) if found else None


class CancelForm(PlainForm):
    reason = text(
        gettext_lazy("Reason"),
        max_length=120,
        help_text=gettext_lazy("If the donor told one. Please name nobody."),
    )


class Order(NamedTuple):
    name: str
    title: Any
    question: Any
    form: Any
    is_grave: bool = False


ORDERS = {
    Kind.CHANGE_AMOUNT: Order(
        "amount",
        gettext_lazy("Change the amount"),
        gettext_lazy("%(name)s gives %(amount)s from the next payment on. Is that agreed?"),
        AmountForm,
    ),
    Kind.PAUSE: Order(
        "pause",
        gettext_lazy("Pause"),
        gettext_lazy("Collect nothing from %(name)s for the time being?"),
        PauseForm,
    ),
    Kind.RESUME: Order(
        "resume",
        gettext_lazy("Go on"),
        gettext_lazy("Collect %(amount)s from %(name)s again, from the next date on?"),
        PlainForm,
    ),
    Kind.CANCEL: Order(
        "cancel",
        gettext_lazy("End"),
        gettext_lazy("End the regular gift of %(name)s now? It cannot be taken up again."),
        CancelForm,
        is_grave=True,
    ),
}
POSSIBLE = {
    Plan.Status.STARTING: [Kind.CANCEL],
    Plan.Status.ACTIVE: [Kind.CHANGE_AMOUNT, Kind.PAUSE, Kind.CANCEL],
    Plan.Status.PAST_DUE: [Kind.CHANGE_AMOUNT, Kind.PAUSE, Kind.CANCEL],
    Plan.Status.PAUSED: [Kind.CHANGE_AMOUNT, Kind.RESUME, Kind.CANCEL],
}


def possible(plan: Plan) -> list[Kind]:
    """What can be asked for a plan now; what waits for its answer is not asked again."""
    if not is_held_by_stripe(plan):
        return []
    waiting = set(
        plan.instructions.filter(state=Instruction.State.WAITING).values_list("kind", flat=True)
    )
    return [kind for kind in POSSIBLE.get(Plan.Status(plan.status), []) if kind not in waiting]


class OrderPages(StaffAdmin):
    """A part of the pages of regular gifts."""

    def order_urls(self) -> list[Any]:
        return [
            path(
                f"<int:plan_id>/{order.name}/",
                self.admin_site.admin_view(partial(self.order_view, kind=kind)),
                name=f"crm_plan_{order.name}",
            )
            for kind, order in ORDERS.items()
        ]

    def order_view(self, request: HttpRequest, plan_id: int, kind: Kind) -> HttpResponse:
        """Ask Stripe to do something with a regular gift; ask the reader first."""
        if not (self.has_view_permission(request) and request.user.has_perm("crm.add_instruction")):
            raise PermissionDenied
        plan = get_object_or_404(Plan.objects.select_related("supporter"), pk=plan_id)
        order = ORDERS[kind]
        form = order.form(request.POST or None, initial={"amount": plan.amount}, plan=plan)
        if is_confirmed(request) and form.is_valid() and self.ordered(request, plan, kind, form):
            return redirect("admin:crm_plan_change", plan.pk)
        return self.page(
            request,
            "order",
            order.title,
            form=form,
            question=order.question % told_of(plan, form) if asks_nothing(form) else "",
            refusal="" if kind in possible(plan) else _("This is not possible now."),
            subtitle=plan.supporter,
            submit=order.title,
            is_grave=order.is_grave,
            back_url=reverse("admin:crm_plan_change", args=[plan.pk]),
        )

    def ordered(self, request: HttpRequest, plan: Plan, kind: Kind, form: Any) -> bool:
        known = Instruction.objects.filter(public_id=form.cleaned_data["key"]).exists()
        if not known and kind not in possible(plan):
            return False
        try:
            instruct_plan(
                plan=plan, kind=kind, at=timezone.now(), by=request.user, **form.cleaned_data
            )
        except CannotInstruct:
            return False
        messages.success(request, _("Stripe is asked. What it answers stands below."))
        return True


def asks_nothing(form: Any) -> bool:
    """Whether all was answered, or there is nothing to fill in."""
    return form.is_valid() or not form.visible_fields()


def told_of(plan: Plan, form: Any) -> dict[str, Any]:
    amount = getattr(form, "cleaned_data", {}).get("amount", plan.amount)
    return {"name": plan.supporter, "amount": money(amount, plan.currency)}
