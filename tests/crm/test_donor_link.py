"""The link to the donor's own page: who gets it, how often, and what it opens."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.lib import tokens
from crm.mailing.models import Mail
from crm.public import donor_link
from tests.crm.donor_page import page_of, token_of
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LANGUAGES = ["fr", "nl", "en"]


def ask(client, email="dora@example.org", language="en"):
    return client.post(f"/{language}/me/", {"email": email})


def send(supporter, at):
    return donor_link.send(supporter_id=supporter.pk, language="en", at=at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_link_of_the_mail_opens_the_page_in_the_language_it_was_asked_in(
    client, mailoutbox, settings, language
):
    settings.SITE_URL = "https://give.example.org"
    SupporterFactory(email="dora@example.org", given_name="<Dora>", language="fr")

    ask(client, " Dora@Example.org ", language)
    run_jobs()

    [mail] = mailoutbox
    [link] = re.findall(r"https://give\.example\.org(\S+)\n", mail.body)
    assert f'href="https://give.example.org{link}"' in mail.alternatives[0].content
    assert (mail.to, link[:7]) == (["dora@example.org"], f"/{language}/me/")
    page = client.get(link)
    assert (page.status_code, page.context["donor"].email) == (200, "dora@example.org")
    assert "&lt;Dora&gt;" in page.content.decode()


def test_stranger_gets_the_same_answer_and_no_mail(client, mailoutbox):
    SupporterFactory(email="dora@example.org")

    answers = [ask(client, email) for email in ("dora@example.org", "nobody@example.org")]
    run_jobs()

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/en/me/asked/")}
    assert [mail.to for mail in mailoutbox] == [["dora@example.org"]]
    assert client.get("/en/me/asked/").status_code == 200


def test_answer_costs_the_same_whether_or_not_the_address_is_known(client):
    SupporterFactory(email="dora@example.org")
    statements = []
    for email in ("dora@example.org", "nobody@example.org"):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            ask(client, email)
        statements.append([query["sql"].split(" ")[0] for query in captured])

    assert statements[0] == statements[1]
    assert len(statements[0]) == 2


def test_address_is_not_kept_in_the_queue(client):
    ask(client, "nobody@example.org")

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(args::text, '') FROM procrastinate_jobs")
        [arguments] = cursor.fetchone()
    assert arguments == '{"language": "en", "supporter_id": null}'


@pytest.mark.parametrize("email", ["", "not an address", "a@b\x00c.org"])
def test_what_is_no_address_is_refused_beside_the_field(client, email):
    answer = ask(client, email)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["email"]
    assert 'aria-invalid="true"' in answer.content.decode()


def test_second_mail_within_five_minutes_is_not_sent(now):
    dora = SupporterFactory()

    sent = [send(dora, now + timedelta(seconds=wait)) for wait in (0, 1, 299, 300)]

    assert sent == [True, False, False, True]
    assert Mail.objects.count() == 2


def test_no_more_than_five_mails_a_day(now):
    dora, other = SupporterFactory.create_batch(2)
    for hour in range(5):
        send(dora, now + timedelta(hours=hour))

    assert send(dora, now + timedelta(hours=23)) is False
    assert send(other, now + timedelta(hours=23)) is True
    assert send(dora, now + timedelta(hours=24)) is True


@pytest.mark.django_db(transaction=True)
def test_asking_at_once_is_one_mail(now):
    dora = SupporterFactory()

    at_once(lambda moment: send(dora, moment), [now] * 4)

    assert Mail.objects.count() == 1


def test_link_works_for_a_day(client, monkeypatch):
    path = page_of(SupporterFactory())
    real = time.time()

    answers = []
    for hours in (23.9, 24.1):
        later = real + hours * 3600
        monkeypatch.setattr("django.core.signing.time.time", lambda later=later: later)
        answers.append(client.get(path))

    assert [answer.status_code for answer in answers] == [200, 410]
    assert 'name="email"' in answers[1].content.decode()


def test_changed_link_and_one_for_another_purpose_open_nothing(client):
    dora = SupporterFactory()
    token = token_of(dora)
    other = tokens.make("plan", str(dora.public_id))
    longer = token[:-1] + ("A" if token[-1] != "A" else "B")

    for wrong in (longer, other, "x", str(dora.public_id), "0" * 400):
        for path in ("", "data/", "erase/", "newsletter/"):
            method = client.post if path in ("data/", "newsletter/") else client.get
            assert method(f"/en/me/{wrong}/{path}").status_code == 410


def test_link_of_a_merged_record_opens_the_one_that_stands(client):
    stands = SupporterFactory()
    middle = SupporterFactory(merged_into=stands)
    merged = SupporterFactory(merged_into=middle)

    assert client.get(page_of(merged)).context["donor"] == stands
    assert client.get(page_of(stands)).context["donor"] == stands


def test_link_of_an_erased_record_opens_nothing(client):
    gone = SupporterFactory(erased_at=timezone.now())
    merged = SupporterFactory(merged_into=gone)

    assert client.get(page_of(gone)).status_code == 410
    assert client.get(page_of(merged)).status_code == 410


def test_page_is_neither_kept_nor_indexed_nor_named_to_others(client):
    dora = SupporterFactory()
    for path in ("", "erase/"):
        answer = client.get(page_of(dora, path))

        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "same-origin"
        assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_every_public_page_leads_to_the_form(client):
    assert '<a href="/fr/me/">' in client.get("/fr/").content.decode()
