"""What staff see of consents: what holds, each word as it was said, and what they write down."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm import audit
from crm.access import Role
from crm.audit import AuditEntry
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import Reason, suppress
from tests.factories import SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def pia():
    return SupporterFactory(given_name="Pia", family_name="Peeters", email="pia@example.org")


@pytest.fixture
def words():
    return WordingFactory(text="Yes, send me the newsletter.", version=3)


@pytest.fixture
def campaigner(signed_in):
    return signed_in(Role.CAMPAIGNER)


def page_of(supporter):
    return reverse("admin:crm_supporter_consents", args=[supporter.pk])


def form_of(supporter):
    return reverse("admin:crm_supporter_consent", args=[supporter.pk])


def read(client, address):
    return html.unescape(client.get(address, headers=ENGLISH).content.decode())


def said(words, **changes):
    """What staff fill in for a yes on paper."""
    filled = {
        "answer": "yes",
        "purpose": "newsletter",
        "channel": "email",
        "said": "paper",
        "day": "2026-03-01",
        "sheet": "12-B",
        "wording": words.pk,
    }
    return filled | changes


def states(supporter):
    held = ConsentState.objects.filter(supporter=supporter).order_by("purpose", "channel")
    return {(state.purpose, state.channel): state.given for state in held}


def test_page_shows_exactly_what_was_agreed_to_and_how_it_is_proved(
    client, campaigner, pia, words, campaign
):
    at = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
    evidence = {
        "asked_at": (at - timedelta(hours=1)).isoformat(),
        "confirmed_at": at.isoformat(),
        "campaign": campaign.pk,
    }
    record_consent(
        supporter=pia,
        given=True,
        wording=words,
        source="signature:1",
        evidence=evidence,
        parent_name="Ann Peeters",
        at=at,
    )

    page = read(client, page_of(pia))

    for text in (
        "Yes, send me the newsletter.",
        "version 3, in English",
        "when signing",
        "Ann Peeters",
        "March 14, 2026, noon",
        "March 14, 2026, 1 p.m.",
        str(campaign),
    ):
        assert text in page
    assert page.count("never asked") == 3


def test_word_said_by_the_link_of_a_mail_names_the_mail(client, campaigner, pia, now):
    mail = Mail.objects.create(
        key="k", supporter=pia, to=pia.email, template="already_signed", queued_at=now
    )
    record_consent(
        supporter=pia,
        given=False,
        source="mail:unsubscribe",
        evidence={"mail": str(mail.public_id)},
        at=now,
    )

    page = read(client, page_of(pia))

    assert "Signed already, March 14, 2026" in page
    assert "by a link in a mail" in page


def test_what_tells_of_giving_is_not_told_to_who_sees_no_gifts(client, campaigner, pia, now):
    record_consent(
        supporter=pia, given=True, source="checkout:7", evidence={"page": "SECRET"}, at=now
    )

    page = read(client, page_of(pia))

    assert "when giving" not in page
    assert "SECRET" not in page


def test_who_said_nothing_has_an_empty_log(client, campaigner, pia):
    page = read(client, page_of(pia))

    assert "They have not said yes or no to anything yet." in page
    assert page.count("never asked") == 4


def test_page_of_who_was_merged_leads_to_the_record_that_stands(client, campaigner, pia):
    other = SupporterFactory()
    Supporter.objects.filter(pk=pia.pk).update(merged_into=other)

    assert client.get(page_of(pia)).url == page_of(other)


def test_profile_shows_each_purpose_by_each_way_and_leads_to_both_pages(
    client, campaigner, pia, now
):
    record_consent(
        supporter=pia, given=False, purpose="appeals", channel="post", source="x", at=now
    )

    page = read(client, reverse("admin:crm_supporter_change", args=[pia.pk]))

    assert "Calls for donations, letter" in page
    assert [page.count(f'href="{link}"') for link in (page_of(pia), form_of(pia))] == [1, 1]


def test_yes_on_paper_is_written_down_with_sheet_words_and_day_but_by_whom_is_in_the_trail(
    client, campaigner, pia, words
):
    answer = client.post(form_of(pia), said(words))

    assert answer.url == page_of(pia)
    consent = Consent.objects.get()
    assert (consent.given, consent.wording, consent.source) == (True, words, "staff:paper")
    assert consent.evidence == {"said": "paper", "sheet": "12-B"}
    assert consent.at == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    assert states(pia) == {("newsletter", "email"): True}
    entry = AuditEntry.objects.get(action="consent.recorded")
    assert (entry.by, entry.subject) == (campaigner, audit.subject_of(pia))
    assert "12-B" in read(client, page_of(pia))


def test_no_by_telephone_needs_neither_words_nor_sheet(client, campaigner, pia, words):
    form = said(words, answer="no", said="telephone", sheet="", wording="")

    client.post(form_of(pia), form | {"purpose": "appeals", "channel": "phone"})

    assert states(pia) == {("appeals", "phone"): False}
    assert Consent.objects.get().evidence == {"said": "telephone"}


def refusal(client, pia, form):
    answer = client.post(form_of(pia), form, headers=ENGLISH)
    assert (answer.status_code, Consent.objects.filter(given=True).count()) == (200, 0)
    return {
        field: [str(error) for error in errors]
        for field, errors in answer.context["form"].errors.items()
    }


def test_yes_after_a_no_of_the_person_is_refused_and_the_way_out_is_told(
    client, campaigner, pia, words, now
):
    record_consent(supporter=pia, given=False, source="test", at=now)

    [why, way] = refusal(client, pia, said(words))["__all__"]

    assert why == "This person said no. Only they can say yes again."
    assert way.startswith("Ask them to choose it themselves")
    assert states(pia) == {("newsletter", "email"): False}


def test_yes_for_a_suppressed_address_is_refused(client, campaigner, pia, words, now):
    suppress(addresses=[pia.email], reason=Reason.ERASED, at=now)

    [why, _way] = refusal(client, pia, said(words))["__all__"]

    assert why.startswith("Whoever has this address said no")


def test_child_needs_the_name_of_a_parent(client, campaigner, pia, words):
    Supporter.objects.update(birth_date=timezone.now().date() - timedelta(days=3000))

    assert list(refusal(client, pia, said(words))) == ["parent_name"]
    client.post(form_of(pia), said(words, parent_name="Ann Peeters"))

    assert Consent.objects.get().parent_name == "Ann Peeters"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"wording": ""}, "wording"),
        ({"purpose": "appeals"}, "wording"),
        ({"sheet": ""}, "sheet"),
        ({"sheet": "@mail"}, "sheet"),
        ({"sheet": "x" * 21}, "sheet"),
        ({"channel": "phone"}, "channel"),
        ({"day": "2999-01-01"}, "day"),
        ({"day": "soon"}, "day"),
        ({"said": "dream"}, "said"),
        ({"answer": "maybe"}, "answer"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    client, campaigner, pia, words, changes, field
):
    assert list(refusal(client, pia, said(words, **changes))) == [field]


def test_of_who_was_erased_nothing_is_written_down(client, campaigner, pia, words, now):
    erase(supporter=pia, at=now)

    assert client.get(form_of(pia)).status_code == 404
    assert form_of(pia) not in read(client, page_of(pia))


def test_reader_sees_none_of_it(client, signed_in, pia, words):
    signed_in(Role.READER)

    answers = [client.get(page_of(pia)), client.get(form_of(pia))]
    answers.append(client.post(form_of(pia), said(words)))

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Consent.objects.count() == 0


def test_page_costs_the_same_for_one_word_and_for_three(
    client, campaigner, pia, words, now, django_assert_num_queries
):
    client.get(page_of(pia))
    costs = []
    for number in range(3):
        record_consent(supporter=pia, given=bool(number % 2), wording=words, source="x", at=now)
        with django_assert_num_queries(10) as queries:
            client.get(page_of(pia))
        costs.append(len(queries))

    assert len(set(costs)) == 1
