"""What stands on a Belgian tax certificate."""

from collections.abc import Iterable
from typing import Any

from babel.numbers import format_currency
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django_countries import countries

from crm.donations.institution import written_number
from crm.donations.papers import TaxCertificate
from crm.donations.receipt_pages import written_day
from crm.donations.typesetting import set_pages
from crm.lib.money import LOCALES, from_minor
from crm.lib.periods import local_day

# The law's own words, which are not ours to translate; English is a courtesy.
LAW = {
    "fr": "Attestation délivrée en application de l’article 145/33, § 1er, alinéa 2, "
    "du Code des impôts sur les revenus 1992",
    "nl": "Attest afgeleverd met toepassing van artikel 145/33, § 1, tweede lid, "
    "van het Wetboek van de inkomstenbelastingen 1992",
}
LAW["en"] = (
    "Certificate issued under article 145/33, § 1, second paragraph, of the Belgian Income Tax "
    f"Code 1992. {LAW['fr']}. {LAW['nl']}."
)
FINAL = {
    "fr": "Cette libéralité en argent a été versée à titre définitif et irrévocable.",
    "nl": "Deze gift in geld is definitief en onherroepelijk gestort.",
    "en": "This gift of money is final and irrevocable. (Cette libéralité en argent a été versée "
    "à titre définitif et irrévocable. Deze gift in geld is definitief en onherroepelijk gestort.)",
}


def pdf(certificate: TaxCertificate) -> bytes:
    """Return a certificate as PDF/UA-1, the same bytes each time."""
    return pdf_of_all([certificate])


def pdf_of_all(certificates: Iterable[TaxCertificate]) -> bytes:
    """Return certificates as one PDF, each on a page of its own."""
    pages = [words_of(certificate) for certificate in certificates]
    return set_pages("certificate.typ", pages, name="a tax certificate")


def words_of(certificate: TaxCertificate) -> dict[str, Any]:
    with translation.override(certificate.language):
        return {
            "language": certificate.language,
            "title": _("Tax certificate"),
            "heading": _("Gifts of the year %(year)s") % {"year": certificate.year},
            "law": LAW[certificate.language],
            "number_label": _("Number"),
            "number": str(certificate),
            "mark": mark_of(certificate),
            "institution": words_of_institution(),
            "donor_label": _("Received from"),
            "donor": donor_of(certificate),
            "email": "",
            "place": place_of(certificate),
            "amount_label": _("Amount"),
            "amount": written_amount(certificate),
            "year_label": _("Calendar year"),
            "year": str(certificate.year),
            "final": FINAL[certificate.language] if certificate.amount else "",
            "notes": notes_of(certificate),
        }


def words_of_institution() -> dict[str, str]:
    """Who gives the certificate. That nothing is missing was seen to when it was issued."""
    return {
        "name": settings.ORGANISATION_NAME,
        "address": settings.ORGANISATION_ADDRESS,
        "number_label": _("Enterprise number"),
        "number": written_number(settings.ORGANISATION_ENTERPRISE_NUMBER),
        "contact": settings.TAX_CONTACT,
    }


def donor_of(certificate: TaxCertificate) -> str:
    return f"{certificate.donor_given_name} {certificate.donor_family_name}".strip()


def place_of(certificate: TaxCertificate) -> list[str]:
    lines = [certificate.street, f"{certificate.postcode} {certificate.town}".strip()]
    if certificate.country not in {"", "BE"}:
        lines.append(str(countries.name(certificate.country)))
    return [line for line in lines if line]


def mark_of(certificate: TaxCertificate) -> str:
    if certificate.amount == 0:
        return _("Void")
    return (
        _("Version %(number)s") % {"number": certificate.version} if is_later(certificate) else ""
    )


def is_later(certificate: TaxCertificate) -> bool:
    return certificate.version > 1


def written_amount(certificate: TaxCertificate) -> str:
    amount = from_minor(certificate.amount, "EUR")
    return format_currency(amount, "EUR", locale=LOCALES[certificate.language])


def notes_of(certificate: TaxCertificate) -> list[str]:
    day = written_day(local_day(certificate.issued_at), certificate.language)
    notes = [_("Issued on %(day)s.") % {"day": day}]
    if certificate.amount == 0:
        notes.append(_("The gifts were given back: nothing can be claimed with this certificate."))
    if is_later(certificate):
        notes.append(_("It replaces every earlier certificate with the same number."))
    return notes
