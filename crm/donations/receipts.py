"""Receipts: numbered without gaps within a year, and set as PDF/UA by typst."""

import logging
from datetime import datetime
from pathlib import Path

import typst
from babel.dates import format_date
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from crm.donations.models import Gift
from crm.donations.papers import Receipt
from crm.lib.money import LOCALES, format_money
from crm.lib.periods import local_day
from crm.mailing import outbox

SOURCE = Path(__file__).parent / "receipt.typ"
logger = logging.getLogger(__name__)
NUMBERING = 281  # an advisory lock of our own: whoever holds it takes the next number


@transaction.atomic
def issue(*, gift: Gift, at: datetime) -> Receipt:
    """Return the receipt of a paid gift; the first call gives it the year's next number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERING, local_day(at).year])
    known = Receipt.objects.valid().filter(gift=gift).first()
    if known is not None:
        return known
    year = local_day(at).year
    last = Receipt.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return Receipt.objects.create(
        supporter=gift.supporter,
        gift=gift,
        year=year,
        number=last + 1,
        language=gift.supporter.language,
        amount=gift.amount,
        currency=gift.currency,
        donor_name=gift.supporter.full_name or gift.supporter.email,
        issued_at=at,
    )


def pdf(receipt: Receipt) -> bytes:
    """Return the receipt as PDF/UA-1, the same bytes each time."""
    with translation.override(receipt.language):
        words = words_of(receipt)
    try:
        return typst.compile(str(SOURCE), format="pdf", sys_inputs=words, pdf_standards=["ua-1"])
    except typst.TypstError:
        # A sign that no font of this machine has. PDF/UA forbids that, but donors must not wait.
        logger.warning("receipt %s needs fonts that are not installed", receipt)
    words["donor"] = f"{words['donor']} ({receipt.gift.supporter.email})"
    return typst.compile(str(SOURCE), format="pdf", sys_inputs=words)


def words_of(receipt: Receipt) -> dict[str, str]:
    gift, language = receipt.gift, receipt.language
    locale = LOCALES[language]
    issued_on = format_date(local_day(receipt.issued_at), format="long", locale=locale)
    return {
        "language": language,
        "title": _("Receipt"),
        "number_label": _("Number"),
        "number": str(receipt),
        "organisation": settings.ORGANISATION_NAME,
        "address": settings.ORGANISATION_ADDRESS or settings.ORGANISATION_URL,
        "donor_label": _("Received from"),
        "donor": receipt.donor_name,
        "amount_label": _("Amount"),
        "amount": format_money(receipt.amount, receipt.currency, language),
        "day_label": _("Received on"),
        "day": format_date(gift.received_on, format="long", locale=locale),
        "method_label": _("Paid by"),
        "method": str(gift.get_method_display()),
        "campaign_label": _("For"),
        "campaign": gift.campaign.text(language).title if gift.campaign else "",
        "thanks": _("Thank you for standing beside children."),
        "issued": _("Issued on %(day)s.") % {"day": issued_on},
        "note": _(
            "This receipt confirms your gift. It is not the yearly tax certificate, "
            "which is sent separately where the law provides for one."
        ),
    }


def thank(*, gift_id: int, at: datetime) -> None:
    """Queue the thank-you mail with the receipt, once per gift."""
    gift = Gift.objects.select_related("supporter", "campaign").get(pk=gift_id)
    if not gift.supporter.email:
        return
    # The number is taken and committed first: setting the page takes too long to make others wait.
    receipt = issue(gift=gift, at=at)
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
            "given_name": gift.supporter.given_name,
            "amount": format_money(gift.amount, gift.currency, language),
            "is_monthly": gift.plan_id is not None,
            "campaign": gift.campaign.text(language).title if gift.campaign else "",
            "number": str(receipt),
        },
        files=[outbox.File(f"{receipt}.pdf", "application/pdf", file)],
    )
