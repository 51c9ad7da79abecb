"""What staff do with receipts and tax certificates."""

import io
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations import certificates, receipts
from crm.donations.identities import numbers_of
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.mailing.models import Mail
from tests.crm.test_identities import DIGITS, NUMBER, certificates_on, keep
from tests.factories import (
    EntryFactory,
    GiftFactory,
    ReceiptFactory,
    SupporterFactory,
    TaxIdentityFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 1, 15, 9, tzinfo=UTC)
ISSUE, FILE = "/staff/crm/taxcertificate/issue/", "/staff/crm/taxcertificate/file/"
ENGLISH = {"headers": {"accept-language": "en"}}


@pytest.fixture(autouse=True)
def recognised(settings):
    certificates_on(settings)


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


@pytest.fixture
def treasurer(client, staff):
    user = staff(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def donor(amount=5000, *, with_address=True, **fields):
    supporter = SupporterFactory(**fields)
    GiftFactory(supporter=supporter, amount=amount, received_on=date(2025, 6, 1))
    if with_address:
        TaxIdentityFactory(supporter=supporter)
    return supporter


def text_of(answer):
    page = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    return " ".join(page.split())


def told(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [("2026-000007", [7]), ("2026-7", [7]), ("dora", [7]), ("2025-000007", []), ("tom", [8])],
)
def test_receipts_are_found_by_number_and_by_name(client, fundraiser, words, found):
    ReceiptFactory(number=7, gift__supporter__given_name="Dora")
    ReceiptFactory(number=8, gift__supporter__given_name="Tom")

    answer = client.get("/staff/crm/receipt/", {"q": words})

    assert [receipt.number for receipt in answer.context["cl"].result_list] == found


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_receipts_takes_as_many_queries_for_three_as_for_one(
    client, fundraiser, number, django_assert_num_queries
):
    ReceiptFactory.create_batch(number)
    client.get("/staff/crm/receipt/")

    with django_assert_num_queries(5):
        client.get("/staff/crm/receipt/")


def test_download_is_marked_as_duplicate_unless_the_first_is_asked_for(client, fundraiser, now):
    gift = GiftFactory(supporter=SupporterFactory(language="en"))
    address = reverse("admin:crm_receipt_pdf", args=[receipts.issue(gift=gift, at=now).pk])

    duplicate, original = client.get(address), client.get(f"{address}?original")

    assert ["Duplicate" in text_of(duplicate), "Duplicate" in text_of(original)] == [True, False]
    assert duplicate["Content-Type"] == "application/pdf"


def test_receipt_of_a_year_is_made_and_sent_from_the_donors_page(client, fundraiser):
    supporter = donor(7000, email="ann@example.org")
    GiftFactory(supporter=supporter, amount=900, received_on=date(2024, 3, 1), currency="CHF")
    address = reverse("admin:crm_supporter_receipts", args=[supporter.pk])

    shown = client.get(address, **ENGLISH)
    client.post(address, {"year": "2025", "currency": "EUR"})
    client.post(address, {"year": "2025", "currency": "EUR", "send": "on"})
    run_jobs()

    rows = [(row["year"], row["currency"], row["amount"]) for row in shown.context["years"]]
    assert rows == [(2025, "EUR", "€70"), (2024, "CHF", "CHF 9".replace(" ", ""))]
    assert [(r.of_year, r.amount) for r in Receipt.objects.all()] == [(2025, 7000)]
    assert [(mail.template, mail.to) for mail in Mail.objects.all()] == [
        ("yearly_receipt", "ann@example.org")
    ]


@pytest.mark.parametrize(
    "form",
    [{}, {"year": "soon", "currency": "EUR"}, {"year": "1999", "currency": "EUR"}],
)
def test_year_without_gifts_makes_no_receipt_and_says_why(client, fundraiser, form):
    address = reverse("admin:crm_supporter_receipts", args=[donor().pk])

    answer = client.post(address, form, follow=True)

    assert Receipt.objects.count() == 0
    assert len(told(answer)) == 1


def test_who_may_only_read_receipts_makes_none(client):
    user = get_user_model().objects.create_user("reader", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_receipt", "see_money"])
    user.user_permissions.add(*rights)
    client.force_login(user)
    address = reverse("admin:crm_supporter_receipts", args=[donor().pk])

    shown = client.get(address)
    answer = client.post(address, {"year": "2025", "currency": "EUR"})

    assert (shown.context["may_issue"], answer.status_code) == (False, 403)
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("model", ["receipt", "taxcertificate"])
def test_who_sees_no_money_sees_no_list_of_papers(client, model):
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=f"view_{model}"))
    client.force_login(user)

    assert client.get(f"/staff/crm/{model}/").status_code == 403


