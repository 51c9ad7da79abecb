"""What a refund makes of tax certificates, and the command that issues them."""

import pytest
from django.core.management import CommandError, call_command

from crm.donations import certificates
from crm.donations.certificate_pages import pdf
from crm.donations.operations import record_entry
from crm.mailing.models import Mail
from crm.privacy.erasure import erase
from tests.crm.taxpayers import LATER, donor, issue, text_of, versions
from tests.crm.test_identities import certificates_on
from tests.factories import EntryFactory
from tests.jobs import run_jobs


@pytest.fixture(autouse=True)
def recognised(settings):
    certificates_on(settings)


def back(gift, kind, amount, number=1):
    record_entry(gift=gift, reference=f"{kind}:{number}", kind=kind, amount=amount, at=LATER)
    run_jobs()


@pytest.mark.django_db
def test_refund_later_is_the_next_version_of_the_same_number(mailoutbox):
    supporter = donor(5000, 4000)
    donor(4100)
    issue()
    run_jobs()

    back(supporter.gifts.first(), "refund", -1000)

    assert versions() == [(1, 1, 9000), (1, 2, 8000), (2, 1, 4100)]
    mail = mailoutbox[-1]
    assert mail.subject == "Your tax certificate for 2025"
    assert "It replaces the one that you got earlier" in mail.body
    assert "Version 2" in text_of(mail.attachments[0][1])[0]


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [-5000, -1001])
def test_refund_that_leaves_less_than_the_threshold_voids_the_certificate(mailoutbox, amount):
    supporter = donor(5000)
    issue()
    run_jobs()

    back(supporter.gifts.get(), "refund", amount)

    assert versions() == [(1, 1, 5000), (1, 2, 0)]
    assert mailoutbox[-1].subject == "Your tax certificate for 2025 is void"
    [page] = text_of(mailoutbox[-1].attachments[0][1])
    assert "Void" in page
    assert "final and irrevocable" not in page


@pytest.mark.django_db
def test_dispute_that_is_won_makes_the_certificate_valid_again():
    supporter = donor(5000)
    issue()

    back(supporter.gifts.get(), "dispute", -5000)
    back(supporter.gifts.get(), "reversal", 5000)

    assert versions() == [(1, 1, 5000), (1, 2, 0), (1, 3, 5000)]


@pytest.mark.django_db
def test_certificate_of_who_is_erased_later_holds():
    supporter = donor(5000, 4000)
    issue()
    erase(supporter=supporter, at=LATER)

    assert issue() == []
    assert certificates.renew(supporter=supporter, year=2025, at=LATER, with_details=True) is None
    back(supporter.gifts.first(), "refund", -1000)

    assert versions() == [(1, 1, 9000), (1, 2, 8000)]


@pytest.mark.django_db
def test_refund_of_a_gift_without_a_certificate_writes_none():
    supporter = donor(5000)

    back(supporter.gifts.get(), "refund", -100)

    assert versions() == []


@pytest.mark.django_db
def test_version_that_has_a_newer_one_is_not_mailed_any_more():
    supporter = donor(5000)
    issue()
    EntryFactory(gift=supporter.gifts.get(), kind="refund", amount=-500)
    certificates.correct(gift_id=supporter.gifts.get().pk, at=LATER)

    run_jobs()

    assert [mail.key for mail in Mail.objects.all()] == ["tax_certificate:2025-000001:2"]


@pytest.mark.django_db
def test_correcting_twice_is_one_version():
    supporter = donor(5000)
    issue()
    EntryFactory(gift=supporter.gifts.get(), kind="refund", amount=-500)

    for _ in range(2):
        certificates.correct(gift_id=supporter.gifts.get().pk, at=LATER)

    assert versions() == [(1, 1, 5000), (1, 2, 4500)]


@pytest.mark.django_db
def test_certificate_stays_as_it_was_written_until_it_is_asked_for_anew():
    supporter = donor(5000)
    [first] = certificates.issue_all(year=2025, at=LATER)
    supporter.tax_identity.street = "Elsewhere 2"
    supporter.tax_identity.save()

    unasked = certificates.renew(supporter=supporter, year=2025, at=LATER)
    new = certificates.renew(supporter=supporter, year=2025, at=LATER, with_details=True)
    again = certificates.renew(supporter=supporter, year=2025, at=LATER, with_details=True)

    assert (unasked, again) == (None, None)
    assert "Rue Haute 1" in text_of(pdf(first))[0]
    assert "Elsewhere 2" in text_of(pdf(new))[0]


@pytest.mark.django_db
def test_command_shows_first_and_issues_then(capsys):
    ready, waiting = donor(5000), donor(6000, with_address=False)

    call_command("certificates", 2025, dry_run=True)
    shown = capsys.readouterr().out
    assert versions() == []
    call_command("certificates", 2025)

    assert f"#{ready.pk}" in shown
    assert f"#{waiting.pk}" in shown
    assert "address missing" in shown
    assert "Sam" not in shown
    assert "1 to issue, 1 without an address" in shown
    assert versions() == [(1, 1, 5000)]
    assert "1 issued" in capsys.readouterr().out


@pytest.mark.django_db
def test_command_says_in_one_line_why_it_cannot():
    with pytest.raises(CommandError, match="2099 is not over"):
        call_command("certificates", 2099)
    with pytest.raises(CommandError, match="law of 2020 is not known"):
        call_command("certificates", 2020)


@pytest.mark.django_db
def test_command_says_that_certificates_are_switched_off(settings):
    settings.TAX_CERTIFICATES = False

    with pytest.raises(CommandError, match="TAX_CERTIFICATES"):
        call_command("certificates", 2025)
