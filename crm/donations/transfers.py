"""Giving by bank transfer: the QR code that fills in the form of a banking app."""

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.donations.communications import Communication
from crm.lib.money import from_minor

SERVICE_TAG, VERSION, UTF_8, CREDIT_TRANSFER = "BCD", "002", "1", "SCT"


def epc_qr(*, communication: Communication, amount: int | None = None) -> SafeString:
    """Return the code as SVG for a page; nothing where the organisation has no account.

    `amount` is in cents of euro; without one, the donor's app asks for it.
    """
    if not settings.ORGANISATION_IBAN:
        return SafeString()
    title = _("QR code for your banking app, with the communication %(digits)s") % {
        "digits": communication
    }
    svg = qr_code(communication, amount).svg_inline(
        title=title, border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308 (segno escapes)


def qr_code(communication: Communication, amount: int | None = None) -> segno.QRCode:
    """Return the code with the error correction that banks ask for."""
    data = epc_payload(communication, amount).encode()
    return segno.make_qr(data, error="m", boost_error=False)


def epc_payload(communication: Communication, amount: int | None) -> str:
    """Return what the code says, in the European Payments Council's lines (EPC069-12).

    Its field for references is for ISO 11649; a Belgian communication stands in the free text.
    """
    return "\n".join(
        [
            SERVICE_TAG,
            VERSION,
            UTF_8,
            CREDIT_TRANSFER,
            settings.ORGANISATION_BIC,
            settings.ORGANISATION_BANK_NAME,
            settings.ORGANISATION_IBAN,
            "" if amount is None else f"EUR{from_minor(amount, 'EUR')}",
            "",  # purpose
            "",  # reference
            str(communication),
        ]
    )
