"""What may happen to pledges: made, paid part by part, and given up."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum

from crm import audit
from crm.campaigns.models import Campaign
from crm.donations.by_hand import record_by_hand
from crm.donations.models import Fund, Gift
from crm.donations.pledges import Instalment, Pledge
from crm.lib.periods import local_day, months_later, noon
from crm.people.models import Supporter

MOST_PARTS = 120


class CannotPay(Exception):
    """The part is paid or given up, or the gift is not one that can pay it."""


class NothingLeft(Exception):
    """All of the pledge came, or it was given up."""


class Part(NamedTuple):
    due_on: date
    amount: int


class Totals(NamedTuple):
    """Minor units of one currency that are still to come, and how much of it is late."""

    currency: str
    outstanding: int
    late: int


def schedule(*, amount: int, number: int, months: int, first_on: date) -> list[Part]:
    """Return a sum in equal parts, every so many months; what does not divide is in the first.

    >>> parts = schedule(amount=1000, number=3, months=1, first_on=date(2026, 1, 31))
    >>> [(part.due_on.isoformat(), part.amount) for part in parts]
    [('2026-01-31', 334), ('2026-02-28', 333), ('2026-03-31', 333)]
    """
    each, rest = divmod(amount, number)
    days = [local_day(months_later(noon(first_on), months * step)) for step in range(number)]
    return [Part(day, each + (rest if step == 0 else 0)) for step, day in enumerate(days)]


@transaction.atomic
def promise(
    *,
    key: UUID,
    supporter: Supporter,
    parts: list[Part],
    promised_on: date,
    at: datetime,
    by: Any = None,
    campaign: Campaign | None = None,
    fund: Fund | None = None,
    note: str = "",
) -> Pledge:
    """Write down a pledge in euros with its parts, once per key. No money moves."""
    pledge, is_new = Pledge.objects.get_or_create(
        public_id=key,
        defaults={
            "supporter": supporter,
            "amount": sum(part.amount for part in parts),
            "promised_on": promised_on,
            "campaign": campaign,
            "fund": fund,
            "note": note,
        },
    )
    if is_new:
        Instalment.objects.bulk_create(
            Instalment(pledge=pledge, **part._asdict()) for part in parts
        )
        audit.log("pledge.made", pledge, by=by, at=at, amount=pledge.amount, parts=len(parts))
    return pledge


def payers(instalment: Instalment) -> QuerySet[Gift]:
    """The donor's gifts of money that can pay a part: kept, and paying no other part."""
    pledge = instalment.pledge
    gifts = Gift.objects.of_money().filter(supporter=pledge.supporter_id, currency=pledge.currency)
    return gifts.with_kept().filter(kept__gt=0, instalment=None)


@transaction.atomic
def pay_instalment(
    *, instalment: Instalment, gift: Gift, at: datetime, by: Any = None
) -> Instalment:
    """Note by which gift a part of a pledge was paid, whatever its amount. Raises CannotPay."""
    locked = Instalment.objects.select_for_update().get(pk=instalment.pk)
    # The lock on the gift puts two parts that want the same one in an order.
    Gift.objects.select_for_update().get(pk=gift.pk)
    is_open = Instalment.objects.outstanding().filter(pk=locked.pk).exists()
    if locked.gift_id == gift.pk and not is_open:
        return locked
    if not is_open or not payers(locked).filter(pk=gift.pk).exists():
        raise CannotPay
    locked.gift = gift
    locked.save(update_fields=["gift"])
    audit.log("instalment.paid", locked, by=by, at=at, gift=gift.pk, pledge=locked.pledge_id)
    return locked


@transaction.atomic
def record_payment(
    *,
    instalment: Instalment,
    key: UUID,
    amount: int,
    method: str,
    received_on: date,
    thank: bool,
    at: datetime,
    by: Any = None,
) -> Gift:
    """Write down the gift by hand that pays a part of a pledge, once per key. Raises CannotPay."""
    pledge = instalment.pledge
    gift = record_by_hand(
        key=key,
        supporter=pledge.supporter,
        person={},
        amount=amount,
        method=method,
        received_on=received_on,
        at=at,
        by=by,
        campaign=pledge.campaign,
        thank=thank,
        fund=pledge.fund,
    )
    pay_instalment(instalment=instalment, gift=gift, at=at, by=by)
    return gift


@transaction.atomic
def give_up(*, pledge: Pledge, at: datetime, by: Any = None) -> None:
    """Expect nothing more of a pledge; what came stays. Raises NothingLeft, but not twice."""
    locked = Pledge.objects.select_for_update().get(pk=pledge.pk)
    if locked.cancelled_at is not None:
        return
    if not Pledge.objects.still_open().filter(pk=locked.pk).exists():
        raise NothingLeft
    locked.cancelled_at = at
    locked.save(update_fields=["cancelled_at"])
    audit.log("pledge.cancelled", locked, by=by, at=at)


def totals(today: date) -> list[Totals]:
    """What is still to come of all pledges, per currency. It is never counted as money."""

    def sums(parts: QuerySet[Instalment]) -> dict[str, int]:
        rows = parts.order_by().values_list("pledge__currency")
        return dict(rows.annotate(sum=Sum("amount")))

    waiting, late = sums(Instalment.objects.outstanding()), sums(Instalment.objects.late(today))
    return [Totals(code, waiting[code], late.get(code, 0)) for code in sorted(waiting)]
