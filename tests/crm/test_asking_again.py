"""Asking for the mail again: one answer for everybody, and a pause for the mailbox."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.campaigns import asking_again, letters, operations
from crm.mailing.models import Mail
from tests.crm.pia import page
from tests.factories import SignatureFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db
PIA = "pia@example.org"
PAUSE = letters.PAUSE


@pytest.fixture
def waiting(petition, now):
    """A signature whose mail went out long enough ago."""
    supporter = SupporterFactory(email=PIA)
    return SignatureFactory(campaign=petition, supporter=supporter, signed_at=now, language="nl")


def ask(client, petition, email=PIA, language="en"):
    return client.post(f"{page(petition, language)}signed/", {"email": email})


def told():
    return list(Mail.objects.order_by("pk").values_list("template", "to", "language"))


def again(signature, at, email=None):
    email = email or signature.supporter.emails.get()
    return asking_again.write_again(signature_id=signature.pk, email_id=email.pk, at=at)


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_who_waits_gets_the_mail_again_in_the_language_of_signing(
    client, petition, waiting, mailoutbox, language
):
    answer = ask(client, petition, language=language)
    run_jobs()

    assert answer.url == f"{page(petition, language)}signed/?again=1"
    assert told() == [("confirm_signature", PIA, "nl")]
    assert [mail.to for mail in mailoutbox] == [[PIA]]


def test_answer_is_the_same_whoever_asks_and_so_is_the_job(client, petition, waiting, now):
    confirmed = SignatureFactory(campaign=petition, status="confirmed", confirmed_at=now)
    withdrawn = SignatureFactory(campaign=petition, status="withdrawn")
    stranger = SupporterFactory(email="only@example.org")
    asked = [PIA, *(s.supporter.email for s in (confirmed, withdrawn)), stranger.email, "x@y.be"]

    answers = [ask(client, petition, email) for email in asked]

    assert {(a.status_code, a.url) for a in answers} == {(302, f"{page(petition)}signed/?again=1")}
    assert {client.get(a.url).content for a in answers} == {client.get(answers[0].url).content}
    assert run_jobs().count("campaigns.write_again") == 5
    assert [template for template, *_rest in told()] == ["confirm_signature", "already_signed"]


def test_who_asks_twice_at_once_gets_one_mail(client, petition, waiting):
    for _time in range(3):
        ask(client, petition)
    run_jobs()

    assert told() == [("confirm_signature", PIA, "nl")]


def test_mailbox_has_a_pause_and_its_fill_for_a_day(waiting, now):
    moments = [now + PAUSE * step / 2 for step in range(20)]

    sent = [again(waiting, at) for at in moments]
    next_day = again(waiting, now + timedelta(days=1, hours=2))

    every_pause = [step % 2 == 0 and step < letters.DAILY * 2 for step in range(20)]
    assert sent == every_pause
    assert next_day is True


def test_form_that_is_sent_again_obeys_the_same_pause(client, petition, waiting):
    ask(client, petition)
    form = {"given_name": "Pia", "family_name": "Peeters", "email": PIA}

    client.post(page(petition), form | {"postcode": "2000", "country": "BE"})
    run_jobs()

    assert told() == [("confirm_signature", PIA, "nl")]


@pytest.mark.parametrize("status", ["held", "withdrawn"])
def test_nothing_is_written_about_what_is_held_or_withdrawn(client, petition, waiting, status):
    type(waiting).objects.update(status=status)

    ask(client, petition)
    run_jobs()

    assert told() == []


def test_mail_goes_to_the_address_that_was_written_if_it_is_theirs(waiting, now):
    other = SupporterFactory(email="other@example.org").emails.get()
    second = waiting.supporter.emails.create(address="pia2@example.org", added_at=now)

    sent = [again(waiting, now, other), again(waiting, now, second)]

    assert sent == [False, True]
    assert told() == [("confirm_signature", "pia2@example.org", "nl")]


@pytest.mark.parametrize(
    ("written", "known"),
    [("pia+news@example.org", PIA), ("PIA@example.org", PIA), ("p.ia@gmail.com", "pia@gmail.com")],
)
def test_who_writes_an_alias_gets_the_mail_at_the_address_we_know(
    client, petition, now, written, known
):
    SignatureFactory(campaign=petition, supporter=SupporterFactory(email=known), signed_at=now)

    ask(client, petition, written)
    run_jobs()

    assert [to for _template, to, _language in told()] == [known]


def test_what_is_no_address_is_said_beside_the_field(client, petition, waiting):
    answer = ask(client, petition, "not an address")

    assert answer.status_code == 422
    assert "This is not an e-mail address" in answer.content.decode()
    assert run_jobs() == []


def test_page_needs_no_cookie_and_sets_none(petition, waiting, client):
    client.handler.enforce_csrf_checks = True

    answer = ask(client, petition)

    assert answer.status_code == 302
    assert dict(client.cookies) == {}


def test_confirmed_signer_is_told_so_and_gets_no_link_to_confirm(client, petition, waiting):
    operations.confirm(signature=waiting, at=timezone.now())

    ask(client, petition)

    run_jobs()
    assert [template for template, *_rest in told()] == ["signature_thanks", "already_signed"]


@pytest.mark.django_db(transaction=True)
def test_many_jobs_at_once_send_one_mail(petition, now):
    signature = SignatureFactory(campaign=petition)

    # On both sides of the end of a pause, whose keys differ.
    edge = letters.PAUSE * (now.timestamp() // PAUSE.total_seconds())
    start = timezone.datetime.fromtimestamp(edge.total_seconds(), tz=now.tzinfo)
    moments = [start + timedelta(seconds=number % 2 - 0.5) for number in range(8)]
    at_once(lambda number: again(signature, moments[number]), range(8))

    assert Mail.objects.count() == 1
