"""What may happen to gifts and plans. The only place that writes them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Greatest

from crm.campaigns.attribution import first_touch
from crm.campaigns.models import Campaign, Source
from crm.donations import jobs, steps, tallies
from crm.donations.models import Entry, Gift, Plan
from crm.lib.periods import local_day
from crm.lib.rows import insert_unless_there
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.people.standing import standing


class MoneyDiffers(Exception):
    """A gift that we know came with another amount or currency, `told`."""

    def __init__(self, gift: Gift, *, amount: int, currency: str) -> None:
        super().__init__(gift.reference)
        self.gift = gift
        self.told = f"{amount} {currency}"


@transaction.atomic
def record_plan(
    *,
    reference: str,
    supporter: Supporter,
    amount: int,
    currency: str,
    status: str,
    started_at: datetime,
    at: datetime,
    interval: str = Plan.Interval.MONTH,
    campaign: Campaign | None = None,
    source: Source | None = None,
    **now: Any,
) -> Plan:
    """Write down what a regular promise is now. Saying it twice changes nothing.

    `now` may hold what else changes in time: method, next_at, resumes_at, cancels_at, ended_at.
    """
    supporter = standing(supporter)
    plan = Plan(
        reference=reference,
        supporter=supporter,
        campaign=campaign,
        source=source,
        amount=amount,
        currency=currency,
        interval=interval,
        status=status,
        started_at=started_at,
        **now,
    )
    if insert_unless_there(plan):
        record_change(supporter=supporter, kind=f"plan.{status}", at=at)
        return plan
    known = Plan.objects.select_for_update().get(reference=reference)
    change_plan(known, {"amount": amount, "status": status, **now}, at=at)
    return known


def change_plan(plan: Plan, now: dict[str, Any], *, at: datetime) -> None:
    changed = [name for name, value in now.items() if getattr(plan, name) != value]
    for name in changed:
        setattr(plan, name, now[name])
    if changed:
        plan.save(update_fields=changed)
        record_change(supporter=plan.supporter, kind=f"plan.{plan.status}", at=at)


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
    at: datetime,
    paid_at: datetime | None = None,
    plan: Plan | None = None,
    campaign: Campaign | None = None,
    source: Source | None = None,
    thank: bool = True,
    **purpose: Any,
) -> Gift:
    """Write down, at the moment `at`, what a gift is now; thank for it once, when it is paid.

    `purpose` may hold kind, fund, is_anonymous and description. A paid gift stays paid, whatever
    comes late or twice; one in kind moves no money. Raises MoneyDiffers.
    """
    money = {"amount": amount, "currency": currency, "method": method}
    supporter = standing(supporter)
    origin = {"supporter": supporter, "plan": plan, "campaign": campaign, "source": source}
    dates = {"given_at": given_at, "modified_at": at}
    new = Gift(
        reference=reference, status=Gift.Status.PROCESSING, **money, **origin, **dates, **purpose
    )
    gift = insert_or_find(new)
    if (gift.amount, gift.currency) != (amount, currency):
        raise MoneyDiffers(gift, amount=amount, currency=currency)
    if gift.status == Gift.Status.PAID:
        return gift
    if plan is not None and gift.plan_id is None:
        gift.plan = plan
        gift.save(update_fields=["plan"])
    if status == Gift.Status.PAID:
        mark_paid(gift, method=method, paid_at=paid_at or given_at, at=at, thank=thank)
    elif gift is new or gift.status != status:
        change_status(gift, status=status, at=at)
    return gift


def insert_or_find(new: Gift) -> Gift:
    """Insert, unless the reference is known; return what stands there, locked."""
    known = Gift.objects.select_for_update().filter(reference=new.reference)
    if (gift := known.first()) is not None:
        return gift
    new.first_source_id = first_touch(new.supporter, new.source_id, at=new.given_at)
    return new if insert_unless_there(new) else known.get()


def mark_paid(gift: Gift, *, method: str, paid_at: datetime, at: datetime, thank: bool) -> None:
    gift.method, gift.received_on = method, local_day(paid_at)
    change_status(gift, status=Gift.Status.PAID, at=at)
    if gift.kind != Gift.Kind.IN_KIND:
        record_entry(
            gift=gift,
            reference=f"{gift.reference}:payment",
            kind=Entry.Kind.PAYMENT,
            amount=gift.amount,
            at=paid_at,
            written_at=at,
        )
        steps.note(gift=gift, at=paid_at)
    if thank:
        jobs.thank.defer(gift_id=gift.pk)


def change_status(gift: Gift, *, status: str, at: datetime) -> None:
    gift.status, gift.modified_at = status, at
    gift.save(update_fields=["status", "method", "received_on", "modified_at"])
    record_change(supporter=gift.supporter, kind=f"gift.{status}", at=at)


@transaction.atomic
def record_entry(
    *,
    gift: Gift,
    reference: str,
    kind: str,
    amount: int,
    at: datetime,
    written_at: datetime | None = None,
    currency: str = "",
    transaction_id: str = "",
    settled_amount: int | None = None,
) -> bool:
    """Add a movement of a gift's money, once per reference; return whether it was new.

    `amount` is signed, in minor units of `currency`, the gift's unless told: fees and refunds are
    negative. `transaction_id` is what the provider's balance calls it, where it may have another
    currency and so another amount, `settled_amount`. Both may become known later.
    The money moved `at` that moment; who reads what was modified finds it from `written_at` on.
    """
    # The lock puts two callers in an order, so that the second one sees the first one's entry.
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    known = Entry.objects.filter(reference=reference).first()
    if known is not None:
        complete(known, transaction_id=transaction_id, settled_amount=settled_amount)
        return False
    entry = Entry.objects.create(
        reference=reference,
        gift=locked,
        kind=kind,
        amount=amount,
        currency=currency or locked.currency,
        transaction=transaction_id,
        settled_amount=settled_amount,
        day=local_day(at),
        at=at,
    )
    tallies.append(entry)
    if kind in Entry.WENT_BACK:
        jobs.correct_papers.defer(gift_id=gift.pk)
    modified_at = Greatest("modified_at", written_at or at)
    Gift.objects.filter(pk=gift.pk).update(modified_at=modified_at)
    return True


def complete(entry: Entry, *, transaction_id: str, settled_amount: int | None) -> None:
    """Add what the provider's books say of a movement, once they do."""
    if transaction_id and not entry.transaction:
        entry.transaction, entry.settled_amount = transaction_id, settled_amount
        entry.save(update_fields=["transaction", "settled_amount"])
