"""Donors of 2025, and their tax certificates, for tests of these."""

import io
from datetime import UTC, date, datetime

from pypdf import PdfReader

from crm.donations import certificates
from crm.donations.papers import TaxCertificate
from tests.factories import GiftFactory, SupporterFactory, TaxIdentityFactory

LATER = datetime(2026, 1, 15, 9, tzinfo=UTC)


def donor(*amounts, with_address=True, **fields):
    """Somebody who gave these amounts in 2025."""
    supporter = SupporterFactory(**{"language": "en", **fields})
    if with_address:
        TaxIdentityFactory(supporter=supporter)
    for amount in amounts:
        give(supporter, amount=amount)
    return supporter


def give(supporter, **fields):
    return GiftFactory(
        supporter=supporter, **{"received_on": date(2025, 6, 1), "amount": 5000, **fields}
    )


def issue(year=2025, at=LATER):
    return [(each.number, each.amount) for each in certificates.issue_all(year=year, at=at)]


def versions():
    rows = TaxCertificate.objects.order_by("number", "version")
    return [(row.number, row.version, row.amount) for row in rows]


def text_of(content):
    reader = PdfReader(io.BytesIO(content))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    return [page.replace("\u202f", " ").replace("\xa0", " ") for page in pages]
