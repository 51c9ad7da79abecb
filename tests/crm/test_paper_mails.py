"""The mails that carry receipts of a year, corrected receipts and tax certificates."""

import pytest

from crm.mailing import outbox
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
WORDS = {
    "number": "2026-000007",
    "replaces": "2026-000003",
    "amount": "€30",
    "of_year": 2025,
    "year": 2025,
    "rate": "30 %",
}


def sent(mailoutbox, template, now, **words):
    dora = SupporterFactory(given_name="<Dora>")
    outbox.queue(template, key="k", to=dora, language="en", at=now, context=WORDS | words)
    run_jobs()
    [mail] = mailoutbox
    [html] = mail.alternatives
    return mail, html.content


@pytest.mark.parametrize(
    ("template", "words", "subject"),
    [
        ("receipt_corrected", {}, "Your corrected receipt 2026-000007"),
        ("receipt_corrected", {"is_void": True}, "Receipt 2026-000007 is no longer valid"),
        ("yearly_receipt", {}, "Your receipt for the year 2025"),
        ("tax_certificate", {}, "Your tax certificate for 2025"),
        ("tax_certificate", {"is_void": True}, "Your tax certificate for 2025 is void"),
    ],
)
def test_mail_says_what_it_brings_and_why_it_comes(mailoutbox, now, template, words, subject):
    mail, html = sent(mailoutbox, template, now, **words)

    assert mail.subject == subject
    for text in (mail.body, html):
        assert "2026-000007" in text
        assert text.count("You get this mail because") == 1
    assert "Hello <Dora>," in mail.body
    assert "Hello &lt;Dora&gt;," in html


def test_corrected_receipt_names_the_one_it_replaces(mailoutbox, now):
    mail, html = sent(mailoutbox, "receipt_corrected", now)

    words = "Receipt 2026-000007 of €30 replaces receipt 2026-000003"
    assert [words in mail.body, words in html] == [True, True]


@pytest.mark.parametrize(("is_correction", "times"), [(False, 0), (True, 1)])
def test_certificate_says_that_it_replaces_an_earlier_one(mailoutbox, now, is_correction, times):
    mail, html = sent(mailoutbox, "tax_certificate", now, is_correction=is_correction)

    words = "It replaces the one that you got earlier"
    assert [mail.body.count(words), html.count(words)] == [times, times]
