"""Papers of whole years on the donor's own page, and the details for the tax certificate."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from crm.audit import AuditEntry
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from tests.crm.donor_page import page_of
from tests.factories import AT, EntryFactory, GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db
NUMBER = "85.07.30-033.28"
DETAILS = {
    "given_name": "Dora",
    "family_name": "Donor",
    "street": "Rue Haute 1",
    "postcode": "1000",
    "town": "Bruxelles",
    "country": "BE",
}


@pytest.fixture
def dora(settings):
    settings.TAX_CERTIFICATES = True
    return SupporterFactory(given_name="Dora", family_name="Donor", language="en")


def tell(client, donor, **fields):
    return client.post(page_of(donor, "details/"), DETAILS | fields)


def give(donor, year, **fields):
    at = datetime(year, 3, 1, 9, tzinfo=UTC)
    gift = GiftFactory(supporter=donor, given_at=at, received_on=date(year, 3, 1), **fields)
    EntryFactory(gift=gift, amount=gift.amount, currency=gift.currency)


def certificate(donor, year, version=1, amount=5000, number=1):
    return TaxCertificate.objects.create(
        year=year,
        number=number,
        version=version,
        supporter=donor,
        amount=amount,
        language="en",
        donor_family_name="Donor",
        issued_at=AT,
    )


def kept(donor):
    facts = TaxIdentity.objects.filter(supporter=donor).values(*DETAILS).first()
    return facts, bytes(TaxIdentity.objects.get(supporter=donor).number)


def test_details_are_kept_and_the_number_is_encrypted_and_never_shown(client, dora):
    answer = tell(client, dora, number=NUMBER)

    facts, number = kept(dora)
    pages = [client.get(page_of(dora, path)).content.decode() for path in ("", "details/")]
    assert answer["Location"] == f"{page_of(dora)}?said=details#tax"
    assert facts == DETAILS
    assert len(number) > 50
    assert "We have your national number too" in pages[0]
    assert "Write it again only if it was wrong" in pages[1]
    assert not any("850730" in page or "85.07.30" in page for page in pages)
    assert [entry.by for entry in AuditEntry.objects.all()] == [None]


def test_details_are_kept_without_a_number(client, dora):
    tell(client, dora)

    assert kept(dora) == (DETAILS, b"")
    assert "We do not have your national number." in client.get(page_of(dora)).content.decode()


def test_number_stays_when_only_the_address_changes_and_goes_when_that_is_asked(client, dora):
    tell(client, dora, number=NUMBER)
    tell(client, dora, street="Rue Basse 2")
    stayed = kept(dora)

    tell(client, dora, forget_number="on")

    assert (stayed[0]["street"], len(stayed[1]) > 50) == ("Rue Basse 2", True)
    assert kept(dora)[1] == b""


@pytest.mark.parametrize("number", ["85.07.30-033.29", "123", "x", "85.13.30-033.01"])
def test_number_that_nobody_has_is_refused_beside_its_field(client, dora, number):
    answer = tell(client, dora, number=number)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["number"])
    assert not TaxIdentity.objects.exists()


@pytest.mark.parametrize("field", ["family_name", "street", "postcode", "town", "country"])
def test_what_is_missing_is_named(client, dora, field):
    answer = tell(client, dora, **{field: ""})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_form_begins_with_what_we_know(client, dora):
    values = client.get(page_of(dora, "details/")).context["form"].initial

    assert values == {
        "given_name": "Dora",
        "family_name": "Donor",
        "postcode": "1000",
        "country": "BE",
    }


def test_organisation_tells_its_name_and_enterprise_number(client, settings):
    settings.TAX_CERTIFICATES = True
    company = SupporterFactory(kind="organisation", given_name="", family_name="Quick SA")

    form = client.get(page_of(company, "details/")).context["form"]
    tell(client, company, number="0403.019.261")

    assert "given_name" not in form.fields
    assert form.fields["number"].label == "Enterprise number"
    assert TaxIdentity.objects.get().given_name == ""


def test_where_no_key_is_set_no_number_is_asked(client, dora, settings):
    settings.NATIONAL_NUMBER_KEYS = []

    assert "number" not in client.get(page_of(dora, "details/")).context["form"].fields
    assert tell(client, dora).status_code == 303


def test_where_there_are_no_certificates_no_details_are_asked(client, dora, settings):
    settings.TAX_CERTIFICATES = False

    assert client.get(page_of(dora, "details/")).status_code == 404
    assert tell(client, dora).status_code == 404
    assert "tax-title" not in client.get(page_of(dora)).content.decode()


def test_newest_version_of_each_certificate_is_downloaded(client, dora, settings):
    settings.ORGANISATION_ENTERPRISE_NUMBER = "0123.456.749"
    settings.ORGANISATION_ADDRESS = "Rue du Marché 1, 1000 Bruxelles"
    settings.ORGANISATION_PHONE, settings.TAX_CONTACT = "+32 2 123 45 67", "Tamara Treasurer"
    certificate(dora, 2024)
    newest = certificate(dora, 2024, version=2, amount=6000)
    certificate(dora, 2025)
    certificate(dora, 2025, version=2, amount=0)

    page = client.get(page_of(dora))
    answer = client.get(page_of(dora, "certificate/2024/"))

    assert page.context["certificates"] == [(newest, "€60")]
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(page_of(dora, "certificate/2025/")).status_code == 404


def test_somebody_elses_certificate_is_not_found(client, dora):
    certificate(SupporterFactory(), 2024)

    assert client.get(page_of(dora, "certificate/2024/")).status_code == 404


def test_receipt_for_a_year_that_is_over_is_made_once(client, dora):
    give(dora, 2024, amount=1000)
    give(dora, 2024, amount=2000)
    before = client.get(page_of(dora)).context

    for _ in range(2):
        answer = client.post(page_of(dora, "receipt/"), {"year": "2024", "currency": "EUR"})

    receipt = Receipt.objects.get()
    page = client.get(page_of(dora)).context
    assert before["offered_receipts"] == [(2024, "EUR")]
    assert answer["Location"] == f"{page_of(dora)}#receipts"
    assert (receipt.of_year, receipt.amount) == (2024, 3000)
    assert (list(page["yearly_receipts"]), page["offered_receipts"]) == ([receipt], [])
    assert client.get(page_of(dora, f"receipt/{receipt}/")).content[:5] == b"%PDF-"


def test_receipt_for_a_year_that_is_not_over_is_not_made(client, dora):
    year = timezone.now().year
    give(dora, year)

    answer = client.post(page_of(dora, "receipt/"), {"year": str(year), "currency": "EUR"})

    assert answer["Location"] == f"{page_of(dora)}?said=unclear"
    assert client.get(page_of(dora)).context["offered_receipts"] == []
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("year", "currency"),
    [("2023", "EUR"), ("2024", "USD"), ("0", "EUR"), ("x", "EUR"), ("2024", "\0")],
)
def test_receipt_for_a_year_without_gifts_is_not_made(client, dora, year, currency):
    give(dora, 2024)

    answer = client.post(page_of(dora, "receipt/"), {"year": year, "currency": currency})

    assert answer["Location"] == f"{page_of(dora)}?said=unclear"
    assert not Receipt.objects.exists()
