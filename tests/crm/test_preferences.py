"""The page on which somebody chooses what they get: by the link of a mail, and nothing else."""

import html
import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from crm.lib import tokens
from crm.mailing.headers import PREFERENCES, preferences_path
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import suppressed
from tests.factories import SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
RADIO = re.compile(r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]*checked')


@pytest.fixture
def pia():
    return SupporterFactory(email="pia@example.org", language="en")


@pytest.fixture
def wordings():
    return {
        purpose: WordingFactory(purpose=purpose, text=f"Yes to {purpose}.", version=3)
        for purpose in ("newsletter", "appeals")
    }


@pytest.fixture
def path(pia):
    return preferences_path(pia, "en")


def read(client, path):
    return html.unescape(client.get(path).content.decode())


def filled(client, path):
    """The form as the browser would send it, untouched."""
    page = read(client, path)
    return dict(HIDDEN.findall(page)) | dict(RADIO.findall(page)) | {"action": "save"}


def states(supporter):
    held = ConsentState.objects.filter(supporter=supporter).order_by("purpose", "channel")
    return {(state.purpose, state.channel): state.given for state in held}


def test_page_tells_what_holds_since_when_and_to_which_words(client, pia, wordings, path, now):
    old = WordingFactory(text="The old words.", version=1)
    record_consent(supporter=pia, given=True, wording=old, source="test", at=now)
    record_consent(
        supporter=pia, given=False, purpose="appeals", channel="post", source="test", at=now
    )

    page = read(client, path)

    assert page.count("You said yes; it has held since March 14, 2026.") == 1
    assert page.count("You said no; it has held since March 14, 2026.") == 1
    assert page.count("You have not told us yet.") == 2
    assert [page.count(text) for text in ("The old words.", *[w.text for w in wordings.values()])]
    assert RADIO.findall(page) == [
        ("newsletter-email", "yes"),
        ("appeals-post", "no"),
        ("language", "en"),
    ]


def test_page_does_not_tell_the_whole_address_and_is_kept_out_of_searches(client, path, pia):
    answer = client.get(path)

    assert "pia@example.org" not in answer.content.decode()
    assert "p…a@example.org" in answer.content.decode()
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == (
        "same-origin",
        "noindex, nofollow",
    )
    assert "no-store" in answer["Cache-Control"]


def test_choice_is_recorded_as_the_persons_own_with_words_and_evidence(client, pia, wordings, path):
    form = filled(client, path) | {"newsletter-email": "yes", "appeals-phone": "no"}

    answer = client.post(path, form)

    assert answer.url == f"{path}?said=saved"
    said = Consent.objects.order_by("purpose").values_list(
        "purpose", "channel", "given", "wording", "source", "evidence"
    )
    proof = {"page": "preferences", "by": "signed link"}
    assert list(said) == [
        ("appeals", "phone", False, None, "preferences", proof),
        ("newsletter", "email", True, wordings["newsletter"].pk, "preferences", proof),
    ]


def test_words_that_were_shown_count_also_when_newer_ones_came(client, pia, wordings, path):
    form = filled(client, path) | {"newsletter-email": "yes"}
    WordingFactory(text="Newer words.", version=4)

    client.post(path, form)

    assert Consent.objects.get().wording == wordings["newsletter"]


def test_what_was_not_touched_says_nothing_even_on_a_page_of_yesterday(
    client, pia, wordings, path, now
):
    record_consent(supporter=pia, given=True, source="test", at=now)
    form = filled(client, path)
    record_consent(supporter=pia, given=False, source="test", at=now + timedelta(hours=1))

    client.post(path, form | {"appeals-post": "yes"})

    assert states(pia) == {("newsletter", "email"): False, ("appeals", "post"): True}


def test_own_yes_undoes_an_own_no_and_lifts_what_kept_the_address(client, pia, wordings, path, now):
    record_consent(supporter=pia, given=False, source="test", at=now)

    client.post(path, filled(client, path) | {"newsletter-email": "yes"})

    assert states(pia) == {("newsletter", "email"): True}
    assert suppressed(["pia@example.org"], purpose="newsletter") == {}


