"""What the page of a pledge tells: its state, and each part of it."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.donations.pledges import Instalment, Pledge
from crm.lib.periods import local_day
from crm.staff.pages import money
from crm.staff.pledge_forms import PledgeForm

WORDS = {
    "open": gettext_lazy("to come"),
    "late": gettext_lazy("late"),
    "fulfilled": gettext_lazy("fulfilled"),
    "cancelled": gettext_lazy("given up"),
}


def today() -> date:
    return local_day(timezone.now())


def planned(form: PledgeForm) -> dict[str, Any]:
    """The schedule that the answers make, to be looked at before it is saved."""
    parts = form.parts()
    return {
        "parts": [{"due_on": part.due_on, "amount": money(part.amount)} for part in parts],
        "total": money(sum(part.amount for part in parts)),
        "supporter": form.cleaned_data["supporter"],
    }


def state_of(pledge: Any) -> str:
    """Of a pledge with its sums."""
    if pledge.cancelled_at:
        return "cancelled"
    if not pledge.outstanding:
        return "fulfilled"
    return "late" if pledge.late_sum else "open"


def tell(pledge: Any, *, may_change: bool) -> dict[str, Any]:
    state = state_of(pledge)
    parts = pledge.instalments.select_related("gift").order_by("due_on", "pk")
    waiting = set(
        Instalment.objects.outstanding().filter(pledge=pledge).values_list("pk", flat=True)
    )
    return {
        "pledge": pledge,
        "amount": money(pledge.amount, pledge.currency),
        "came": money(pledge.came, pledge.currency),
        "outstanding": money(pledge.outstanding, pledge.currency),
        "state": WORDS[state],
        "tone": {"late": "bad", "cancelled": "bad", "fulfilled": "good"}.get(state, ""),
        "parts": [tell_part(part, pledge, part.pk in waiting) for part in parts],
        "may_change": may_change and state in ("open", "late"),
    }


def tell_part(part: Instalment, pledge: Pledge, is_outstanding: bool) -> dict[str, Any]:
    if is_outstanding:
        is_late = part.due_on < today()
        state, tone = (_("late"), "bad") if is_late else (_("to come"), "")
    elif part.gift is None:
        state, tone = _("given up"), ""
    else:
        state, tone = _("paid"), "good"
    return {
        "part": part,
        "amount": money(part.amount, pledge.currency),
        "state": state,
        "tone": tone,
        "is_outstanding": is_outstanding,
        "gift": money(part.gift.amount, part.gift.currency) if part.gift else "",
        "went_back": is_outstanding and part.gift is not None,
    }
