"""Asking for the newsletter: one answer for all, a mail to confirm, no word to a child."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.people.models import Supporter
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import token_for
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from tests.factories import SupporterFactory, WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
PAGE = "/en/newsletter/"
ASKED = "/en/newsletter/asked/"
SITE = "https://give.example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


@pytest.fixture
def wordings():
    return {
        purpose: WordingFactory(purpose=purpose, text=f"Yes to {purpose}.")
        for purpose in ("newsletter", "appeals")
    }


@pytest.fixture
def filled(wordings):
    """What somebody sends who wants the newsletter."""
    return {
        "email": "New@Example.org",
        "given_name": "Nele",
        "newsletter": str(wordings["newsletter"].pk),
        "age": "older",
    }


CHILD = {"age": "younger", "parent_name": "Ann Peeters", "parent_email": "ann@example.org"}


def link_in(mail):
    return re.search(rf"{SITE}(/en/newsletter/confirm/\S+/)", mail.body)[1]


def states():
    held = ConsentState.objects.order_by("purpose")
    return list(held.values_list("supporter__email", "purpose", "given"))


def test_page_shows_the_words_beside_boxes_that_are_not_ticked(client, wordings):
    page = client.get(PAGE).content.decode()

    for wording in wordings.values():
        assert page.count(wording.text) == 1
    assert "checked" not in page
    assert "birth" not in page.lower()


def test_nothing_begins_before_the_button_behind_the_link(client, filled, mailoutbox, wordings):
    answer = client.post(PAGE, filled)
    run_jobs()
    [mail] = mailoutbox
    link = link_in(mail)
    page = client.get(link)

    assert answer.url == f"{ASKED}?by=mail"
    assert mail.to == ["new@example.org"]
    assert "Yes to newsletter." in page.content.decode()
    assert (page.status_code, states(), Supporter.objects.count()) == (200, [], 0)

    done = client.post(link)

    assert (done.status_code, states()) == (200, [("new@example.org", "newsletter", True)])
    assert "You are signed up" in done.content.decode()
    said = Consent.objects.get()
    assert (said.wording, said.source) == (wordings["newsletter"], "newsletter page")
    assert said.evidence["page"] == "newsletter"
    assert {"asked_at", "confirmed_at"} <= said.evidence.keys()
    assert Supporter.objects.get().given_name == "Nele"


def test_second_click_is_friendly_and_adds_nothing(client, filled, mailoutbox):
    client.post(PAGE, filled)
    run_jobs()
    link = link_in(mailoutbox[0])
    client.post(link)

    again = client.post(link)

    assert (again.status_code, Consent.objects.count()) == (200, 1)
    assert "You are signed up" in again.content.decode()


def test_old_mail_does_not_undo_a_no_that_was_said_since(client, filled, mailoutbox):
    client.post(PAGE, filled)
    run_jobs()
    link = link_in(mailoutbox[0])
    client.post(link)
    record_consent(supporter=Supporter.objects.get(), given=False, source="test", at=timezone.now())

    again = client.post(link)

    assert states() == [("new@example.org", "newsletter", False)]
    assert "Nothing is sent" in again.content.decode()


def test_link_that_is_old_or_changed_offers_a_new_one(client, filled, mailoutbox, monkeypatch):
    client.post(PAGE, filled)
    run_jobs()
    link = link_in(mailoutbox[0])
    later = (timezone.now() + timedelta(days=31)).timestamp()

    broken = client.get(link[:-3] + "/")
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    old = client.post(link)

    assert [broken.status_code, old.status_code] == [410, 410]
    assert [f'href="{PAGE}"' in page.content.decode() for page in (broken, old)] == [True, True]
    assert states() == []


def answers(client, filled):
    """Everything a visitor sees: the answer, its headers, and the page it leads to."""
    answer = client.post(PAGE, filled)
    page = client.get(answer.url)
    return answer.status_code, answer.url, dict(answer.headers), page.content


def test_answer_is_the_same_whether_or_not_we_know_the_address(client, filled, mailoutbox, now):
    known = SupporterFactory(email="known@example.org")
    record_consent(supporter=known, given=True, source="test", at=now)
    child = SupporterFactory(email="child@example.org", birth_date="2099-01-01")
    erased = SupporterFactory(email="")

    told = [
        answers(client, filled | {"email": email})
        for email in ("new@example.org", known.email, child.email)
    ]
    run_jobs()

    assert told[0] == told[1] == told[2]
    assert sorted(mail.to for mail in mailoutbox) == [
        ["child@example.org"],
        ["known@example.org"],
        ["new@example.org"],
    ]
    assert erased.email == ""


def test_answer_costs_about_the_same_whether_or_not_we_know_the_address(client, filled):
    SupporterFactory(email="known@example.org")

    costs = [
        cost(client, filled | {"email": email}) for email in ("new@x.org", "known@example.org")
    ]

    assert costs[0] == costs[1]


def cost(client, filled):
    with CaptureQueriesContext(connection) as queries:
        client.post(PAGE, filled)
    return len(queries)


def test_both_boxes_are_asked_about_by_one_mail_when_both_need_it(
    client, filled, wordings, mailoutbox, settings
):
    settings.DOUBLE_OPT_IN = ["newsletter", "appeals"]
    client.post(PAGE, filled | {"appeals": str(wordings["appeals"].pk)})
    run_jobs()
    [mail] = mailoutbox
    link = link_in(mail)

    page = client.get(link).content.decode()
    client.post(link)

    assert [page.count(wording.text) for wording in wordings.values()] == [1, 1]
    assert states() == [
        ("new@example.org", "appeals", True),
        ("new@example.org", "newsletter", True),
    ]


def test_words_that_were_shown_count_also_when_newer_ones_came(client, filled, wordings):
    WordingFactory(text="Newer words.")

    client.post(PAGE, filled)

    assert ConsentRequest.objects.get().wording == wordings["newsletter"]


def test_parent_is_asked_before_the_child(client, filled, mailoutbox):
    answer = client.post(PAGE, filled | CHILD)
    run_jobs()
    [mail] = mailoutbox
    link = link_in(mail)
    page = client.get(link).content.decode()

    done = client.post(link)

    assert answer.url == f"{ASKED}?by=parent"
    assert mail.to == ["ann@example.org"]
    assert "May your child get our mails?" in page
    assert "new@example.org" in page
    assert "You agreed for your child" in done.content.decode()
    assert not Consent.objects.exists()
    run_jobs()
    assert mailoutbox[1].to == ["new@example.org"]
    client.post(link_in(mailoutbox[1]))
    said = Consent.objects.get()
    assert (said.supporter.email, said.parent_name) == ("new@example.org", "Ann Peeters")
    assert said.evidence["by"] == "parent"


@pytest.mark.parametrize(
    ("change", "field", "error"),
    [
        ({"email": "x"}, "email", "This is not an e-mail address"),
        ({"email": ""}, "email", "This field is required."),
        ({"newsletter": None}, "newsletter", "Tick at least one box"),
        ({"age": None}, "age", "This field is required."),
        ({"age": "ancient"}, "age", "Select a valid choice"),
        ({"given_name": "www.spam.com"}, "given_name", "Write your name only"),
        (CHILD | {"parent_email": ""}, "parent_email", "This field is required."),
        (CHILD | {"parent_name": ""}, "parent_name", "This field is required."),
        (CHILD | {"parent_email": "x"}, "parent_email", "This is not an e-mail address"),
        (CHILD | {"parent_email": "new@example.org"}, "parent_email", "not your own"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(client, filled, change, field, error):
    form = {name: value for name, value in (filled | change).items() if value is not None}

    answer = client.post(PAGE, form)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert error in answer.content.decode()
    assert ConsentRequest.objects.count() == 0


def test_robot_that_fills_in_every_field_gets_the_answer_and_nothing_else(
    client, filled, mailoutbox
):
    human = answers(client, filled | {"email": "human@example.org"})
    ConsentRequest.objects.all().delete()

    robot = answers(client, filled | {"topic": "cheap pills"})

    assert robot == human
    assert ConsentRequest.objects.count() == 0


def test_of_a_grown_up_no_parent_is_kept(client, filled):
    client.post(PAGE, filled | CHILD | {"age": "older"})

    request = ConsentRequest.objects.get()
    assert (request.parent_name, request.parent_email) == ("", "")


def test_page_without_any_wording_says_so(client):
    page = client.get(PAGE)

    assert page.status_code == 200
    assert "There is no newsletter in this language yet" in page.content.decode()
    assert client.post(PAGE, {"email": "a@example.org", "age": "older"}).status_code == 422


@pytest.mark.parametrize("by", ["parent", "mail", "nobody", "<b>", ""])
def test_answer_page_is_whole_whatever_its_address_says(client, by):
    answer = client.get(ASKED, {"by": by})

    assert answer.status_code == 200
    assert b"<b>" not in answer.content


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_changes_nothing(client, filled, method):
    client.post(PAGE, filled)
    run_jobs()
    link = f"/en/newsletter/confirm/{token_for(ConsentRequest.objects.get())}/"

    for _ in range(2):
        assert getattr(client, method)(link).status_code == 200
    assert ConsentRequest.objects.get().confirmed_at is None
    assert states() == []
