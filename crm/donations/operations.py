"""What may happen to gifts and plans. The only place that writes them."""

from datetime import datetime

from django.db import transaction

from crm.campaigns.models import Campaign, Source
from crm.donations import jobs, tallies
from crm.donations.models import Entry, Gift, Plan
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.people.operations import record_change


class MoneyDiffers(Exception):
    """A reference that we know came with another amount or currency."""


@transaction.atomic
def record_plan(
    *,
    reference: str,
    supporter: Supporter,
    amount: int,
    currency: str,
    status: str,
    started_at: datetime,
    ended_at: datetime | None = None,
    campaign: Campaign | None = None,
    source: Source | None = None,
) -> Plan:
    """Write down what a monthly promise is now. Saying it twice changes nothing."""
    plan = Plan(
        reference=reference,
        supporter=supporter,
        campaign=campaign,
        source=source,
        amount=amount,
        currency=currency,
        status=status,
        started_at=started_at,
        ended_at=ended_at,
    )
    Plan.objects.bulk_create([plan], ignore_conflicts=True)
    known = Plan.objects.select_for_update().get(reference=reference)
    state = {"amount": amount, "status": status, "ended_at": ended_at}
    if known.public_id != plan.public_id and any(
        getattr(known, name) != value for name, value in state.items()
    ):
        Plan.objects.filter(pk=known.pk).update(**state)
        known.refresh_from_db()
    return known


@transaction.atomic
def record_gift(
    *,
    reference: str,
    supporter: Supporter,
    amount: int,
    currency: str,
    method: str,
    status: str,
    given_at: datetime,
    paid_at: datetime | None = None,
    plan: Plan | None = None,
    campaign: Campaign | None = None,
    source: Source | None = None,
    thank: bool = True,
) -> Gift:
    """Write down what a gift is now, and thank for it once, when it is paid.

    A paid gift stays paid, whatever comes late or twice. Raises MoneyDiffers.
    """
    new = Gift(
        reference=reference,
        supporter=supporter,
        plan=plan,
        campaign=campaign,
        source=source,
        status=Gift.Status.FAILED if status == Gift.Status.FAILED else Gift.Status.PROCESSING,
        method=method,
        amount=amount,
        currency=currency,
        given_at=given_at,
        modified_at=given_at,
    )
    Gift.objects.bulk_create([new], ignore_conflicts=True)
    gift = Gift.objects.select_for_update().get(reference=reference)
    if (gift.amount, gift.currency) != (amount, currency):
        raise MoneyDiffers(reference)
    if gift.public_id == new.public_id:
        record_change(supporter=supporter, kind=f"gift.{new.status}", at=given_at)
    if status == Gift.Status.PAID:
        mark_paid(gift, method=method, at=paid_at or given_at, thank=thank)
    elif gift.status not in {status, Gift.Status.PAID}:
        change_status(gift, status=status, at=paid_at or given_at)
    return gift


def mark_paid(gift: Gift, *, method: str, at: datetime, thank: bool) -> None:
    if gift.status == Gift.Status.PAID:
        return
    gift.method, gift.received_on = method, local_day(at)
    change_status(gift, status=Gift.Status.PAID, at=at)
    record_entry(
        gift=gift,
        reference=f"{gift.reference}:payment",
        kind=Entry.Kind.PAYMENT,
        amount=gift.amount,
        at=at,
    )
    if thank:
        jobs.thank.defer(gift_id=gift.pk)


def change_status(gift: Gift, *, status: str, at: datetime) -> None:
    gift.status, gift.modified_at = status, at
    gift.save(update_fields=["status", "method", "received_on", "modified_at"])
    record_change(supporter=gift.supporter, kind=f"gift.{status}", at=at)


@transaction.atomic
def record_entry(*, gift: Gift, reference: str, kind: str, amount: int, at: datetime) -> bool:
    """Add a movement of a gift's money, once per reference; return whether it was new.

    `amount` is signed, in minor units of the gift's currency: fees and refunds are negative.
    """
    # The lock puts two callers in an order, so that the second one sees the first one's entry.
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    if Entry.objects.filter(reference=reference).exists():
        return False
    entry = Entry.objects.create(
        reference=reference,
        gift=locked,
        kind=kind,
        amount=amount,
        currency=locked.currency,
        day=local_day(at),
        at=at,
    )
    tallies.append(entry)
    return True