def identity_form(**changes):
    return {
        "given_name": "Dora",
        "family_name": "Donor",
        "street": "Rue Haute 1",
        "postcode": "1000",
        "town": "Bruxelles",
        "country": "BE",
        "number": NUMBER,
        **changes,
    }


def test_details_are_written_and_the_number_is_never_shown(client, fundraiser, now):
    supporter = SupporterFactory()
    address = reverse("admin:crm_supporter_tax", args=[supporter.pk])

    client.post(address, identity_form())

    identity = TaxIdentity.objects.get()
    assert (identity.supporter, identity.town) == (supporter, "Bruxelles")
    assert numbers_of([identity], reason="test", by=None, at=now) == {supporter.pk: DIGITS}
    page = client.get(address).content.decode()
    assert 'value="Rue Haute 1"' in page
    assert not any(text in page for text in (NUMBER, DIGITS, bytes(identity.number).decode()))
    kept = AuditEntry.objects.get(action="taxidentity.kept")
    assert (kept.by, "number" in kept.details["fields"]) == (fundraiser, True)


def test_wrong_number_comes_back_beside_its_field_and_saves_nothing(client, fundraiser):
    address = reverse("admin:crm_supporter_tax", args=[SupporterFactory().pk])

    answer = client.post(address, identity_form(number="85.07.30-033.29"), **ENGLISH)

    assert answer.context["form"].errors == {
        "number": ["One of the digits is wrong: the last two do not fit the others."]
    }
    assert TaxIdentity.objects.count() == 0


@pytest.mark.parametrize("field", ["given_name", "family_name", "street", "postcode", "town"])
def test_details_that_the_certificate_needs_are_asked_for(client, fundraiser, field):
    address = reverse("admin:crm_supporter_tax", args=[SupporterFactory().pk])

    answer = client.post(address, identity_form(**{field: ""}))

    assert list(answer.context["form"].errors) == [field]


def test_number_is_forgotten_when_asked(client, fundraiser, now):
    identity = keep(now)
    address = reverse("admin:crm_supporter_tax", args=[identity.supporter_id])

    client.post(address, identity_form(number="", forget="on"))

    assert bytes(TaxIdentity.objects.get().number) == b""


def test_page_shows_who_gets_one_and_what_is_missing(client, fundraiser):
    donor(6000)
    donor(5000, with_address=False, given_name="Wanda")
    donor(100)

    answer = client.get(ISSUE, {"year": 2025}, **ENGLISH)
    waiting = client.get(ISSUE, {"year": 2025, "show": "waiting"}, **ENGLISH)

    assert [given for _donor, given in answer.context["donors"]] == ["€60", "€50"]
    assert [str(who.supporter) for who, _given in waiting.context["donors"]] == ["Wanda Supporter"]
    assert answer.content.decode().count("address missing</span>") == 1
    assert answer.content.decode().count("no national number") == 2


def test_certificates_are_issued_by_a_worker_and_the_page_tells_how_far(client, fundraiser):
    donor(6000)
    donor(5000)

    client.post(ISSUE, {"year": "2025"})
    under_way = client.get(ISSUE, {"year": 2025})
    assert (TaxCertificate.objects.count(), under_way.context["standing"].is_under_way) == (0, True)
    run_jobs()
    client.post(ISSUE, {"year": "2025"})
    run_jobs()

    standing = client.get(ISSUE, {"year": 2025}).context["standing"]
    assert (standing.issued, standing.mailed, standing.is_under_way) == (2, 2, False)
    assert standing.due == []
    assert AuditEntry.objects.get(action="taxcertificates.issued").by == fundraiser


def test_nothing_is_issued_while_certificates_are_switched_off(client, fundraiser, settings):
    donor()
    settings.TAX_CERTIFICATES = False

    answer = client.post(ISSUE, {"year": "2025"}, follow=True, **ENGLISH)

    assert told(answer) == ["Tax certificates are switched off: set TAX_CERTIFICATES."]
    assert run_jobs() == []


