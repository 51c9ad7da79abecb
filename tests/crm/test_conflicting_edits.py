"""Two people correct the same supporter: what the second is shown, and that nothing is lost."""

import html
import re

import pytest
from django.urls import reverse

from crm.access import Role
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def ann(db):
    return SupporterFactory(
        given_name="Anne", family_name="Maes", language="nl", postcode="2000", country="BE"
    )


@pytest.fixture
def colleague(client, staff):
    """A colleague's browser: the other one, who is faster."""
    other = type(client)(headers=ENGLISH)
    other.force_login(staff(Role.FUNDRAISER, first_name="Fien", last_name="Claes"))
    return other


@pytest.fixture
def mine(client, staff):
    client.force_login(staff(Role.ADMINISTRATOR))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def address(supporter):
    return reverse("admin:crm_supporter_correct", args=[supporter.pk])


def opened(browser, supporter):
    """Return the answers that the form holds when it is opened."""
    return answers_of(browser.get(address(supporter)))


def answers_of(page):
    form, edit = page.context["form"], page.context["edit"]
    shown = {bound.name: bound.value() for bound in form if bound.value() is not None}
    return {**shown, "based_on": edit.based_on}


def text_of(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page.content.decode())))


def test_changes_of_different_fields_are_both_kept_and_the_second_is_told(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "postcode": "2018"})

    answer = mine.post(address(ann), {**second, "given_name": "Ann"}, follow=True)

    ann.refresh_from_db()
    assert (ann.given_name, ann.postcode, ann.region) == ("Ann", "2018", "BE-VAN")
    assert [str(message) for message in answer.context["messages"]] == [
        "Somebody else changed this meanwhile; it was kept: Postcode.",
        "The corrections were saved.",
    ]


def test_change_of_the_same_field_is_shown_and_not_written(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "given_name": "Anna", "postcode": "2018"})

    page = mine.post(address(ann), {**second, "given_name": "Ann", "language": "fr"})

    ann.refresh_from_db()
    assert (ann.given_name, ann.postcode, ann.language) == ("Anna", "2018", "nl")
    (conflict,) = page.context["edit"].conflicts
    told = (conflict.label, conflict.before, conflict.theirs, conflict.mine, str(conflict.by))
    assert told == ("Given name", "Anne", "Anna", "Ann", "fundraiser")
    assert "It was: Anne Fien Claes wrote on" in text_of(page)
    assert "You wrote: Ann" in text_of(page)


@pytest.mark.parametrize(("choice", "name"), [("mine", "Ann"), ("theirs", "Anna")])
def test_the_second_decides_whose_is_kept_and_loses_nothing_else(
    mine, colleague, ann, choice, name
):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "given_name": "Anna", "postcode": "2018"})
    page = mine.post(address(ann), {**second, "given_name": "Ann", "language": "fr"})

    mine.post(address(ann), {**answers_of(page), "keep-given_name": choice})

    ann.refresh_from_db()
    assert (ann.given_name, ann.postcode, ann.language) == (name, "2018", "fr")


def test_third_change_while_the_second_decides_is_asked_about_again(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "given_name": "Anna"})
    page = mine.post(address(ann), {**second, "given_name": "Ann"})
    colleague.post(address(ann), {**opened(colleague, ann), "given_name": "Hanna"})

    page = mine.post(address(ann), {**answers_of(page), "keep-given_name": "mine"})

    (conflict,) = page.context["edit"].conflicts
    assert (conflict.before, conflict.theirs, conflict.mine) == ("Anna", "Hanna", "Ann")
    ann.refresh_from_db()
    assert ann.given_name == "Hanna"


def test_same_change_by_two_is_no_conflict(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "given_name": "Ann"})

    answer = mine.post(address(ann), {**second, "given_name": "Ann"})

    assert answer.status_code == 302


def test_error_in_the_form_does_not_forget_what_it_was_based_on(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "given_name": "Anna"})

    page = mine.post(address(ann), {**second, "given_name": "Ann", "language": "xx"})
    page = mine.post(address(ann), {**answers_of(page), "language": "fr"})

    assert [conflict.mine for conflict in page.context["edit"].conflicts] == ["Ann"]


@pytest.mark.parametrize("token", ["nonsense", "of another"])
def test_seal_that_is_not_of_this_record_makes_every_difference_a_question(mine, ann, token):
    if token == "of another":
        token = opened(mine, SupporterFactory(given_name="Anne"))["based_on"]
    answers = {**opened(mine, ann), "given_name": "Ann", "based_on": token}

    page = mine.post(address(ann), answers)

    assert [conflict.name for conflict in page.context["edit"].conflicts] == ["given_name"]
    ann.refresh_from_db()
    assert ann.given_name == "Anne"


def test_choices_and_days_are_shown_as_readers_know_them(mine, colleague, ann):
    first, second = opened(colleague, ann), opened(mine, ann)
    colleague.post(address(ann), {**first, "language": "fr", "birth_date": "1980-01-02"})

    page = mine.post(address(ann), {**second, "language": "en", "birth_date": "1980-02-01"})

    told = [(each.before, each.theirs, each.mine) for each in page.context["edit"].conflicts]
    assert told == [("–", "1980-01-02", "1980-02-01"), ("Dutch", "French", "English")]
