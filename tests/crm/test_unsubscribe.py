"""One-click unsubscribe (RFC 8058): the headers, the address, and what one POST ends."""

import re
import uuid

import pytest
from django.test import Client

from crm.lib import tokens
from crm.mailing import outbox
from crm.mailing.headers import UNSUBSCRIBE
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress
from crm.people.merging import merge
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import suppressed
from crm.privacy.suppressions import Suppression
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
SITE = "https://give.example.org"


@pytest.fixture
def pia(now):
    supporter = SupporterFactory(email="pia@example.org")
    for purpose in ("newsletter", "appeals"):
        record_consent(supporter=supporter, given=True, purpose=purpose, source="test", at=now)
    return supporter


@pytest.fixture
def mail(pia, now):
    return write(pia, "already_signed", now)


@pytest.fixture
def mailbox():
    """A mail provider's program: no cookie, no session, and CSRF is enforced."""
    return Client(enforce_csrf_checks=True)


def write(to, template, now, language="en"):
    context = {"title": "T", "slug": "t", "token": "x", "amount": "€1", "number": "2026-000001"}
    outbox.queue(template, key=template, to=to, language=language, at=now, context=context)
    return Mail.objects.get(key=template)


def path_of(mail):
    return f"/unsubscribe/{tokens.make(UNSUBSCRIBE, str(mail.public_id))}/"


def post(mailbox, path, body=ONE_CLICK, **headers):
    return mailbox.post(path, body, content_type=FORM, headers=headers)


def states(supporter):
    held = ConsentState.objects.filter(supporter=supporter).order_by("purpose")
    return list(held.values_list("purpose", "channel", "given"))


NO = [("appeals", "email", False), ("newsletter", "email", False)]


def test_mail_that_is_no_receipt_has_the_headers_and_its_link_ends_all_marketing(
    mail, pia, mailbox, mailoutbox, settings
):
    settings.SITE_URL = SITE
    run_jobs()
    [sent] = mailoutbox

    headers = {name: value for name, value in sent.extra_headers.items() if name.startswith("List")}
    link = re.fullmatch(rf"<{SITE}(/unsubscribe/[^/>]+/)>", headers["List-Unsubscribe"])[1]
    answer = post(mailbox, link)

    assert set(headers) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert headers["List-Unsubscribe-Post"] == ONE_CLICK
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith("You are unsubscribed")
    assert states(pia) == NO


def test_links_at_the_foot_are_those_of_the_headers_in_text_and_html(
    mail, pia, mailoutbox, settings
):
    settings.SITE_URL = SITE
    run_jobs()
    [sent] = mailoutbox
    out = sent.extra_headers["List-Unsubscribe"].strip("<>")

    [html] = [each.content for each in sent.alternatives]

    assert re.findall(rf"{SITE}/unsubscribe/\S+?(?=[\s\"])", sent.body + html) == [out, out]
    [one, other] = re.findall(rf"{SITE}/en/preferences/\S+?(?=[\s\"])", sent.body + html)
    assert one == other


@pytest.mark.parametrize("template", ["gift_thanks", "donor_link"])
def test_receipt_and_what_one_asked_for_have_neither_headers_nor_links(
    pia, now, mailoutbox, template
):
    write(pia, template, now)
    run_jobs()
    [sent] = mailoutbox

    [html] = [each.content for each in sent.alternatives]

    assert [name for name in sent.extra_headers if name.startswith("List-")] == []
    assert "unsubscribe" not in sent.body + html
    assert "/preferences/" not in sent.body + html


def test_post_needs_no_cookie_and_sets_none_and_leads_nowhere(mail, mailbox):
    answer = post(mailbox, path_of(mail))

    assert (answer.status_code, dict(answer.cookies), answer.get("Location")) == (200, {}, None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, FORM),
        ("list-unsubscribe=one-click", FORM),
        ("", FORM),
        ("--x\r\nbroken", "multipart/form-data; boundary=x"),
        ("\xff", "text/plain"),
    ],
)
def test_any_post_counts_whatever_its_body_says(mail, pia, mailbox, body, kind):
    answer = mailbox.post(path_of(mail), body, content_type=kind)

    assert answer.status_code == 200
    assert states(pia) == NO


def test_second_click_is_answered_the_same_and_adds_nothing(mail, mailbox):
    first = post(mailbox, path_of(mail)).content
    rows = (Consent.objects.count(), Suppression.objects.count())

    second = post(mailbox, path_of(mail)).content

    assert second == first
    assert (Consent.objects.count(), Suppression.objects.count()) == rows == (4, 2)