def test_stop_everything_says_no_to_all_of_it_once(client, pia, path, now):
    record_consent(supporter=pia, given=True, source="test", at=now)
    record_consent(supporter=pia, given=True, channel="post", source="test", at=now)

    answers = [client.post(path, {"action": "stop"}) for _ in range(2)]

    assert [answer.url for answer in answers] == [f"{path}?said=stopped"] * 2
    assert states(pia) == {
        ("newsletter", "email"): False,
        ("newsletter", "post"): False,
        ("appeals", "email"): False,
        ("appeals", "post"): False,
        ("appeals", "phone"): False,
    }
    assert Consent.objects.filter(given=False).count() == 5
    assert "Receipts for your gifts" in read(client, answers[0].url)


def test_yes_without_words_on_the_page_is_refused_beside_its_field(client, pia, path):
    answer = client.post(path, {"newsletter-email": "yes", "action": "save"})

    assert answer.status_code == 422
    assert "This can only be ended here" in answer.content.decode()
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("shown", ["", "x", "9" * 30, "0"])
def test_words_that_do_not_exist_are_no_words(client, pia, wordings, path, shown):
    form = filled(client, path) | {"newsletter-email": "yes", "wording-newsletter": shown}

    assert client.post(path, form).status_code == 422
    assert Consent.objects.count() == 0


def test_words_of_another_purpose_do_not_count(client, pia, wordings, path):
    other = str(wordings["appeals"].pk)
    form = filled(client, path) | {"newsletter-email": "yes", "wording-newsletter": other}

    assert client.post(path, form).status_code == 422


def test_answer_that_the_page_does_not_offer_is_refused(client, pia, wordings, path):
    form = filled(client, path) | {"newsletter-email": "maybe"}

    assert client.post(path, form).status_code == 422
    assert Consent.objects.count() == 0


def test_child_that_we_know_is_told_that_a_parent_has_to_agree(client, pia, wordings, path):
    Supporter.objects.update(birth_date="2099-01-01")

    answer = client.post(path, filled(client, path) | {"newsletter-email": "yes"})

    assert answer.url == f"{path}?said=too-young"
    assert "without a parent" in read(client, answer.url)
    assert states(pia) == {}


def test_language_of_the_mails_is_chosen_here(client, pia, path):
    answers = [
        client.post(path, {"action": "language", "language": code}).url for code in ("nl", "xx")
    ]

    assert answers == [f"{path}?said=saved", f"{path}?said=unclear"]
    pia.refresh_from_db()
    assert pia.language == "nl"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, pia, path, method):
    answer = getattr(client, method)(f"{path}?action=stop&said=stopped")

    assert (answer.status_code, states(pia)) == (200, {})


def test_form_needs_its_csrf_token(pia, path):
    assert Client(enforce_csrf_checks=True).post(path, {"action": "stop"}).status_code == 403
    assert states(pia) == {}


def test_link_of_who_was_merged_opens_the_record_that_stands(client, pia, path, now):
    other = SupporterFactory()
    merge(kept=other, lost=pia, at=now)

    client.post(path, {"action": "stop"})

    assert set(states(other).values()) == {False}


def refused(client, path):
    answers = [client.get(path), client.post(path, {"action": "stop"})]
    return [answer.status_code for answer in answers] == [410, 410]


def test_link_that_is_old_or_changed_or_of_who_was_erased_says_so(
    client, pia, path, now, monkeypatch
):
    assert refused(client, path[:-2] + "/")
    assert refused(client, reverse_with(tokens.make("donor", str(pia.public_id))))
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda: 4_000_000_000)
        assert refused(client, path)
    erase(supporter=pia, at=now)
    assert refused(client, path)
    assert client.get(path).content.count(reverse("public:donor-link").encode()) >= 1


def reverse_with(token):
    return f"/en/preferences/{token}/"


def test_donor_page_leads_here(client, pia):
    page = read(client, f"/en/me/{tokens.make('donor', str(pia.public_id))}/")

    [link] = re.findall(r'href="(/en/preferences/[^"]+)"', page)
    assert client.get(link).status_code == 200


def test_page_costs_the_same_for_one_word_and_for_many(
    client, pia, wordings, path, now, django_assert_num_queries
):
    record_consent(supporter=pia, given=True, source="test", at=now)
    client.get(path)  # what is cached is cached
    with django_assert_num_queries(QUERIES):
        client.get(path)
    for channel in ("email", "post", "phone"):
        record_consent(supporter=pia, given=True, channel=channel, source="test", at=now)

    with django_assert_num_queries(QUERIES):
        client.get(path)


QUERIES = 5


def test_token_holds_an_identifier_only(pia, path):
    token = path.split("/")[-2]
    assert signing.loads(token, salt=f"soutien.{PREFERENCES}") == str(pia.public_id)
