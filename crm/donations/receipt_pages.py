"""What stands on a receipt, in the donor's language; the numbers are given in `receipts`."""

from datetime import date
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.donations.models import Gift, Method
from crm.donations.papers import Receipt
from crm.donations.typesetting import set_pages
from crm.lib.money import LOCALES, format_money
from crm.lib.periods import local_day


def pdf(receipt: Receipt, *, duplicate: bool = False) -> bytes:
    """Return the receipt as PDF/UA-1, the same bytes each time; marked, if it is a duplicate."""
    with translation.override(receipt.language):
        words = words_of(receipt, duplicate=duplicate)
    return set_pages("receipt.typ", [words], name=f"receipt {receipt}")


def words_of(receipt: Receipt, *, duplicate: bool) -> dict[str, Any]:
    issued_on = written_day(local_day(receipt.issued_at), receipt.language)
    return {
        "language": receipt.language,
        "title": title_of(receipt),
        "number_label": _("Number"),
        "number": str(receipt),
        "mark": mark_of(receipt, duplicate=duplicate),
        "organisation": settings.ORGANISATION_NAME,
        "address": settings.ORGANISATION_ADDRESS or settings.ORGANISATION_URL,
        "donor_label": _("Received from"),
        "donor": receipt.donor_name,
        "email": receipt.supporter.email,
        "amount_label": amount_label(receipt),
        "amount": format_money(receipt.amount, receipt.currency, receipt.language),
        "rows": rows_of(receipt),
        "table": table_of(receipt),
        "thanks": _("Thank you for standing beside children."),
        "issued": _("Issued on %(day)s.") % {"day": issued_on},
        "notes": notes_of(receipt),
    }


def title_of(receipt: Receipt) -> str:
    if receipt.of_year is None:
        return _("Receipt")
    return _("Receipt for the year %(year)s") % {"year": receipt.of_year}


def mark_of(receipt: Receipt, *, duplicate: bool) -> str:
    if receipt.voided_at is not None:
        day = written_day(local_day(receipt.voided_at), receipt.language)
        return _("Void since %(day)s") % {"day": day}
    return _("Duplicate") if duplicate else ""


def amount_label(receipt: Receipt) -> str:
    if receipt.of_year is not None:
        return _("Total")
    return _("Value") if is_in_kind(receipt.gift) else _("Amount")


def rows_of(receipt: Receipt) -> list[tuple[str, str]]:
    """Return labels and what they are the labels of; what is empty is left out."""
    rows = gift_rows(receipt.gift, receipt.language) if receipt.gift else []
    if receipt.replaces is not None:
        rows.append((_("Replaces"), str(receipt.replaces)))
    return [(label, value) for label, value in rows if value]


def gift_rows(gift: Gift, language: str) -> list[tuple[str, str]]:
    in_kind = is_in_kind(gift)
    return [
        (_("What was given"), gift.description),
        (_("Received on"), written_day(gift.received_on, language)),
        (_("Paid by"), "" if in_kind else str(gift.get_method_display())),
        (_("For"), purpose_of(gift, language)),
    ]


def table_of(receipt: Receipt) -> dict[str, Any]:
    """Return the gifts of a year as a table; nothing for a receipt of one gift."""
    return {
        "head": [_("Received on"), _("Paid by"), _("For"), _("Amount")],
        "lines": [
            [
                written_day(date.fromisoformat(line["day"]), receipt.language),
                str(Method(line["method"]).label),
                line["purpose"],
                format_money(line["amount"], receipt.currency, receipt.language),
            ]
            for line in receipt.lines
        ],
    }


def notes_of(receipt: Receipt) -> list[str]:
    notes = [
        ngettext(
            "This receipt confirms your gift. It is not the yearly tax certificate, "
            "which is sent separately where the law provides for one.",
            "This receipt confirms your gifts. It is not the yearly tax certificate, "
            "which is sent separately where the law provides for one.",
            len(receipt.lines) or 1,
        )
    ]
    if receipt.gift is not None and is_in_kind(receipt.gift):
        notes.insert(0, _("The value is the one that the donor gave."))
    return notes


def is_in_kind(gift: Gift | None) -> bool:
    return gift is not None and gift.kind == Gift.Kind.IN_KIND


def purpose_of(gift: Gift, language: str) -> str:
    """Return what a gift is for: a campaign's title, or else a fund's name."""
    if gift.campaign is not None:
        return str(gift.campaign.text(language).title)
    return gift.fund.name if gift.fund is not None else ""


def written_day(day: date | None, language: str) -> str:
    return format_date(day, format="long", locale=LOCALES[language]) if day else ""