def test_what_is_logged_names_the_mail_and_no_address(mail, mailbox, pia):
    post(mailbox, path_of(mail))

    said = Consent.objects.filter(given=False).order_by("purpose")
    assert (
        list(said.values_list("source", "evidence"))
        == [("mail:unsubscribe", {"mail": str(mail.public_id)})] * 2
    )


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing_and_shows_a_button(mail, pia, client, method):
    answer = getattr(client, method)(path_of(mail))

    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert states(pia) == [(purpose, channel, True) for purpose, channel, _given in NO]
    assert b"<button" in answer.content or method == "head"


def test_page_speaks_the_language_of_the_mail_and_its_button_unsubscribes(pia, now, client):
    path = path_of(write(pia, "already_signed", now, language="nl"))

    page = client.get(path)
    done = client.post(path, headers={"accept": "text/html,*/*"})

    assert (page["Content-Language"], done["Content-Language"]) == ("nl", "nl")
    assert b'<html lang="nl">' in page.content
    assert b"/nl/preferences/" in done.content
    assert states(pia) == NO


@pytest.mark.parametrize("broken", [lambda token: token[:-1], lambda token: "x", str.upper])
def test_link_that_was_changed_is_refused_in_plain_words(mail, pia, mailbox, broken):
    path = f"/unsubscribe/{broken(path_of(mail).split('/')[2])}/"
    mailbox.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    answers = [mailbox.get(path), post(mailbox, path)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert b"mailto:" in answers[0].content
    assert b"not complete" in answers[1].content
    assert [given for _purpose, _channel, given in states(pia)] == [True, True]


def test_token_for_something_else_is_refused(mailbox, pia):
    token = tokens.make("preferences", str(pia.public_id))

    assert post(mailbox, f"/unsubscribe/{token}/").status_code == 404


def test_link_never_grows_old(mail, pia, mailbox, monkeypatch):
    path = path_of(mail)
    monkeypatch.setattr("django.core.signing.time.time", lambda: 4_000_000_000)

    assert post(mailbox, path).status_code == 200
    assert states(pia) == NO


def test_after_a_merge_the_record_that_stands_is_unsubscribed(mail, pia, mailbox, now):
    other = SupporterFactory()
    merge(kept=other, lost=pia, at=now)

    post(mailbox, path_of(mail))

    assert states(other) == NO


def test_after_an_erasure_it_is_still_answered(mail, pia, mailbox, now):
    Mail.objects.update(sent_at=now)
    erase(supporter=pia, at=now)
    rows = Consent.objects.count()

    answer = post(mailbox, path_of(mail))

    assert answer.status_code == 200
    assert Consent.objects.count() == rows


def test_mail_that_is_gone_is_still_answered(mail, mailbox):
    path = path_of(mail)
    Mail.objects.all().delete()

    assert post(mailbox, path).status_code == 200


def test_who_has_the_address_by_now_is_unsubscribed_too(mail, pia, mailbox, now):
    other = SupporterFactory()
    record_consent(supporter=other, given=True, source="test", at=now)
    EmailAddress.objects.filter(address="pia@example.org").update(supporter=other)

    post(mailbox, path_of(mail))

    assert (states(pia), states(other)) == (NO, NO)


def test_mail_to_nobody_we_keep_suppresses_its_address_and_drops_what_waits(mailbox, now):
    new = {"email": "new@example.org", "language": "en", "purpose": "newsletter", "source": "test"}
    ConsentRequest.objects.create(**new)
    mail = Mail.objects.create(key="k", to="new@example.org", template="confirm_consent")

    answer = post(mailbox, path_of(mail))

    assert answer.status_code == 200
    assert ConsentRequest.objects.count() == 0
    for purpose in ("newsletter", "appeals"):
        assert suppressed(["new@example.org"], purpose=purpose) == {
            "new@example.org": "unsubscribed"
        }


def test_unknown_token_of_ours_is_answered(mailbox):
    token = tokens.make(UNSUBSCRIBE, str(uuid.uuid4()))

    assert post(mailbox, f"/unsubscribe/{token}/").status_code == 200


def test_whom_a_donor_had_told_gets_no_way_into_the_donors_choices(pia, mailbox, now, mailoutbox):
    mail = write(pia, "tribute", now)
    Mail.objects.update(to="told@example.org")
    run_jobs()

    answer = post(mailbox, path_of(mail), Accept="text/html")

    assert "/preferences/" not in mailoutbox[0].body
    assert "/preferences/" not in answer.content.decode()
    assert {given for _purpose, _channel, given in states(pia)} == {True}
    assert suppressed(["told@example.org"], purpose="appeals") != {}
