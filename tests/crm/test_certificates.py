"""Tax certificates: who gets one, under which number, and what stands on it."""

import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from crm.donations import certificates, tax_rules
from crm.donations.certificate_pages import pdf
from crm.donations.credits import MatchingGift
from crm.donations.institution import IncompleteInstitution
from crm.donations.models import Gift
from crm.donations.papers import TaxCertificate
from crm.mailing.models import Mail
from tests.crm.taxpayers import LATER, donor, give, issue, text_of, versions
from tests.crm.test_identities import certificates_on
from tests.factories import EntryFactory, TaxIdentityFactory
from tests.jobs import run_jobs
from tests.threads import at_once


@pytest.fixture(autouse=True)
def recognised(settings):
    certificates_on(settings)


@pytest.mark.parametrize(("year", "rate"), [(2024, 45), (2025, 30), (2030, 30)])
def test_law_is_the_one_of_the_year(year, rate):
    rule = tax_rules.rule_for(year)

    assert (rule.rate, rule.threshold) == (rate, 4000)
    assert rule.sources


def test_year_whose_law_is_not_known_is_refused():
    with pytest.raises(tax_rules.NoRule):
        tax_rules.rule_for(2023)


@pytest.mark.django_db
def test_threshold_is_reached_by_the_sum_of_a_calendar_year():
    donor(4000)
    donor(3999)
    donor(1500, 2500)
    early = donor(3999)
    give(early, received_on=date(2024, 12, 31), amount=100)
    give(early, received_on=date(2026, 1, 1), amount=100)
    edges = donor()
    give(edges, received_on=date(2025, 1, 1), amount=2000)
    give(edges, received_on=date(2025, 12, 31), amount=2000)

    assert issue() == [(1, 4000), (2, 4000), (3, 4000)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Gift.Kind.IN_KIND},
        {"kind": Gift.Kind.LEGACY},
        {"currency": "CHF"},
        {"status": "failed", "received_on": None},
        {"status": "processing", "received_on": None},
    ],
)
def test_gift_that_does_not_count_for_the_tax_makes_no_certificate(fields):
    give(donor(), **fields)

    assert issue() == []


@pytest.mark.django_db
def test_what_an_employer_adds_is_not_the_employees_gift_nor_the_employers():
    employee, employer = donor(4000), donor()
    added = give(employer)
    MatchingGift.objects.create(
        gift=employee.gifts.get(),
        employer=employer,
        amount=5000,
        currency="EUR",
        promised_on=date(2025, 6, 1),
        received=added,
    )

    assert issue() == [(1, 4000)]


@pytest.mark.django_db
def test_what_went_back_does_not_count_and_fees_do():
    refunded, charged, won = (give(donor()) for _ in range(3))
    EntryFactory(gift=refunded, kind="refund", amount=-1001)
    EntryFactory(gift=charged, kind="fee", amount=-150)
    EntryFactory(gift=won, kind="dispute", amount=-5000)
    EntryFactory(gift=won, kind="reversal", amount=5000)

    assert issue() == [(1, 5000), (2, 5000)]


@pytest.mark.django_db
def test_issuing_twice_adds_nothing_and_late_donors_get_the_next_numbers():
    first, second = donor(5000), donor(6000)
    assert issue() == [(1, 5000), (2, 6000)]
    TaxIdentityFactory(supporter=donor(7000, with_address=False))

    assert issue() == [(3, 7000)]
    assert issue() == []
    assert list(TaxCertificate.objects.order_by("number").values_list("supporter", flat=True))[
        :2
    ] == [first.pk, second.pk]


@pytest.mark.django_db
def test_donor_without_an_address_waits_and_takes_no_number():
    waiting = donor(5000, with_address=False)
    donor(6000)

    assert issue() == [(1, 6000)]
    assert [who.has_address for who in certificates.donors(2025)] == [False, True]
    TaxIdentityFactory(supporter=waiting)
    assert issue() == [(2, 5000)]


@pytest.mark.django_db
def test_gift_that_is_found_late_makes_the_next_version():
    late = donor(5000)
    issue()
    give(late, amount=1000)

    assert issue() == [(1, 6000)]
    assert versions() == [(1, 1, 5000), (1, 2, 6000)]


