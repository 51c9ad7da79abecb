"""What may be decided about a line of a bank statement, and taken back."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from crm import audit
from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail, source_of
from crm.donations import jobs
from crm.donations.credits import MatchingGift
from crm.donations.instructions import CannotRefund, refundable
from crm.donations.matching import receive_matching
from crm.donations.models import Entry, Gift, Method
from crm.donations.operations import record_entry, record_gift
from crm.donations.pledges import Instalment
from crm.donations.promises import CannotPay, pay_instalment
from crm.lib.periods import local_day, noon
from crm.people.models import Identifier, Supporter
from crm.people.operations import identify, record_change, register
from payments.imports.files import IBAN
from payments.statements import BankLine

STAFF, UNDONE = "staff", "undone"
THANKED_WITHIN = timedelta(days=60)  # who gave before that is not thanked by surprise
TIME_TO_UNDO = timedelta(minutes=10)  # before the mail for a decision of staff leaves
THANK = "payments.thank_for_transfer"


class AlreadyDecided(Exception):
    """Somebody else was faster, or the page was old."""


class WrongSign(Exception):
    """A gift is money that came; what came back is money that went."""


class CannotUndo(Exception):
    """The line was not decided, or not by us: a payout is Stripe's word."""


@transaction.atomic
def accept(
    *,
    line: BankLine,
    supporter: Supporter,
    at: datetime,
    by: Any = None,
    how: str = STAFF,
    campaign: Campaign | None = None,
    instalment: Instalment | None = None,
    matching: MatchingGift | None = None,
) -> BankLine:
    """Make a line the gift of a supporter, whose account is remembered.

    Raises AlreadyDecided, WrongSign, and CannotMatch for a promise that waits no longer.
    """
    locked = lock_undecided(line)
    if locked.amount <= 0:
        raise WrongSign
    moment = min(noon(locked.booked_on), at)
    gift = record_gift(
        reference=next_reference(Gift, locked),
        supporter=supporter,
        amount=locked.amount,
        currency=locked.currency,
        method=Method.BANK_TRANSFER,
        status=Gift.Status.PAID,
        given_at=moment,
        paid_at=moment,
        at=at,
        campaign=campaign or (instalment.pledge.campaign if instalment else None),
        source=source_of(Trail(utm_source="bank")),
        thank=False,
        fund=instalment.pledge.fund if instalment else None,
    )
    if instalment is not None:
        keep_promise(instalment, gift, at=at, by=by)
    if matching is not None:
        receive_matching(matching=matching, gift=gift, at=at, by=by)
    decide(locked, BankLine.State.GIFT, gift=gift, how=how, at=at, by=by)
    if locked.payer_iban:
        identify(supporter=supporter, system=IBAN, value=locked.payer_iban)
    thank(gift, how=how, at=at)
    return locked


@transaction.atomic
def accept_newcomer(
    *, line: BankLine, person: dict[str, str], at: datetime, by: Any = None, **what: Any
) -> BankLine:
    """Make a line the gift of somebody new; whose e-mail is known is not new."""
    return accept(
        line=line, supporter=register(at=at, source="bank", **person), at=at, by=by, **what
    )


@transaction.atomic
def set_aside(*, line: BankLine, at: datetime, by: Any = None) -> BankLine:
    """Say that a line is not a gift. Raises AlreadyDecided."""
    locked = lock_undecided(line)
    decide(locked, BankLine.State.NO_GIFT, how=STAFF, at=at, by=by)
    return locked


@transaction.atomic
def take_back(*, line: BankLine, gift: Gift, at: datetime, by: Any = None) -> BankLine:
    """Make a line the return of a gift, or of a part of it.

    Raises AlreadyDecided, WrongSign, and CannotRefund when less is left of the gift.
    """
    locked = lock_undecided(line)
    if locked.amount >= 0:
        raise WrongSign
    giver = Gift.objects.select_for_update().get(pk=gift.pk)
    left = refundable(giver)
    if -locked.amount > left or giver.currency != locked.currency:
        raise CannotRefund(left)
    record_entry(
        gift=giver,
        reference=next_reference(Entry, locked),
        kind=Entry.Kind.REFUND,
        amount=locked.amount,
        at=min(noon(locked.booked_on), at),
        written_at=at,
    )
    record_change(supporter=giver.supporter, kind="gift.refunded", at=at)
    decide(locked, BankLine.State.RETURNED, how=STAFF, at=at, by=by)
    return locked


