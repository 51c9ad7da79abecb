"""What becomes of receipts when money goes back, and receipts of a whole year."""

import io
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.test import override_settings
from pypdf import PdfReader

from crm.donations import receipts
from crm.donations.models import Gift
from crm.donations.operations import record_entry
from crm.donations.papers import Receipt
from crm.mailing.models import Attachment, Mail
from crm.people.models import Supporter
from crm.privacy.erasure import erase
from tests.factories import (
    CampaignFactory,
    CampaignTextFactory,
    EntryFactory,
    FundFactory,
    GiftFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs
from tests.threads import at_once


def text_of(receipt, **options):
    reader = PdfReader(io.BytesIO(receipts.pdf(receipt, **options)))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    return text.replace("\u202f", " ").replace("\xa0", " ")


def series():
    return [
        (str(receipt), receipt.amount, receipt.voided_at is None, str(receipt.replaces or ""))
        for receipt in Receipt.objects.order_by("year", "number")
    ]


def move(gift, kind, amount, now, number=1):
    record_entry(gift=gift, reference=f"{kind}:{number}", kind=kind, amount=amount, at=now)


@pytest.fixture
def gift(db):
    donor = SupporterFactory(given_name="Dora", family_name="Donor", language="en")
    return GiftFactory(supporter=donor, amount=5000)


@pytest.mark.django_db
def test_duplicate_has_the_same_number_and_facts_and_says_what_it_is(gift, now):
    receipt = receipts.issue(gift=gift, at=now)
    gift.supporter.family_name = "Newname"
    gift.supporter.save()

    original, duplicate = text_of(receipt), text_of(receipt, duplicate=True)

    assert "Duplicate" not in original
    assert duplicate.replace(" Duplicate", "") == original
    assert "Dora Donor" in original


@pytest.mark.django_db
def test_refund_in_part_replaces_the_receipt_and_tells_the_donor_once(gift, now):
    first = receipts.issue(gift=gift, at=now)

    move(gift, "refund", -2000, now)
    run_jobs()
    receipts.correct(gift_id=gift.pk, at=now)
    run_jobs()

    assert series() == [
        ("2026-000001", 5000, False, ""),
        ("2026-000002", 3000, True, "2026-000001"),
    ]
    mail = Mail.objects.get()
    assert (mail.template, mail.context["number"]) == ("receipt_corrected", "2026-000002")
    assert (mail.context["replaces"], mail.context["amount"]) == ("2026-000001", "€30")
    first.refresh_from_db()
    assert "Void since" in text_of(first)
    assert "Replaces 2026-000001" in text_of(Receipt.objects.valid().get())


@pytest.mark.django_db
def test_refund_of_all_voids_the_receipt_and_leaves_none(gift, now, mailoutbox):
    receipts.issue(gift=gift, at=now)

    move(gift, "refund", -5000, now)
    run_jobs()

    assert series() == [("2026-000001", 5000, False, "")]
    [mail] = mailoutbox
    assert mail.subject == "Receipt 2026-000001 is no longer valid"
    assert mail.attachments == []


@pytest.mark.django_db
def test_receipt_that_is_void_already_is_told_of_no_second_time(gift, now):
    receipts.issue(gift=gift, at=now)
    EntryFactory(gift=gift, kind="refund", amount=-5000)
    Supporter.objects.update(email="")
    receipts.correct(gift_id=gift.pk, at=now)

    Supporter.objects.update(email="dora@example.org")
    receipts.correct(gift_id=gift.pk, at=now)

    assert series() == [("2026-000001", 5000, False, "")]
    assert Mail.objects.count() == 0


@pytest.mark.django_db
def test_dispute_that_is_won_gives_the_donor_a_receipt_again(gift, now, mailoutbox):
    receipts.issue(gift=gift, at=now)

    move(gift, "dispute", -5000, now)
    run_jobs()
    move(gift, "reversal", 5000, now)
    run_jobs()

    assert series() == [
        ("2026-000001", 5000, False, ""),
        ("2026-000002", 5000, True, "2026-000001"),
    ]
    assert [mail.subject for mail in mailoutbox] == [
        "Receipt 2026-000001 is no longer valid",
        "Your corrected receipt 2026-000002",
    ]


@pytest.mark.django_db
def test_fee_changes_no_receipt(gift, now):
    receipts.issue(gift=gift, at=now)

    record_entry(gift=gift, reference="fee", kind="fee", amount=-50, at=now)

    assert run_jobs() == []
    assert series() == [("2026-000001", 5000, True, "")]


@pytest.mark.django_db
def test_gift_without_a_receipt_gets_none_by_a_refund(gift, now):
    move(gift, "refund", -2000, now)
    run_jobs()

    assert (series(), Mail.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_gift_that_was_given_back_before_the_thanks_is_not_thanked_for(gift, now):
    EntryFactory(gift=gift, kind="refund", amount=-5000)

    receipts.thank(gift_id=gift.pk, at=now)

    assert (series(), Mail.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_thanks_that_come_after_a_refund_in_part_say_what_is_left(gift, now):
    EntryFactory(gift=gift, kind="refund", amount=-2000)

    receipts.thank(gift_id=gift.pk, at=now)

    assert Mail.objects.get().context["amount"] == "€30"
    assert series() == [("2026-000001", 3000, True, "")]


@pytest.mark.django_db
def test_refund_that_is_rolled_back_corrects_nothing(gift, now):
    receipts.issue(gift=gift, at=now)

    with transaction.atomic():
        move(gift, "refund", -2000, now)
        transaction.set_rollback(True)

    assert run_jobs() == []


@pytest.mark.django_db
def test_correction_that_was_corrected_again_before_its_mail_is_not_sent(gift, now):
    receipts.issue(gift=gift, at=now)
    EntryFactory(gift=gift, kind="refund", amount=-1000)
    receipts.correct(gift_id=gift.pk, at=now)
    EntryFactory(gift=gift, kind="refund", amount=-1000)
    receipts.correct(gift_id=gift.pk, at=now)

    run_jobs()

    assert [mail.context["number"] for mail in Mail.objects.all()] == ["2026-000003"]
    assert [file.name for file in Attachment.objects.all()] == []  # sent, and so emptied


@pytest.mark.django_db
def test_correction_for_who_is_erased_by_now_keeps_the_name_of_the_receipt(gift, now):
    receipts.issue(gift=gift, at=now)
    erase(supporter=gift.supporter, at=now)

    move(gift, "refund", -2000, now)
    run_jobs()

    names = Receipt.objects.order_by("number").values_list("donor_name", "amount")
    assert list(names) == [("Dora Donor", 5000), ("Dora Donor", 3000)]


@pytest.mark.django_db
def test_correction_takes_its_number_from_the_year_in_which_it_is_made(gift, now):
    receipts.issue(gift=gift, at=now)
    later = datetime(2027, 1, 9, tzinfo=UTC)
    EntryFactory(gift=gift, kind="refund", amount=-1000)

    receipts.correct(gift_id=gift.pk, at=later)

    assert series()[-1] == ("2027-000001", 4000, True, "2026-000001")


@pytest.mark.django_db(transaction=True)
def test_corrections_at_once_have_no_gap_and_no_double(now):
    gifts = GiftFactory.create_batch(6, amount=5000)
    for gift in gifts:
        receipts.issue(gift=gift, at=now)
        EntryFactory(gift=gift, kind="refund", amount=-1000)

    at_once(lambda gift: receipts.correct(gift_id=gift.pk, at=now), [*gifts, *gifts])

    assert [number for number, *_rest in series()] == [f"2026-{n:06d}" for n in range(1, 13)]
    assert [gift.receipts.valid().get().amount for gift in gifts] == [4000] * 6


@pytest.mark.django_db
def test_receipt_of_a_gift_in_kind_says_what_it_was_and_whose_word_its_value_is(now):
    donor = SupporterFactory(language="en")
    gift = GiftFactory(
        supporter=donor, kind=Gift.Kind.IN_KIND, description="Ten chairs", method="other"
    )

    page = text_of(receipts.issue(gift=gift, at=now))

    assert "What was given Ten chairs" in page
    assert "Value €25" in page
    assert "The value is the one that the donor gave." in page
    assert "Paid by" not in page


@pytest.fixture
def year(gift):
    """The gifts of one donor in 2026, and what must not count among them."""
    donor = gift.supporter
    campaign = CampaignFactory()
    CampaignTextFactory(campaign=campaign, title="Stop trafficking")
    rest = {"supporter": donor, "amount": 1250, "received_on": date(2026, 12, 31)}
    refunded = GiftFactory(**rest | {"campaign": campaign, "method": "bank_transfer"})
    EntryFactory(gift=refunded, kind="refund", amount=-250)
    GiftFactory(**rest | {"fund": FundFactory(name="Shelter"), "method": "cash"})
    GiftFactory(**rest | {"kind": Gift.Kind.IN_KIND})
    GiftFactory(**rest | {"currency": "CHF"})
    GiftFactory(**rest | {"received_on": date(2027, 1, 1)})
    GiftFactory(**rest | {"status": "failed", "received_on": None})
    gone = GiftFactory(**rest)
    EntryFactory(gift=gone, kind="refund", amount=-1250)
    GiftFactory(amount=9900)
    return {"supporter": donor, "year": 2026, "currency": "EUR"}


@pytest.mark.django_db
def test_receipt_of_a_year_lists_each_gift_of_it_and_their_sum(year, now):
    page = text_of(receipts.issue_for_year(**year, at=now))

    assert "Receipt for the year 2026" in page
    assert "Total €72.50" in page
    assert "1 March 2026 card €50" in page
    assert "31 December 2026 bank transfer Stop trafficking €10" in page
    assert "31 December 2026 cash Shelter €12.50" in page
    assert page.count("December 2026") == 2


@pytest.mark.django_db
def test_receipt_of_a_year_is_issued_once_until_something_changes(year, now):
    first = receipts.issue_for_year(**year, at=now)
    again = receipts.issue_for_year(**year, at=now)
    GiftFactory(supporter=year["supporter"], amount=1000)

    newer = receipts.issue_for_year(**year, at=now)

    assert again == first
    assert newer.replaces == first
    assert series() == [
        ("2026-000001", 7250, False, ""),
        ("2026-000002", 8250, True, "2026-000001"),
    ]


@pytest.mark.django_db
def test_receipt_of_a_year_is_corrected_by_a_refund_too(year, gift, now):
    receipts.issue_for_year(**year, at=now)

    move(gift, "refund", -5000, now)
    run_jobs()

    assert [row[:3] for row in series()] == [
        ("2026-000001", 7250, False),
        ("2026-000002", 2250, True),
    ]
    assert Mail.objects.get().context["number"] == "2026-000002"


@pytest.mark.django_db
def test_year_without_a_gift_has_no_receipt_and_takes_no_number(gift, now):
    with pytest.raises(receipts.NothingGiven):
        receipts.issue_for_year(supporter=gift.supporter, year=2020, currency="EUR", at=now)

    assert series() == []


@pytest.mark.django_db
def test_receipt_of_a_year_is_the_same_after_a_title_has_changed(year, now):
    receipt = receipts.issue_for_year(**year, at=now)
    before = receipts.pdf(receipt)
    Gift.objects.update(campaign=None, fund=None)

    assert receipts.pdf(Receipt.objects.get()) == before


@pytest.mark.django_db
def test_receipt_of_a_year_is_mailed_at_most_once_a_day(year, now, mailoutbox):
    receipt = receipts.issue_for_year(**year, at=now)

    for _ in range(2):
        receipts.send_for_year(receipt_id=receipt.pk, at=now)
    run_jobs()

    [mail] = mailoutbox
    assert mail.subject == "Your receipt for the year 2026"
    assert "In 2026 you gave us €72.50 in all." in mail.body
    assert [name for name, _content, _type in mail.attachments] == ["2026-000001.pdf"]


@pytest.mark.django_db
@override_settings(ORGANISATION_ADDRESS="Rue Haute 1, 1000 Bruxelles")
def test_receipt_of_a_long_year_runs_over_several_pages_and_is_still_accessible(now):
    donor = SupporterFactory(language="nl")
    GiftFactory.create_batch(60, supporter=donor)

    content = receipts.pdf(
        receipts.issue_for_year(supporter=donor, year=2026, currency="EUR", at=now)
    )

    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 3
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
