"""It was not me: nothing stays of what somebody else signed with an address."""

import re

import pytest
from django.utils import timezone

from crm.audit import AuditEntry
from crm.campaigns import operations, signing, tallies
from crm.campaigns.comments import Comment
from crm.campaigns.models import Signature
from crm.campaigns.sources import Trail
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.proposals import Proposal
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from tests.crm.pia import PIA
from tests.crm.signer_pages import not_me, to_confirm
from tests.factories import (
    CampaignTextFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
    WordingFactory,
)
from tests.jobs import run_jobs
from tests.people_factories import NoteFactory

pytestmark = pytest.mark.django_db
MODELS = (Signature, Supporter, Mail, Comment, Consent, AuditEntry)


def sign(petition, **fields):
    words = PIA | {"language": "en", "trail": Trail(), "at": timezone.now()} | fields
    return signing.sign(campaign=petition, **words)


def state(signature):
    signature.refresh_from_db()
    return signature.status, signature.ended


def rows():
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_mail_has_a_link_by_which_its_reader_says_it_was_not_them(
    client, petition, mailoutbox, settings, language
):
    settings.SITE_URL = "https://give.example.org"
    if language != "en":
        CampaignTextFactory(campaign=petition, language=language)
    signature = sign(petition, language=language)
    run_jobs()
    [mail] = mailoutbox
    [[html, _type]] = mail.alternatives

    links = [
        set(re.findall(rf"{settings.SITE_URL}(/\w\w/not-me/[^\s\"]+)", said))
        for said in (mail.body, html)
    ]

    assert links[0] == links[1]
    [link] = links[0]
    assert link.startswith(f"/{language}/not-me/")
    assert client.post(link).url == f"/{language}/not-me/"
    assert state(signature) == ("withdrawn", "not-me")


def test_looking_changes_nothing_however_often(client, signature):
    before = rows()

    answers = [client.get(not_me(signature)), client.head(not_me(signature))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert rows() == before
    assert "no-store" in answers[0]["Cache-Control"]


def test_newcomer_who_proved_nothing_is_erased_with_all_that_was_told(client, petition):
    signature = sign(
        petition, newsletter=WordingFactory(), comment="For my children.", comment_is_public=True
    )

    client.post(not_me(signature))

    supporter = Supporter.objects.get()
    assert state(signature) == ("withdrawn", "not-me")
    assert (supporter.erased_at is not None, supporter.email, supporter.given_name) == (
        True,
        "",
        "",
    )
    assert not Comment.objects.exists()
    assert not Mail.objects.filter(sent_at=None).exists()
    assert not ConsentState.objects.filter(given=True).exists()
    assert tallies.count(petition) == 0


@pytest.mark.parametrize("told", ["gift", "other signature", "consent", "note", "older"])
def test_somebody_of_whom_we_know_more_stays(client, petition, told):
    signature = sign(petition)
    known = signature.supporter
    if told == "gift":
        GiftFactory(supporter=known)
    elif told == "other signature":
        SignatureFactory(supporter=known)
    elif told == "consent":
        record_consent(supporter=known, given=True, source="test", at=timezone.now())
    elif told == "note":
        NoteFactory(supporter=known)
    else:
        Supporter.objects.update(source="gift")

    client.post(not_me(signature))

    known.refresh_from_db()
    assert (known.erased_at, known.email) == (None, "pia@example.org")
    assert state(signature) == ("withdrawn", "not-me")


def test_what_was_told_of_somebody_we_know_is_proposed_no_more(client, petition):
    SupporterFactory(email="pia@example.org", given_name="Sophia", source="gift")
    signature = sign(petition)
    assert Proposal.objects.open().exists()

    client.post(not_me(signature))

    assert not Proposal.objects.exists()
    assert Supporter.objects.get().given_name == "Sophia"


def test_confirmed_signature_is_uncounted_on_its_day_and_its_boxes_end(client, petition):
    at = timezone.now()
    signature = sign(petition, newsletter=WordingFactory())
    operations.confirm(signature=signature, at=at)
    tallies.fold()

    client.post(not_me(signature))
    tallies.fold()

    assert tallies.count(petition) == 0
    assert list(ConsentState.objects.values_list("purpose", "given")) == [("newsletter", False)]
    assert Supporter.objects.get().erased_at is None


def test_whoever_has_confirmed_once_is_not_erased(client, petition):
    signature = operations.confirm(signature=sign(petition), at=timezone.now())

    client.post(not_me(signature))

    supporter = Supporter.objects.get()
    assert (supporter.erased_at, supporter.email) == (None, "pia@example.org")
    assert state(signature) == ("withdrawn", "not-me")


def test_consent_that_was_given_elsewhere_stays(client, petition):
    signature = sign(petition, newsletter=WordingFactory())
    operations.confirm(signature=signature, at=timezone.now())
    record_consent(
        supporter=signature.supporter, given=True, source="preferences", at=timezone.now()
    )

    client.post(not_me(signature))

    assert list(ConsentState.objects.values_list("purpose", "given")) == [("newsletter", True)]


def test_second_time_and_the_old_link_to_confirm_change_nothing(client, signature):
    client.post(not_me(signature))
    before = rows()

    answers = [client.post(not_me(signature)), client.get(not_me(signature))]
    confirmed = client.post(to_confirm(signature))

    assert [answer.url for answer in answers] == ["/en/not-me/", "/en/not-me/"]
    assert (confirmed.status_code, rows()) == (410, before)


def test_link_of_a_signature_that_is_gone_is_answered_alike(client, signature):
    link = not_me(signature)
    signature.delete()

    assert client.get(link).url == "/en/not-me/"
    assert client.get("/en/not-me/").status_code == 200


def test_changed_link_and_link_for_something_else_do_nothing(client, signature):
    confirming = to_confirm(signature).replace("/confirm/", "/not-me/")

    answers = [client.post(url) for url in ("/en/not-me/nothing/", confirming)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert state(signature) == ("pending", "")


def test_whoever_was_disowned_may_sign_later_and_disown_again(client, petition):
    known = SupporterFactory(email="pia@example.org")
    signature = sign(petition)
    client.post(not_me(signature))

    operations.confirm(signature=sign(petition), at=timezone.now())
    counted = tallies.count(petition)
    client.post(not_me(signature))

    assert (counted, tallies.count(petition)) == (1, 0)
    assert state(signature) == ("withdrawn", "not-me")
    known.refresh_from_db()
    assert known.erased_at is None


def test_it_is_in_the_trail_with_its_reason(client, signature):
    client.post(not_me(signature))

    entry = AuditEntry.objects.get(action="signature.withdrawn")
    assert (entry.subject, entry.by, entry.details) == (
        f"signature:{signature.pk}",
        None,
        {"why": "not-me"},
    )