@pytest.mark.parametrize("year", ["2023", "2999", "soon"])
def test_year_that_has_no_certificates_is_no_page(client, fundraiser, year):
    assert client.get(ISSUE, {"year": year}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_year_takes_as_many_queries_for_three_as_for_one(
    client, fundraiser, number, django_assert_num_queries
):
    for _ in range(number):
        donor()
    certificates.issue_all(year=2025, at=LATER)
    client.get(ISSUE, {"year": 2025})

    with django_assert_num_queries(11):
        client.get(ISSUE, {"year": 2025})


def test_those_without_an_address_for_mail_are_printed_in_one_file(client, fundraiser):
    donor(6000, email="", given_name="Paula", language="en")
    donor(5000)
    certificates.issue_all(year=2025, at=LATER)

    answer = client.get("/staff/crm/taxcertificate/print/", {"year": 2025})

    assert "€60.00" in text_of(answer)
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1


def test_list_shows_every_version_and_finds_by_number(client, fundraiser):
    supporter = donor(6000)
    certificates.issue_all(year=2025, at=LATER)
    EntryFactory(gift=supporter.gifts.get(), kind="refund", amount=-6000)
    certificates.correct(gift_id=supporter.gifts.get().pk, at=LATER)

    found = client.get("/staff/crm/taxcertificate/", {"q": "2025-1"}).context["cl"].result_list

    states = [(each.version, each.amount, each.is_replaced) for each in found]
    assert states == [(2, 0, False), (1, 6000, True)]


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_certificates_takes_as_many_queries_for_three_as_for_one(
    client, fundraiser, number, django_assert_num_queries
):
    for _ in range(number):
        donor()
    certificates.issue_all(year=2025, at=LATER)
    client.get("/staff/crm/taxcertificate/")

    with django_assert_num_queries(5):
        client.get("/staff/crm/taxcertificate/")


def test_certificate_is_issued_again_with_corrected_details(client, fundraiser):
    supporter = donor()
    [certificate] = certificates.issue_all(year=2025, at=LATER)
    TaxIdentity.objects.update(street="Elsewhere 2")
    address = reverse("admin:crm_taxcertificate_renew", args=[certificate.pk])

    asked = client.get(address)
    client.post(address, {"confirmed": "yes"})
    client.post(address, {"confirmed": "yes"})

    assert asked.status_code == 200
    versions = TaxCertificate.objects.filter(supporter=supporter).order_by("version")
    assert [each.street for each in versions] == ["Rue Haute 1", "Elsewhere 2"]


def test_file_is_downloaded_and_then_noted_as_sent(client, treasurer):
    donor()
    certificates.issue_all(year=2025, at=LATER)
    upto = client.get(FILE, {"year": 2025}).context["upto"]

    answer = client.post(FILE, {"year": "2025", "upto": upto, "file": "yes"})
    told_once = client.post(FILE, {"year": "2025", "upto": upto, "sent": "yes"}, follow=True)
    told_twice = client.post(FILE, {"year": "2025", "upto": upto, "sent": "yes"}, follow=True)

    assert ElementTree.fromstring(answer.content).tag == "Verzendingen"
    assert answer["Content-Disposition"] == 'attachment; filename="belcotax-281.71-2025.xml"'
    assert "no-store" in answer["Cache-Control"]
    assert TaxCertificate.objects.get().filed_at is not None
    assert AuditEntry.objects.filter(action="taxcertificates.filed").count() == 1
    assert [answer.context["number"] for answer in (told_once, told_twice)] == [0, 0]


def test_page_of_the_file_says_that_it_must_be_validated_first(client, treasurer):
    donor()
    certificates.issue_all(year=2025, at=LATER)

    page = client.get(FILE, {"year": 2025}, **ENGLISH).content.decode()

    assert "Validate the file with the official module" in page
    assert "could not be verified" in page


def test_fundraiser_neither_opens_nor_downloads_the_file_with_the_numbers(client, fundraiser):
    donor()
    certificates.issue_all(year=2025, at=LATER)

    answers = [
        client.get(FILE, {"year": 2025}),
        client.post(FILE, {"year": "2025", "upto": "99", "file": "yes"}),
        client.post(FILE, {"year": "2025", "upto": "99", "sent": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert TaxCertificate.objects.get().filed_at is None


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_who_sees_no_money_writes_no_paper(client, staff, role):
    supporter = donor()
    [certificate] = certificates.issue_all(year=2025, at=LATER)
    client.force_login(staff(role))
    names = ("crm_supporter_receipts", "crm_supporter_tax")
    addresses = [reverse(f"admin:{name}", args=[supporter.pk]) for name in names]
    addresses += [ISSUE, FILE, reverse("admin:crm_taxcertificate_renew", args=[certificate.pk])]

    answers = [client.post(address, {"year": "2025"}) for address in addresses]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert (Receipt.objects.count(), TaxCertificate.objects.count()) == (0, 1)


def test_last_year_is_shown_first(client, fundraiser):
    answer = client.get(ISSUE)

    assert answer.context["standing"].year == timezone.localdate().year - 1
