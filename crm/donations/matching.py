"""What employers add to the gifts of those who work for them: expected, received, cancelled."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from crm import audit
from crm.donations.credits import MatchingGift
from crm.donations.models import Entry, Gift
from crm.people.models import Supporter


class CannotMatch(Exception):
    """The gift does not answer this promise, or the promise no longer waits."""


class Totals(NamedTuple):
    """Cents of one currency: what is still expected, and what came and was kept."""

    currency: str
    expected: int
    received: int


@transaction.atomic
def expect_matching(
    *,
    gift: Gift,
    employer: Supporter,
    amount: int,
    promised_on: date,
    at: datetime,
    by: Any = None,
) -> MatchingGift:
    """Write down that an employer will add to a gift of money, once. Raises CannotMatch."""
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    known = MatchingGift.objects.filter(gift=locked).first()
    is_promised = known is not None and known.cancelled_at is None
    if employer.pk == locked.supporter_id or locked.kind != Gift.Kind.MONEY or is_promised:
        raise CannotMatch
    matching = known or MatchingGift(gift=locked)
    matching.employer, matching.amount, matching.currency = employer, amount, locked.currency
    matching.promised_on, matching.cancelled_at = promised_on, None
    matching.save()
    audit.log("matching.expected", locked, by=by, at=at, amount=amount)
    return matching


def answers_to(matching: MatchingGift) -> QuerySet[Gift]:
    """The employer's gifts of money that may be what was promised."""
    gifts = Gift.objects.of_money().filter(
        supporter=matching.employer_id, currency=matching.currency, matches=None
    )
    return gifts.exclude(pk=matching.gift_id).order_by("-received_on", "-pk")


@transaction.atomic
def receive_matching(
    *, matching: MatchingGift, gift: Gift, at: datetime, by: Any = None
) -> MatchingGift:
    """Note by which gift an employer kept its promise. Raises CannotMatch."""
    locked = MatchingGift.objects.select_for_update().get(pk=matching.pk)
    if locked.received_id == gift.pk:
        return locked
    if not MatchingGift.objects.waiting().filter(pk=locked.pk).exists():
        raise CannotMatch
    # The lock on the gift puts two promises that want the same one in an order.
    Gift.objects.select_for_update().get(pk=gift.pk)
    if not answers_to(locked).filter(pk=gift.pk).exists():
        raise CannotMatch
    locked.received = gift
    locked.save(update_fields=["received"])
    audit.log("matching.received", locked, by=by, at=at, gift=gift.pk)
    return locked


@transaction.atomic
def cancel_matching(*, matching: MatchingGift, at: datetime, by: Any = None) -> None:
    """Wait no longer. Doing it twice changes nothing; what came stays. Raises CannotMatch."""
    locked = MatchingGift.objects.select_for_update().get(pk=matching.pk)
    if locked.received_id is not None:
        raise CannotMatch
    if locked.cancelled_at is None:
        locked.cancelled_at = at
        locked.save(update_fields=["cancelled_at"])
        audit.log("matching.cancelled", locked, by=by, at=at)


def totals() -> list[Totals]:
    """What is expected and what was received, per currency."""
    waiting = MatchingGift.objects.waiting().order_by().values_list("currency")
    expected = dict(waiting.annotate(sum=Sum("amount")))
    came = Entry.objects.filter(~Q(kind=Entry.Kind.FEE), gift__matches__isnull=False)
    received = dict(came.order_by().values_list("currency").annotate(sum=Sum("amount")))
    return [
        Totals(code, expected.get(code, 0), received.get(code, 0))
        for code in sorted(expected.keys() | received.keys())
    ]
