"""What a subscription at Stripe writes into the CRM, and that there is one where one was meant."""

from datetime import datetime, timedelta
from typing import Any

from procrastinate.contrib.django import app

from crm.donations.models import Plan
from crm.donations.operations import record_plan
from crm.people.models import Supporter
from payments import alerts
from payments.models import Checkout
from payments.objects import Promise

UNDER_WAY = {"active", "past_due", "paused"}
MONEY_COMES = {"paid", "processing"}
PAGE_LIVES = timedelta(days=1)
EXPIRE = "payments.expire_session"


def keep(
    checkout: Checkout, supporter: Supporter, promise: Promise, status: str, *, at: datetime
) -> Plan | None:
    """Write the plan down, unless it never began; `status` is that of the payment it is kept for.

    Staff are told when its donor has another one.
    """
    reference = f"stripe:{promise.id}"
    is_known = Plan.objects.filter(reference=reference).exists()
    began = promise.status in UNDER_WAY or status in MONEY_COMES
    if not began and not is_known:
        return None
    plan = record_plan(
        reference=reference,
        supporter=supporter,
        amount=promise.amount,
        currency=promise.currency,
        interval=promise.interval,
        status=promise.status,
        started_at=promise.started_at,
        campaign=checkout.campaign,
        source=checkout.source,
        at=at,
        **changing(promise),
    )
    # Writing the plan has changed the supporter, so that two first plans wait for each other.
    if not is_known and supporter.plans.unended().exclude(pk=plan.pk).exists():
        alerts.tell_of_two_plans(supporter=supporter, at=at)
    return plan


def changing(promise: Promise) -> dict[str, Any]:
    """Return what may become another in time, as far as Stripe told it."""
    names = ("next_at", "resumes_at", "cancels_at", "ended_at")
    told = {name: getattr(promise, name) for name in names}
    return told | ({"method": promise.method} if promise.method else {})


def close_other_pages(checkout: Checkout) -> None:
    """Queue that older pages of the same donor for a regular gift close, so that one is paid."""
    older = Checkout.objects.filter(
        email=checkout.email,
        state__in=[Checkout.State.OPEN, Checkout.State.DECLINED],
        started_at__gt=checkout.started_at - PAGE_LIVES,
    ).exclude(session_id="")
    others = older.exclude(frequency=Checkout.Frequency.ONCE).exclude(pk=checkout.pk)
    for session_id in others.values_list("session_id", flat=True):
        app.configure_task(EXPIRE, queue="payments").defer(session_id=session_id)