@transaction.atomic
def undo(*, line: BankLine, at: datetime, by: Any = None) -> BankLine:
    """Free a line again. What was written in the accounts stays there, with what takes it back.

    Raises CannotUndo.
    """
    locked = BankLine.objects.select_for_update().get(pk=line.pk)
    if locked.state not in UNDOABLE:
        raise CannotUndo
    before = locked.state
    if locked.gift_id is not None:
        take_gift_back(locked, locked.gift_id, at=at)
    elif before == BankLine.State.RETURNED:
        take_return_back(locked, at=at)
    locked.state, locked.gift, locked.matched_by = BankLine.State.WAITING, None, UNDONE
    locked.decided_at, locked.decided_by = None, None
    locked.save(update_fields=DECISION)
    audit.log("bankline.undone", locked, by=by, at=at, was=before)
    return locked


UNDOABLE = {BankLine.State.GIFT, BankLine.State.RETURNED, BankLine.State.NO_GIFT}
DECISION = ["state", "gift", "matched_by", "decided_at", "decided_by"]


def last_of(user: Any) -> BankLine | None:
    """Return the line that somebody decided last."""
    decided = BankLine.objects.filter(decided_by=user, state__in=UNDOABLE)
    return decided.order_by("-decided_at", "-pk").first()


def lock_undecided(line: BankLine) -> BankLine:
    locked = BankLine.objects.select_for_update().get(pk=line.pk)
    if locked.state != BankLine.State.WAITING:
        raise AlreadyDecided
    return locked


def next_reference(model: Any, line: BankLine) -> str:
    """Return how the accounts name what a line is; after an undo, the next name."""
    before = model.objects.filter(named_after(line)).count()
    return f"bank:{line.key}#{before + 1}" if before else f"bank:{line.key}"


def named_after(line: BankLine) -> Q:
    stem = f"bank:{line.key}"
    return Q(reference=stem) | Q(reference__startswith=f"{stem}#")


def decide(
    line: BankLine, state: str, *, how: str, at: datetime, by: Any, gift: Gift | None = None
) -> None:
    line.state, line.gift, line.matched_by = state, gift, how
    line.decided_at, line.decided_by = at, by
    line.save(update_fields=DECISION)
    told = {"gift": gift.pk} if gift else {}
    audit.log(f"bankline.{state}", line, by=by, at=at, how=how, **told)


def keep_promise(instalment: Instalment, gift: Gift, *, at: datetime, by: Any) -> None:
    """A part of a pledge that somebody else's payment settled meanwhile stays as it is."""
    with suppress(CannotPay):
        pay_instalment(instalment=instalment, gift=gift, at=at, by=by)


def thank(gift: Gift, *, how: str, at: datetime) -> None:
    """Queue the mail for a gift of these days; after a decision of staff, when it has settled."""
    if gift.received_on is None or gift.received_on < local_day(at - THANKED_WITHIN):
        return
    if how == STAFF:
        later = app.configure_task(THANK, queue="mail", schedule_at=at + TIME_TO_UNDO)
        later.defer(gift_id=gift.pk)
    else:
        jobs.thank.defer(gift_id=gift.pk)


def thank_if_kept(*, gift_id: int) -> None:
    """Thank for a gift, unless the decision that made it was taken back."""
    if BankLine.objects.filter(gift=gift_id).exists():
        jobs.thank.defer(gift_id=gift_id)


def take_gift_back(line: BankLine, gift_id: int, *, at: datetime) -> None:
    gift = Gift.objects.select_for_update().get(pk=gift_id)
    left = refundable(gift)
    if left:
        record_entry(
            gift=gift,
            reference=f"{gift.reference}:undone",
            kind=Entry.Kind.REFUND,
            amount=-left,
            at=at,
        )
    Instalment.objects.filter(gift=gift).update(gift=None)
    MatchingGift.objects.filter(received=gift).update(received=None)
    record_change(supporter=gift.supporter, kind="gift.refunded", at=at)
    forget_account(line, gift.supporter_id)


def forget_account(line: BankLine, supporter_id: int) -> None:
    """Unlearn an account that only this line taught."""
    others = BankLine.objects.filter(
        payer_iban=line.payer_iban, gift__supporter=supporter_id
    ).exclude(pk=line.pk)
    if not others.exists():
        Identifier.objects.filter(
            system=IBAN, value=line.payer_iban, supporter=supporter_id
        ).delete()


def take_return_back(line: BankLine, *, at: datetime) -> None:
    entries = Entry.objects.filter(named_after(line), kind=Entry.Kind.REFUND)
    entry = entries.latest("pk")
    gift = Gift.objects.select_for_update().get(pk=entry.gift_id)
    if was_taken_back(gift):
        return
    record_entry(
        gift=gift,
        reference=f"{entry.reference}:undone",
        kind=Entry.Kind.REVERSAL,
        amount=-entry.amount,
        at=at,
    )
    record_change(supporter=gift.supporter, kind="gift.refunded", at=at)


def was_taken_back(gift: Gift) -> bool:
    """Whether a gift's own line was freed: the money counts as what that line is now."""
    return gift.reference.startswith("bank:") and not BankLine.objects.filter(gift=gift).exists()
