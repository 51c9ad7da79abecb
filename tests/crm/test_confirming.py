"""Confirming by the link in the mail, and being thanked."""

import pytest
from django.utils import timezone

from crm.campaigns import letters, operations, tallies
from crm.campaigns.models import Signature
from crm.lib import tokens
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.public.signer import THANKS, WITHIN
from tests.crm.pia import page
from tests.factories import (
    SignatureFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


def link_to_confirm(signature):
    token = tokens.make(letters.CONFIRM, str(signature.public_id))
    return f"/en/confirm/{token}/"


def test_confirmation_page_changes_no_row(client, signature):
    before = [list(model.objects.values()) for model in (Signature, Supporter, Mail)]

    response = client.get(link_to_confirm(signature))
    client.head(link_to_confirm(signature))

    assert response.status_code == 200
    assert "Stop child trafficking" in response.content.decode()
    assert response.content.decode().count("<button") == 1
    assert [list(model.objects.values()) for model in (Signature, Supporter, Mail)] == before
    assert tallies.count(signature.campaign) == 0


def test_button_confirms_and_leads_to_thanks(client, signature):
    response = client.post(link_to_confirm(signature))

    signature.refresh_from_db()
    assert signature.status == Signature.Status.CONFIRMED
    address, token = response.url.split("?s=")
    assert (response.status_code, address) == (302, f"{page(signature.campaign)}thanks/")
    assert tokens.read(THANKS, token, max_age=WITHIN) == str(signature.public_id)
    thanks = client.get(response.url)
    assert thanks.context["counter"].count == 1
    assert "We go on." in thanks.content.decode()


def test_confirming_twice_counts_once(client, signature):
    client.post(link_to_confirm(signature))

    again = client.post(link_to_confirm(signature))

    assert again.status_code == 302
    assert tallies.count(signature.campaign) == 1


def test_changed_link_and_foreign_link_say_kindly_that_they_are_old(client, signature):
    foreign = tokens.make(THANKS, str(signature.public_id))

    answers = [
        client.post(url).status_code
        for url in (
            link_to_confirm(signature)[:-2] + "/",
            "/en/confirm/nothing/",
            f"/en/confirm/{foreign}/",
        )
    ]

    assert answers == [410, 410, 410]
    assert tallies.count(signature.campaign) == 0


def test_link_older_than_its_time_says_so(client, signature, monkeypatch):
    link = link_to_confirm(signature)
    later = timezone.now().timestamp() + letters.CONFIRM_WITHIN.total_seconds() + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    response = client.post(link)

    assert response.status_code == 410
    assert "This link no longer works" in response.content.decode()
    assert tallies.count(signature.campaign) == 0


def test_withdrawn_signature_cannot_be_confirmed_by_its_old_link(client, signature):
    operations.withdraw(signature=signature, at=timezone.now())

    response = client.post(link_to_confirm(signature))

    assert response.status_code == 410
    assert tallies.count(signature.campaign) == 0


def test_thanks_offers_sharing_by_plain_marked_links(client, petition, settings):
    settings.SITE_URL = "https://give.example.org"

    shares = client.get(f"{page(petition)}thanks/").context["shares"]

    address = f"https%3A%2F%2Fgive.example.org%2Fen%2Fpetition%2F{petition.slug}%2F"
    marks = f"%3Futm_source%3Dshare%26utm_medium%3Dfacebook%26utm_campaign%3D{petition.slug}"
    assert [share.name for share in shares] == ["WhatsApp", "Facebook", "X", "E-mail"]
    assert shares[1].url == f"https://www.facebook.com/sharer/sharer.php?u={address}{marks}"


def test_thanks_leads_to_giving_for_the_campaign_with_the_signers_source(client, petition):
    source = SourceFactory(channel="partner", utm_source="plan", referrer_host="www.plan.be")
    signature = SignatureFactory(
        campaign=petition, source=source, status="confirmed", confirmed_at=timezone.now()
    )
    token = tokens.make(THANKS, str(signature.public_id))

    thanks = client.get(f"{page(petition)}thanks/?s={token}")

    trail = [("utm_source", "plan"), ("ref", "www.plan.be")]
    assert thanks.context["gift"].fields == [("campaign", petition.slug), *trail]
    assert thanks.context["gift"].amounts == [("10.00", "€10"), ("25.00", "€25"), ("50.00", "€50")]
    assert 'action="/en/give/"' in thanks.content.decode()


def test_thanks_without_or_with_a_bad_token_tells_nothing_about_anybody(client, petition):
    plain = client.get(f"{page(petition)}thanks/")
    forged = client.get(f"{page(petition)}thanks/?s=forged")

    assert (plain.status_code, forged.status_code) == (200, 200)
    assert forged.context["gift"].fields == [("campaign", petition.slug)]
    assert (forged.context["share_token"], forged.context["brought"]) == ("", 0)
