"""Receipts: their numbers, their page, and the mail that carries them."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction
from pypdf import PdfReader

from crm.donations import receipts
from crm.donations.papers import Receipt
from crm.mailing.models import Attachment, Mail
from tests.factories import CampaignFactory, CampaignTextFactory, GiftFactory, SupporterFactory


def numbers():
    return [str(receipt) for receipt in Receipt.objects.order_by("year", "number")]


def make(now, **supporter):
    campaign = CampaignFactory()
    CampaignTextFactory(campaign=campaign, title="Stop #1 *trafficking*")
    gift = GiftFactory(supporter=SupporterFactory(**supporter), campaign=campaign, amount=123450)
    return receipts.issue(gift=gift, at=now)


def read(content):
    return PdfReader(io.BytesIO(content))


def text_of(content):
    return " ".join(read(content).pages[0].extract_text().split())


@pytest.mark.django_db
def test_receipt_of_a_gift_is_issued_once(now):
    gift = GiftFactory()

    issued = {receipts.issue(gift=gift, at=now).pk for _ in range(2)}

    assert len(issued) == 1
    assert numbers() == ["2026-000001"]


@pytest.mark.django_db
def test_numbers_begin_anew_with_the_local_year(now):
    receipts.issue(gift=GiftFactory(), at=now)

    receipts.issue(gift=GiftFactory(), at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert numbers() == ["2026-000001", "2027-000001"]


@pytest.mark.django_db
def test_number_of_a_receipt_that_was_rolled_back_is_given_again(now):
    with transaction.atomic():
        receipts.issue(gift=GiftFactory(), at=now)
        transaction.set_rollback(True)

    receipts.issue(gift=GiftFactory(), at=now)

    assert numbers() == ["2026-000001"]


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_have_no_gap_and_no_double(now):
    gifts = GiftFactory.create_batch(12)

    def issue(gift):
        try:
            receipts.issue(gift=gift, at=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(issue, [*gifts, *gifts]))

    assert numbers() == [f"2026-{number:06d}" for number in range(1, 13)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [
        ("fr", "1 234,50 €", "1 mars 2026"),
        ("nl", "€ 1.234,50", "1 maart 2026"),
        ("en", "€1,234.50", "1 March 2026"),
    ],
)
def test_page_says_who_gave_what_and_when_in_the_donors_language(now, language, amount, day):
    receipt = make(now, given_name="Hélène", family_name="d’Hondt <b>", language=language)

    page = text_of(receipts.pdf(receipt))

    for words in ("2026-000001", "Hélène d’Hondt <b>", amount, day, "Stop #1 *trafficking*"):
        assert words in page.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.django_db
def test_page_is_tagged_for_screen_readers_and_the_same_each_time(now):
    receipt = make(now, language="nl")

    content = receipts.pdf(receipt)

    document = read(content)
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert "2026-000001" in document.metadata.title
    assert content == receipts.pdf(receipt)


@pytest.mark.django_db
def test_name_that_no_font_can_show_still_makes_a_receipt_that_tells_whose_it_is(now, caplog):
    receipt = make(now, given_name="李明\U000e0041", family_name="", email="li@example.org")

    page = text_of(receipts.pdf(receipt))

    assert "li@example.org" in page
    assert "needs fonts" in caplog.text
    assert "li@example.org" not in caplog.text


@pytest.mark.django_db
def test_thanks_are_one_mail_with_the_receipt(now):
    gift = GiftFactory(supporter=SupporterFactory(language="nl"))

    for _ in range(2):
        receipts.thank(gift_id=gift.pk, at=now)

    mail = Mail.objects.get()
    assert (mail.supporter, mail.language, mail.template) == (gift.supporter, "nl", "gift_thanks")
    assert mail.context["number"] == "2026-000001"
    assert [file.name for file in Attachment.objects.all()] == ["2026-000001.pdf"]


@pytest.mark.django_db
def test_donor_without_an_address_gets_no_mail(now):
    gift = GiftFactory(supporter=SupporterFactory(email=""))

    receipts.thank(gift_id=gift.pk, at=now)

    assert (Mail.objects.count(), Receipt.objects.count()) == (0, 0)
