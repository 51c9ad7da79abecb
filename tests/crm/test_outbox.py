"""The outbox: what is written down leaves once, whatever fails."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from crm.mailing import delivery, outbox
from crm.mailing.models import Attachment, Mail
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db


class BrokenBackend(EmailBackend):
    """A mail server that is not there."""

    def send_messages(self, _messages):
        raise smtplib.SMTPServerDisconnected("marie@example.org was being written to")


@pytest.fixture
def broken_mail_server(settings):
    settings.EMAIL_BACKEND = "tests.crm.test_outbox.BrokenBackend"


def queue(key="test:1", **changes):
    to = changes.pop("to", None) or SupporterFactory()
    outbox.queue(
        "already_signed",
        key=key,
        to=to,
        language="en",
        at=timezone.now(),
        context={"title": "Stop", "slug": "stop", "token": "t"},
        **changes,
    )


def test_mail_is_sent_once_although_queued_twice(mailoutbox):
    to = SupporterFactory(email="marie@example.org")
    queue(to=to)
    queue(to=to)

    run_jobs()

    assert [message.to for message in mailoutbox] == [["marie@example.org"]]


def test_attachment_goes_along_and_is_not_kept(mailoutbox):
    queue(files=[outbox.File("2026-000001.pdf", "application/pdf", b"%PDF-1.7")])

    run_jobs()

    assert mailoutbox[0].attachments[0].content == b"%PDF-1.7"
    assert not Attachment.objects.exists()


def test_broken_mail_server_postpones_and_names_nobody(broken_mail_server, caplog):
    queue()

    run_jobs()

    written = Mail.objects.get()
    assert (written.sent_at, written.attempts) == (None, 1)
    assert written.error == "SMTPServerDisconnected"
    assert written.due_at > timezone.now()
    assert "marie" not in caplog.text


def test_postponed_mail_leaves_when_the_server_is_back(mailoutbox):
    queue()
    later = timezone.now() + timedelta(minutes=10)
    Mail.objects.update(attempts=1, due_at=later - timedelta(minutes=1))

    delivery.deliver(now=later)

    assert len(mailoutbox) == 1
    assert Mail.objects.get().sent_at is not None


def test_mail_is_given_up_after_the_last_attempt(broken_mail_server):
    queue()
    Mail.objects.update(attempts=delivery.ATTEMPTS - 1)

    run_jobs()

    assert Mail.objects.get().given_up_at is not None
    assert delivery.deliver(now=timezone.now() + timedelta(days=30)) == 0


def test_mail_that_cannot_be_written_holds_up_no_other(mailoutbox, caplog):
    queue(key="test:bad")
    queue(key="test:good", to=SupporterFactory(email="marie@example.org"))
    Mail.objects.filter(key="test:bad").update(template="there_is_none")

    run_jobs()

    assert [message.to for message in mailoutbox] == [["marie@example.org"]]
    bad = Mail.objects.get(key="test:bad")
    assert (bad.error, bad.attempts, bad.sent_at) == ("TemplateDoesNotExist", 1, None)


def test_slow_sender_does_not_send_what_another_has_claimed_meanwhile(mailoutbox):
    queue()
    now = timezone.now()
    [slow] = delivery.claim(now=now)
    [quick] = delivery.claim(now=now + delivery.CLAIM)

    delivery.send(quick)
    delivery.send(slow)

    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_send_each_mail_once():
    for number in range(30):
        queue(key=f"test:{number}")

    at_once(lambda _: delivery.deliver(now=timezone.now()), range(4))

    assert len(mail.outbox) == 30
    assert not Mail.objects.filter(sent_at=None).exists()
