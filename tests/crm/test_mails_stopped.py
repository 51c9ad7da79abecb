"""What leaves for an address that is bad, and with which marks it leaves."""

import pytest

from crm.mailing import outbox
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress
from crm.privacy.suppressing import suppress
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
ADDRESS = "marie@example.org"
TEMPLATES = ["gift_thanks", "already_signed", "donor_link"]
WORDS = {"title": "T", "slug": "t", "token": "x", "amount": "1", "number": "1"}


def queue_each(now, to):
    for template in TEMPLATES:
        outbox.queue(template, key=template, to=to, language="en", at=now, context=WORDS)


def outcome():
    run_jobs()
    return {
        mail.template: "sent" if mail.sent_at else mail.error
        for mail in Mail.objects.order_by("pk")
    }


@pytest.mark.parametrize(
    ("status", "receipts", "others"),
    [
        ("good", "sent", "sent"),
        ("complained", "sent", "address:complained"),
        ("bouncing", "address:bouncing", "address:bouncing"),
        ("old", "address:old", "address:old"),
    ],
)
def test_complaint_ends_all_but_receipts_and_a_bounce_ends_all(
    mailoutbox, now, status, receipts, others
):
    queue_each(now, SupporterFactory(email=ADDRESS))
    EmailAddress.objects.update(status=status)

    assert outcome() == {
        "gift_thanks": receipts,
        "already_signed": others,
        "donor_link": receipts,
    }
    assert len(mailoutbox) == [receipts, others, receipts].count("sent")


@pytest.mark.parametrize(
    ("reason", "receipts", "others"),
    [
        ("unsubscribed", "sent", "sent"),
        ("erased", "sent", "sent"),
        ("complained", "sent", "address:complained"),
        ("bounced", "address:bounced", "address:bounced"),
    ],
)
def test_address_that_nobody_has_any_more_is_known_by_its_hash(
    mailoutbox, now, reason, receipts, others
):
    suppress(addresses=[ADDRESS], reason=reason, at=now)
    for template in ("gift_thanks", "tribute"):
        Mail.objects.create(
            key=template, to=ADDRESS, template=template, language="en", context=WORDS
        )
    outbox.queue("alarm", key="k", to=SupporterFactory(), language="en", at=now, context={})

    assert outcome() == {"gift_thanks": receipts, "tribute": others, "alarm": "sent"}


def test_bounce_says_more_than_a_complaint(mailoutbox, now):
    for reason in ("bounced", "complained"):
        suppress(addresses=[ADDRESS], reason=reason, at=now)
    Mail.objects.create(key="k", to=ADDRESS, template="gift_thanks", language="en", context=WORDS)
    outbox.queue("alarm", key="a", to=SupporterFactory(), language="en", at=now, context={})

    assert outcome()["gift_thanks"] == "address:bounced"


def test_ways_out_stand_in_the_head_of_every_mail_but_receipts(mailoutbox, now):
    queue_each(now, SupporterFactory(email=ADDRESS))
    run_jobs()

    assert {
        mail.key: "List-Unsubscribe" in sent.extra_headers
        for mail, sent in zip(Mail.objects.order_by("pk"), mailoutbox, strict=True)
    } == {"gift_thanks": False, "already_signed": True, "donor_link": False}
    post = mailoutbox[1].extra_headers["List-Unsubscribe-Post"]
    assert post == "List-Unsubscribe=One-Click"


def test_provider_is_told_which_mail_it_is_and_tells_what_it_calls_it(mailoutbox, now, settings):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    queue_each(now, SupporterFactory(email=ADDRESS))
    run_jobs()

    mails = list(Mail.objects.order_by("pk"))
    assert [mail.provider_id for mail in mails] == ["0", "1", "2"]
    told = [message.anymail_test_params["metadata"] for message in mailoutbox]
    assert told == [{"mail": str(mail.public_id)} for mail in mails]


def test_mail_server_that_tells_nothing_leaves_no_number(mailoutbox, now):
    queue_each(now, SupporterFactory(email=ADDRESS))
    run_jobs()

    assert set(Mail.objects.values_list("provider_id", flat=True)) == {""}