@pytest.mark.django_db
def test_numbers_begin_anew_with_the_year_of_the_gifts():
    supporter = donor(5000)
    give(supporter, received_on=date(2024, 5, 1))

    assert issue(2024) == [(1, 5000)]
    assert issue(2025) == [(1, 5000)]


@pytest.mark.django_db(transaction=True)
def test_issuing_at_once_has_no_gap_and_no_double():
    for _ in range(5):
        donor(5000)

    at_once(lambda _n: certificates.issue_all(year=2025, at=LATER), range(3))

    assert versions() == [(number, 1, 5000) for number in range(1, 6)]


@pytest.mark.django_db
def test_year_that_is_not_over_has_no_certificates():
    donor(5000)

    with pytest.raises(certificates.YearNotOver):
        issue(at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC))

    assert issue(at=datetime(2025, 12, 31, 23, 1, tzinfo=UTC)) == [(1, 5000)]


@pytest.mark.django_db
def test_institution_that_was_not_recognised_issues_nothing(settings):
    donor(5000)
    settings.TAX_CERTIFICATES = False

    with pytest.raises(certificates.SwitchedOff):
        issue()

    assert versions() == []


@pytest.mark.django_db
def test_institution_without_an_enterprise_number_issues_nothing(settings):
    settings.ORGANISATION_ENTERPRISE_NUMBER = "0403"

    with pytest.raises(IncompleteInstitution, match="ORGANISATION_ENTERPRISE_NUMBER"):
        issue()


@pytest.mark.django_db
def test_erased_donor_gets_none():
    erased = donor(5000)
    erased.erased_at = LATER
    erased.save()

    assert issue() == []


@pytest.mark.django_db
def test_each_donor_gets_one_mail_with_their_certificate(mailoutbox):
    donor(5000, given_name="Ann", email="ann@example.org")
    donor(6000, email="")
    issue()
    run_jobs()
    issue()
    run_jobs()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["ann@example.org"], "Your tax certificate for 2025")
    assert "In 2025 you gave us €50." in mail.body
    assert "the tax reduction is 30 % of the amount" in mail.body
    [(name, content, _type)] = mail.attachments
    assert name == "2025-000001.pdf"
    assert "€50.00" in text_of(content)[0]


@pytest.mark.django_db
def test_sending_a_certificate_twice_is_one_mail():
    donor(5000)
    [certificate] = certificates.issue_all(year=2025, at=LATER)

    for _ in range(2):
        certificates.send(certificate_id=certificate.pk, at=LATER)

    assert Mail.objects.count() == 1


@pytest.mark.django_db
def test_who_has_no_address_for_mail_is_in_the_pdf_to_print():
    donor(5000)
    donor(6000, email="")
    donor(7000, email="")
    issue()

    pages = text_of(certificates.printed(2025))

    assert ["€60.00" in pages[0], "€70.00" in pages[1], len(pages)] == [True, True, 2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "law", "final", "amount"),
    [
        ("fr", "article 145/33, § 1er, alinéa 2", "à titre définitif et irrévocable", "50,00 €"),
        ("nl", "artikel 145/33, § 1, tweede lid", "definitief en onherroepelijk", "€ 50,00"),
        ("en", "article 145/33, § 1, second paragraph", "final and irrevocable", "€50.00"),
    ],
)
def test_page_holds_all_that_the_law_asks_for_in_the_donors_language(language, law, final, amount):
    donor(5000, language=language)
    [certificate] = certificates.issue_all(year=2025, at=LATER)

    content = pdf(certificate)
    [page] = text_of(content)

    for words in (law, final, amount, "2025-000001", "0403.019.261", "Sam Supporter"):
        assert words in page
    for words in ("Rue Haute 1", "1000 Bruxelles", "Rue du Marché 1, 1000 Bruxelles", "2025"):
        assert words in page
    document = PdfReader(io.BytesIO(content))
    assert document.trailer["/Root"]["/Lang"] == language
    assert b"pdfuaid:part" in document.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert pdf(certificate) == content
