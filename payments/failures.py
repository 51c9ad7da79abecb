"""A regular gift that could not be collected: its donor is told, once for each try."""

from datetime import datetime

from babel.dates import format_date
from django.urls import reverse
from django.utils import translation

from crm.donations.models import Gift, Plan
from crm.lib import tokens
from crm.lib.money import LOCALES, format_money
from crm.lib.periods import local_day
from crm.mailing import outbox
from payments.objects import Payment, Promise


def tell(*, gift: Gift, payment: Payment, promise: Promise, at: datetime) -> None:
    """Write to the donor of a renewal that failed, unless the plan was given up.

    Whom a card is refused on the payment page sees it there.
    """
    attempt, donor, plan = payment.attempt, gift.supporter, gift.plan
    if attempt is None or plan is None or promise.was_cancelled or not donor.email:
        return
    language = donor.language
    again_at = attempt.again_at if promise.status != Plan.Status.ENDED else None
    outbox.queue(
        "payment_failed",
        key=f"payment_failed:{attempt.invoice_id}:{attempt.number}",
        to=donor,
        language=language,
        at=at,
        context={
            "amount": format_money(gift.amount, gift.currency, language),
            "interval": plan.interval,
            "again_on": written_day(again_at, language) if again_at else "",
            "has_ended": promise.status == Plan.Status.ENDED,
            "card_path": card_path(plan, language=language),
            "give_path": give_path(plan, language=language),
        },
    )


def written_day(moment: datetime, language: str) -> str:
    return format_date(local_day(moment), format="long", locale=LOCALES[language])


def card_path(plan: Plan, *, language: str) -> str:
    """Return the address where a plan's donor can enter another card, for thirty days."""
    with translation.override(language):
        return reverse("payments:card", args=[tokens.make("plan", str(plan.public_id))])


def give_path(plan: Plan, *, language: str) -> str:
    """Return the address of the form, where a plan that has ended can be begun anew."""
    frequency = {"month": "monthly", "year": "yearly"}[plan.interval]
    with translation.override(language):
        return f"{reverse('payments:donate')}?frequency={frequency}"
