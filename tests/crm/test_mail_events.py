"""What providers tell of our mails, through their real address: who is let in, and what is kept."""

import logging

import pytest
from django.test import Client

from crm.mailing import hearing
from crm.mailing.events import MailEvent
from tests.crm.mail_provider import (
    KEY,
    SECRET,
    TO,
    WHEN,
    brevo,
    mailgun,
    mailjet,
    post,
    postmark,
)
from tests.crm.mail_provider_events import BROUGHT
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.mail_factories import MailFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(settings, monkeypatch):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    # Amazon's own library is asked for more than events only.
    monkeypatch.setattr(
        "anymail.webhooks.amazon_ses._get_anymail_boto3_params", lambda **_more: ({}, {})
    )


@pytest.fixture
def mail():
    return MailFactory(supporter=SupporterFactory(email=TO))


def told():
    return list(MailEvent.objects.order_by("pk").values_list("kind", "code", "mail"))


@pytest.mark.parametrize(("name", "shape", "event", "more", "kind", "code"), BROUGHT)
def test_event_of_a_provider_is_kept_for_what_it_is(mail, name, shape, event, more, kind, code):
    body, headers = made if isinstance(made := shape(event, mail, **more), tuple) else (made, {})

    answer = post(name, body, **headers)

    assert answer.status_code == 200
    assert told() == [(kind, code, mail.pk)]
    assert MailEvent.objects.get().at == WHEN


@pytest.mark.parametrize(
    ("name", "shape", "event", "more"),
    [
        ("brevo", brevo, "unique_opened", {}),
        ("brevo", brevo, "click", {"link": "https://example.org"}),
        ("brevo", brevo, "deferred", {}),
        ("brevo", brevo, "something new", {}),
        ("mailjet", mailjet, "open", {}),
        ("mailgun", mailgun, "failed", {"severity": "temporary"}),
        ("postmark", postmark, "Bounce", {"ID": 7, "Type": "Transient"}),
    ],
)
def test_opened_clicked_late_and_unknown_events_are_not_kept(mail, name, shape, event, more):
    answer = post(name, shape(event, mail, **more))

    assert (answer.status_code, told()) == (200, [])


@pytest.mark.parametrize("secret", ["", "Basic eDp5", "Bearer a-long-word"])
def test_stranger_is_refused(mail, secret):
    answer = post("brevo", brevo("hard_bounce", mail), secret=secret)

    assert (answer.status_code, told()) == (400, [])


def test_bad_signature_is_refused_though_the_secret_is_right(mail):
    body = mailgun("complained", mail)
    body["signature"]["signature"] = "0" * 64

    assert (post("mailgun", body).status_code, told()) == (400, [])


def test_without_a_secret_of_ours_everybody_is_refused(mail, settings):
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}

    answers = [
        post("brevo", brevo("hard_bounce", mail)).status_code,
        post("mailgun", mailgun("complained", mail)).status_code,
    ]

    assert (answers, told()) == ([403, 403], [])


@pytest.mark.parametrize("name", ["brevo", "mailjet", "postmark", "mailgun", "amazon_ses"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"pia@example.org"', b"\xff", b'[{"email": "pia@example.org"}]'],
)
def test_garbage_is_refused_and_its_words_are_not_logged(mail, name, body, caplog):
    caplog.set_level(logging.DEBUG)

    answer = post(name, body)

    assert answer.status_code in (200, 400)
    assert told() == []
    assert "example.org" not in caplog.text


def test_mail_to_us_is_not_taken(mail):
    found = Client().post("/webhooks/mail/brevo/inbound/", {}, content_type="application/json")

    assert found.status_code == 404


def test_same_event_is_kept_once_and_another_of_the_same_mail_too(mail):
    for _time in range(2):
        post("brevo", brevo("hard_bounce", mail))
    post("brevo", brevo("spam", mail))

    assert [kind for kind, *_more in told()] == ["hard_bounce", "complained"]
    assert run_jobs() == ["mailing.handle_mail_event"] * 2


def test_event_from_the_future_is_of_now(mail, now):
    heard = brevo("spam", mail, at=WHEN.replace(year=2099))

    post("brevo", heard)

    event = MailEvent.objects.get()
    assert event.at == event.received_at


@pytest.mark.django_db(transaction=True)
def test_same_event_twice_at_once_is_kept_once():
    mail = MailFactory(supporter=SupporterFactory(email=TO))

    answers = at_once(lambda _n: post("brevo", brevo("hard_bounce", mail)).status_code, range(2))

    assert answers == [200, 200]
    assert len(told()) == 1


def test_mail_is_found_by_what_the_provider_calls_it_by_our_own_number_or_by_its_address(mail):
    by_provider = MailFactory(supporter=mail.supporter, provider_id="<p7@brevo>")

    post("brevo", brevo("soft_bounce", message_id="<p7@brevo>"))
    post("brevo", brevo("soft_bounce", message_id=f"<{mail.public_id}@give.example.org>"))
    post("brevo", brevo("soft_bounce", message_id="<unknown@brevo>", to="PIA@example.org"))
    run_jobs()

    newest = by_provider if by_provider.sent_at > mail.sent_at else mail
    assert [found for *_more, found in told()][:2] == [by_provider.pk, mail.pk]
    assert MailEvent.objects.latest("pk").mail == newest


def test_address_is_forgotten_once_the_event_is_handled(mail):
    post("brevo", brevo("hard_bounce", mail))
    before = MailEvent.objects.get().address
    run_jobs()

    assert (before, MailEvent.objects.get().address) == (TO, "")


def test_view_that_fails_answers_so_that_the_provider_tries_again(mail, monkeypatch):
    monkeypatch.setattr(hearing, "insert_unless_there", lambda _row: 1 / 0)

    assert post("brevo", brevo("hard_bounce", mail)).status_code == 500
