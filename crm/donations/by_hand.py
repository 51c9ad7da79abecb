"""What staff write down: money that came by hand, legacies, things, and money given back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from crm import audit
from crm.campaigns.models import Campaign
from crm.donations.credits import credit
from crm.donations.instructions import CannotRefund, refundable
from crm.donations.matching import expect_matching, receive_matching
from crm.donations.models import Entry, Fund, Gift
from crm.donations.operations import record_entry, record_gift
from crm.donations.tributes import dedicate
from crm.lib.periods import noon
from crm.people.models import Supporter
from crm.people.operations import record_change, register

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class FundClosed(Exception):
    """What a closed fund got stays in it, and nothing more comes in."""


@transaction.atomic
def record_by_hand(
    *,
    key: UUID,
    supporter: Supporter | None,
    person: dict[str, str],
    amount: int,
    method: str,
    received_on: date,
    at: datetime,
    by: Any = None,
    campaign: Campaign | None = None,
    thank: bool = False,
    tribute: dict[str, str] | None = None,
    soft_credit: dict[str, Any] | None = None,
    matching: dict[str, Any] | None = None,
    answers: Any = None,
    **purpose: Any,
) -> Gift:
    """Write down a gift in euros, once per key, from a supporter or a new `person`.

    `purpose` may hold kind, fund, is_anonymous and description. `tribute`, `soft_credit` and
    `matching` are written with it; `answers` is the matching gift that an employer pays with it.
    """
    reference = f"staff:{key}"
    # Who sends the same form at the same moment waits, and then finds the gift.
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [reference])
    known = Gift.objects.filter(reference=reference).first()
    if known is not None:
        return known
    moment = min(noon(received_on), at)  # a gift of this morning is not of this afternoon
    gift = record_gift(
        reference=reference,
        supporter=supporter or register(at=at, source="staff", **person),
        amount=amount,
        currency="EUR",
        method=method,
        status=Gift.Status.PAID,
        given_at=moment,
        paid_at=moment,
        at=at,
        campaign=campaign,
        thank=thank,
        **purpose,
    )
    audit.log("gift.recorded", gift, by=by, at=at, amount=amount, method=method)
    if tribute:
        dedicate(gift=gift, at=at, by=by, **tribute)
    if soft_credit:
        credit(gift=gift, at=at, by=by, **soft_credit)
    if matching:
        expect_matching(gift=gift, at=at, by=by, **matching)
    if answers is not None:
        receive_matching(matching=answers, gift=gift, at=at, by=by)
    return gift


@transaction.atomic
def record_return(
    *,
    gift: Gift,
    amount: int,
    returned_on: date,
    key: UUID,
    at: datetime,
    by: Any = None,
) -> bool:
    """Write down that staff gave money of a gift back, once per key; return whether it was new.

    Raises CannotRefund, also for what only its provider can give back.
    """
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    reference = f"staff:{key}:refund"
    if Entry.objects.filter(reference=reference).exists():
        return False
    left = refundable(locked)
    if not 0 < amount <= left or locked.reference.startswith("stripe:"):
        raise CannotRefund(left)
    record_entry(
        gift=locked,
        reference=reference,
        kind=Entry.Kind.REFUND,
        amount=-amount,
        at=min(noon(returned_on), at),
        written_at=at,
    )
    record_change(supporter=locked.supporter, kind="gift.refunded", at=at)
    audit.log("gift.refunded", locked, by=by, at=at, amount=amount)
    return True


@transaction.atomic
def correct_gift(
    *, gift: Gift, fund: Fund | None, is_anonymous: bool, at: datetime, by: Any = None
) -> Gift:
    """Write what a gift is for, and whether its donor is named. Money is never corrected.

    Raises FundClosed: a fund is changed until the one or the other is closed.
    """
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    before = locked.fund
    wanted = {"fund": fund, "is_anonymous": is_anonymous}
    changed = [name for name, value in wanted.items() if getattr(locked, name) != value]
    if not changed:
        return locked
    if "fund" in changed and any(each and not each.is_open for each in (before, fund)):
        raise FundClosed
    locked.fund, locked.is_anonymous, locked.modified_at = fund, is_anonymous, at
    locked.save(update_fields=["fund", "is_anonymous", "modified_at"])
    record_change(supporter=locked.supporter, kind="gift.corrected", at=at)
    details = {"fund_before": str(before or ""), "fund": str(fund or "")}
    told = details if "fund" in changed else {}
    audit.log("gift.corrected", locked, by=by, at=at, fields=changed, **told)
    return locked
