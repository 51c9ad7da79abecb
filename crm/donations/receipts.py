"""Receipts: numbered without gaps within a year, for a gift or for all gifts of a year."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from procrastinate.contrib.django import app

from crm.donations.models import Gift
from crm.donations.papers import Receipt
from crm.donations.receipt_pages import pdf, purpose_of
from crm.lib.money import format_money
from crm.lib.periods import local_day
from crm.mailing import outbox
from crm.people.models import Supporter

NUMBERING = 281  # an advisory lock of our own: whoever holds it takes the next number
SEND = "donations.send_corrected_receipt"
SEND_YEAR = "donations.send_yearly_receipt"


class NothingGiven(Exception):
    """There is no gift to write a receipt for, or all of it went back."""


def take_numbering(at: datetime) -> int:
    """Wait for the turn to give the next number; return the year it belongs to."""
    year = local_day(at).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERING, year])
    return year


def write(
    supporter: Supporter, *, year: int, at: datetime, replaces: Receipt | None, **facts: Any
) -> Receipt:
    """Write a receipt with the next number. The turn was taken.

    Who is erased by now keeps the name that stands on the one before.
    """
    name = supporter.full_name or supporter.email or (replaces.donor_name if replaces else "")
    last = Receipt.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return Receipt.objects.create(
        supporter=supporter,
        year=year,
        number=last + 1,
        language=supporter.language,
        donor_name=name,
        issued_at=at,
        replaces=replaces,
        **facts,
    )


@transaction.atomic
def issue(*, gift: Gift, at: datetime) -> Receipt:
    """Return the receipt of a paid gift; the first call gives it the year's next number.

    Raises NothingGiven when all of the gift went back.
    """
    year = take_numbering(at)
    known = Receipt.objects.valid().filter(gift=gift).first()
    if known is not None:
        return known
    facts = facts_of_gift(gift)
    if not facts["amount"]:
        raise NothingGiven
    earlier = Receipt.objects.filter(gift=gift).newest()
    return write(gift.supporter, year=year, at=at, gift=gift, replaces=earlier, **facts)


@transaction.atomic
def issue_for_year(
    *, supporter: Supporter, year: int, currency: str, at: datetime, send: bool = False
) -> Receipt:
    """Return the receipt of all gifts of money that a supporter made in a year and currency.

    One that says something else than what holds now is voided and replaced. `send`: by mail too.
    Raises NothingGiven.
    """
    receipt = receipt_for_year(supporter, year, currency, at=at)
    if send:
        app.configure_task(SEND_YEAR, queue="mail").defer(receipt_id=receipt.pk)
    return receipt


def receipt_for_year(supporter: Supporter, year: int, currency: str, *, at: datetime) -> Receipt:
    year_of_issue = take_numbering(at)
    facts = facts_of_year(supporter, year, currency)
    last = Receipt.objects.filter(supporter=supporter, of_year=year, currency=currency).newest()
    if last is not None and last.voided_at is None and says(last, facts):
        return last
    if not facts["amount"]:
        raise NothingGiven
    void(last, at=at)
    return write(supporter, year=year_of_issue, at=at, of_year=year, replaces=last, **facts)


def facts_of_gift(gift: Gift) -> dict[str, Any]:
    kept = Gift.objects.with_kept().get(pk=gift.pk).kept
    return {"amount": max(kept, 0), "currency": gift.currency}


def facts_of_year(supporter: Supporter, year: int, currency: str) -> dict[str, Any]:
    given = Gift.objects.of_money().filter(
        supporter=supporter, received_on__year=year, currency=currency
    )
    gifts = given.with_kept().filter(kept__gt=0).order_by("received_on", "pk")
    lines = [
        {
            "day": gift.received_on.isoformat(),
            "amount": gift.kept,
            "method": gift.method,
            "purpose": purpose_of(gift, supporter.language),
        }
        for gift in gifts.select_related("campaign", "fund").prefetch_related("campaign__texts")
    ]
    amount = sum(line["amount"] for line in lines)
    return {"amount": amount, "currency": currency, "lines": lines}


def says(receipt: Receipt, facts: dict[str, Any]) -> bool:
    return all(getattr(receipt, name) == value for name, value in facts.items())


def void(receipt: Receipt | None, *, at: datetime) -> None:
    """Let a receipt hold no longer, if it did. Its number is never given again."""
    if receipt is not None and receipt.voided_at is None:
        receipt.voided_at = at
        receipt.save(update_fields=["voided_at"])


@transaction.atomic
def correct(*, gift_id: int, at: datetime) -> None:
    """Void the receipts that say something else than what is left of a gift, and replace them.

    What is given back wholly gets none; what comes back later gets one again. The donor is told
    once of each. Doing it twice changes nothing.
    """
    year = take_numbering(at)
    gift = Gift.objects.select_related("supporter").get(pk=gift_id)
    supporter = gift.supporter
    last = Receipt.objects.filter(gift=gift).newest()
    if last is not None:
        replace(last, supporter, facts_of_gift(gift), year=year, at=at, gift=gift)
    if gift.received_on is None:
        return
    of_year = {"of_year": gift.received_on.year}
    mine = Receipt.objects.filter(supporter=supporter, currency=gift.currency, **of_year)
    last = mine.newest()
    if last is not None:
        facts = facts_of_year(supporter, gift.received_on.year, gift.currency)
        replace(last, supporter, facts, year=year, at=at, **of_year)


def replace(
    last: Receipt,
    supporter: Supporter,
    facts: dict[str, Any],
    *,
    year: int,
    at: datetime,
    **of: Any,
) -> None:
    """Put a right receipt in the place of the last one, which may be void already."""
    held = last.voided_at is None
    if (held and last.amount == facts["amount"]) or not (held or facts["amount"]):
        return
    void(last, at=at)
    if not facts["amount"]:
        tell_void(last, at=at)
        return
    new = write(supporter, year=year, at=at, replaces=last, **of, **facts)
    app.configure_task(SEND, queue="mail").defer(receipt_id=new.pk)


def tell_void(receipt: Receipt, *, at: datetime) -> None:
    """Queue the mail that a receipt holds no longer, and that there is no other."""
    send(receipt, "receipt_corrected", key=f"receipt_void:{receipt.pk}", at=at, is_void=True)


def send_corrected(*, receipt_id: int, at: datetime) -> None:
    """Queue the mail with a corrected receipt, once, unless a newer one holds by now."""
    receipt = Receipt.objects.valid().filter(pk=receipt_id).first()
    if receipt is not None:
        key = f"receipt_corrected:{receipt.pk}"
        send(receipt, "receipt_corrected", key=key, at=at, file=pdf(receipt))


def send_for_year(*, receipt_id: int, at: datetime) -> None:
    """Queue the mail with the receipt of a year, at most once a day."""
    receipt = Receipt.objects.valid().exclude(of_year=None).filter(pk=receipt_id).first()
    if receipt is not None:
        key = f"yearly_receipt:{receipt.pk}:{local_day(at)}"
        send(receipt, "yearly_receipt", key=key, at=at, file=pdf(receipt))


def send(
    receipt: Receipt,
    template: str,
    *,
    key: str,
    at: datetime,
    file: bytes | None = None,
    is_void: bool = False,
) -> None:
    """Queue a mail about a receipt, if its donor has an address."""
    to = receipt.supporter
    if not to.email:
        return
    outbox.queue(
        template,
        key=key,
        to=to,
        language=receipt.language,
        at=at,
        context={
            "amount": format_money(receipt.amount, receipt.currency, receipt.language),
            "number": str(receipt),
            "replaces": str(receipt.replaces or ""),
            "of_year": receipt.of_year,
            "is_void": is_void,
        },
        files=[outbox.File(f"{receipt}.pdf", "application/pdf", file)] if file else [],
    )


def thank(*, gift_id: int, at: datetime) -> None:
    """Queue the thank-you mail with the receipt, once per gift that was not given back."""
    gift = Gift.objects.select_related("supporter", "campaign", "plan").get(pk=gift_id)
    if not gift.supporter.email:
        return
    # The number is taken and committed first: setting the page takes too long to make others wait.
    try:
        receipt = issue(gift=gift, at=at)
    except NothingGiven:
        return
    queue_thanks(gift, receipt, file=pdf(receipt), at=at)


@transaction.atomic
def queue_thanks(gift: Gift, receipt: Receipt, *, file: bytes, at: datetime) -> None:
    language = receipt.language
    outbox.queue(
        "gift_thanks",
        key=f"gift_thanks:{gift.public_id}",
        to=gift.supporter,
        language=language,
        at=at,
        context={
            "amount": format_money(receipt.amount, receipt.currency, language),
            "is_monthly": gift.plan is not None and gift.plan.interval == "month",
            "is_yearly": gift.plan is not None and gift.plan.interval == "year",
            "campaign": gift.campaign.text(language).title if gift.campaign else "",
            "number": str(receipt),
        },
        files=[outbox.File(f"{receipt}.pdf", "application/pdf", file)],
    )
