"""The pages on which staff say our mails in their own words."""

import html
import re

import pytest
from django.urls import reverse

from crm.access import Role
from crm.mailing import rendering
from crm.mailing.kinds import BY_TEMPLATE, KINDS
from crm.mailing.models import Mail
from crm.mailing.texts import MailText
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
KIND = BY_TEMPLATE["confirm_signature"]
GOOD = {"subject": "Count {title}", "text": "{greeting}\r\n\r\n{button: Yes}"}
KEPT = ("Count {title}", "{greeting}\n\n{button: Yes}")


@pytest.fixture
def mine(client, staff):
    client.force_login(staff(Role.CAMPAIGNER, first_name="Cleo", last_name="Maes"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def colleague(client, staff):
    other = type(client)(headers={"accept-language": "en"})
    other.force_login(staff(Role.FUNDRAISER, first_name="Fien", last_name="Claes"))
    return other


def address(page="change", name="confirm_signature.en"):
    return reverse(f"admin:crm_mailtext_{page}", args=[name])


def based_on(browser):
    return browser.get(address()).context["edit"].based_on


def stored():
    return list(MailText.objects.values_list("subject", "text"))


def said_by(page):
    return html.unescape(re.sub(r"<[^>]+>", "", page.content.decode()))


def test_list_names_every_mail_and_who_changed_it(mine, staff):
    mine.post(address(), {**GOOD, "based_on": based_on(mine)})

    page = mine.get(reverse("admin:crm_mailtext_changelist"))

    rows = [row for _title, rows in page.context["groups"] for row in rows]
    assert sorted(row.kind.template for row in rows) == sorted(kind.template for kind in KINDS)
    changed = {row.kind.template: str(row.last) for row in rows if row.last}
    assert changed == {"confirm_signature": "confirm_signature (en)"}
    assert page.content.decode().count('<span class="st-tag st-good">own words</span>') == 1
    assert said_by(page).count("by Cleo Maes.") == 1


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_the_same_whatever_was_written(
    mine, number, django_assert_num_queries
):
    for kind in KINDS[:number]:
        MailText.objects.create(template=kind.template, language="en", subject="S", text="T")
    mine.get(reverse("admin:crm_mailtext_changelist"))

    with django_assert_num_queries(5):
        mine.get(reverse("admin:crm_mailtext_changelist"))


def test_form_begins_with_the_built_in_words(mine):
    page = mine.get(address())

    form = page.context["form"]
    assert (form["subject"].value(), form["text"].value()) == rendering.built_in(KIND, "en")
    assert "These are the built-in words." in said_by(page)
    assert "Back to the built-in words" not in said_by(page)


def test_words_are_saved_as_they_are_written(mine):
    answer = mine.post(address(), {**GOOD, "based_on": based_on(mine)})

    assert (answer.status_code, answer.url) == (302, reverse("admin:crm_mailtext_changelist"))
    assert stored() == [KEPT]
    text = MailText.objects.get()
    assert (text.template, text.language, text.modified_by.first_name) == (
        "confirm_signature",
        "en",
        "Cleo",
    )


def test_problems_stand_beside_their_fields_and_nothing_is_saved(mine):
    page = mine.post(address(), {"subject": "{nobody}", "text": "Hello"})

    assert page.context["form"].errors == {
        "subject": ["This mail knows no {nobody}; it knows: {title}."],
        "text": ["The link is missing, without which this mail is of no use: {button: Confirm}."],
    }
    assert stored() == []
    assert Mail.objects.count() == 0


def test_empty_words_are_asked_for_once(mine):
    page = mine.post(address(), {"subject": " ", "text": ""})

    assert page.context["form"].errors == {
        "subject": ["This field is required."],
        "text": ["This field is required."],
    }


def test_second_of_two_who_begin_at_the_built_in_words_is_asked(mine, colleague):
    first, second = based_on(colleague), based_on(mine)
    colleague.post(address(), {**GOOD, "based_on": first})

    page = mine.post(address(), {**GOOD, "subject": "Mine", "based_on": second})

    assert stored() == [KEPT]
    (conflict,) = page.context["edit"].conflicts
    told = (conflict.before, conflict.theirs, conflict.mine, str(conflict.by))
    built_in = rendering.built_in(KIND, "en").subject
    assert told == (built_in, "Count {title}", "Mine", "fundraiser")


def test_conflict_is_ended_by_choosing(mine, colleague):
    first, second = based_on(colleague), based_on(mine)
    colleague.post(address(), {**GOOD, "based_on": first})
    asked = mine.post(address(), {**GOOD, "subject": "Mine", "based_on": second})
    again = {**GOOD, "subject": "Mine", "based_on": asked.context["edit"].based_on}

    mine.post(address(), {**again, "keep-subject": "mine"})

    assert stored() == [("Mine", KEPT[1])]


def test_preview_shows_what_is_written_and_saves_nothing(mine):
    page = mine.post(address("preview"), GOOD)

    assert page.context["said"].subject == "Count Travel without harm"
    assert "Hello Marie," in page.context["said"].html
    [whole] = re.findall(r'srcdoc="([^"]*)"', page.content.decode())
    assert html.unescape(whole) == page.context["said"].html
    assert stored() == []


def test_preview_as_text_shows_the_text_version(mine):
    page = mine.post(address("preview"), {**GOOD, "shown": "text"})

    assert "/en/confirm/" in said_by(page)
    assert "srcdoc" not in page.content.decode()


def test_preview_before_anything_is_written_shows_the_words_that_hold(mine):
    built_in = mine.get(address("preview")).context["said"].subject
    mine.post(address(), {**GOOD, "based_on": based_on(mine)})

    own = mine.get(address("preview")).context["said"].subject

    assert [built_in, own] == [
        "Please confirm: Travel without harm",
        "Count Travel without harm",
    ]


def test_preview_of_wrong_words_says_what_is_wrong(mine):
    page = mine.post(address("preview"), {**GOOD, "subject": "{nobody}"})

    assert page.context["wrong"] == ["This mail knows no {nobody}; it knows: {title}."]
    assert page.context["said"] is None


def test_preview_runs_no_script_and_stays_in_our_frame(mine):
    page = mine.post(address("preview"), {**GOOD, "text": "<script>alert(1)</script>{link}"})

    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "frame-ancestors 'self'; sandbox"
    )
    assert "<script" not in page.content.decode()
    assert "<script" not in page.context["said"].html


def test_test_goes_to_the_reader_in_the_words_of_the_form(mine, mailoutbox):
    page = mine.post(address("test", "confirm_signature.fr"), GOOD)
    run_jobs()

    assert page.context["told"] == "A test is on its way to campaigner@example.org."
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (
        ["campaigner@example.org"],
        "Count Des vacances sans exploitation",
    )
    assert stored() == []


def test_test_in_wrong_words_is_not_sent(mine):
    page = mine.post(address("test"), {**GOOD, "text": "No link"})

    assert (page.context["told"], len(page.context["wrong"])) == ("", 1)
    assert Mail.objects.count() == 0


def test_test_to_nobody_is_said(client, staff):
    user = staff(Role.CAMPAIGNER)
    user.email = ""
    user.save()
    client.force_login(user)

    page = client.post(address("test"), GOOD, headers={"accept-language": "en"})

    assert page.context["told"] == "Your account has no e-mail address, so nothing was sent."
    assert Mail.objects.count() == 0


def test_back_to_the_built_in_words_asks_first(mine):
    mine.post(address(), {**GOOD, "based_on": based_on(mine)})

    assert "is lost" in said_by(mine.get(address("restore")))
    assert stored() == [KEPT]
    mine.post(address("restore"))
    assert stored() == []


@pytest.mark.parametrize("name", ["nothing.en", "confirm_signature.de", "confirm_signature", "1"])
@pytest.mark.parametrize("page", ["change", "preview", "restore"])
def test_mail_that_there_is_not_is_not_found(mine, page, name):
    assert mine.get(address(page, name)).status_code == 404


@pytest.mark.parametrize("template", [kind.template for kind in KINDS])
def test_every_mail_has_its_page_and_its_preview(mine, template):
    page = mine.get(address("change", f"{template}.en"))

    said = mine.get(address("preview", f"{template}.en")).context["said"]
    assert page.context_data["kind"].template == template
    assert said is not None


def test_reader_may_change_no_words(client, staff):
    client.force_login(staff(Role.READER))

    got = [client.post(address(page)).status_code for page in ("change", "preview", "test")]

    assert got == [403, 403, 403]
