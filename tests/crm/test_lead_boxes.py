"""Boxes that were ticked at Facebook: what they agree to, when, and by which proof."""

import pytest

from crm.campaigns import operations
from crm.campaigns.models import Signature
from crm.lib import tokens as links
from crm.mailing.headers import UNSUBSCRIBE
from crm.mailing.models import Mail
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.models import Consent
from crm.privacy.operations import record_consent
from tests.conftest import NOW
from tests.crm.graph import NELE, arrives
from tests.factories import SignatureFactory, SupporterFactory

pytestmark = pytest.mark.django_db


def ticked(facebook, lead_form, *boxes):
    facebook.has("1", boxes=boxes, **NELE)
    arrives("1")
    return Signature.objects.get()


def test_boxes_hold_once_the_signature_is_confirmed_with_form_and_box_as_proof(facebook, lead_form):
    signature = ticked(
        facebook, lead_form, ("optin_news", True), ("optin_ask", False), ("of another matter", True)
    )
    assert Consent.objects.count() == 0

    operations.confirm(signature=signature, at=NOW)

    consent = Consent.objects.get()
    evidence = dict(consent.evidence)
    asked_at = evidence.pop("asked_at")
    assert (consent.purpose, consent.given, consent.wording) == ("newsletter", True, None)
    assert consent.source == f"signature:{signature.public_id}"
    assert evidence == {
        "facebook_form": "77",
        "box": "optin_news",
        "confirmed_at": NOW.isoformat(),
    }
    assert asked_at == ConsentRequest.objects.get().asked_at.isoformat()
    assert Mail.objects.filter(template__contains="consent").count() == 0


def test_both_boxes_hold_with_their_own_proof(facebook, lead_form):
    signature = ticked(facebook, lead_form, ("optin_news", True), ("optin_ask", True))

    operations.confirm(signature=signature, at=NOW)

    told = {
        c.purpose: (c.evidence["box"], c.evidence["confirmed_at"]) for c in Consent.objects.all()
    }
    assert told == {
        "newsletter": ("optin_news", NOW.isoformat()),
        "appeals": ("optin_ask", NOW.isoformat()),
    }


def test_who_said_no_before_confirming_agrees_to_nothing(facebook, lead_form, client):
    signature = ticked(facebook, lead_form, ("optin_news", True))
    mail = Mail.objects.get()

    link = links.make(UNSUBSCRIBE, str(mail.public_id))
    client.post(f"/unsubscribe/{link}/", {"List-Unsubscribe": "One-Click"})
    operations.confirm(signature=signature, at=NOW)

    assert not Consent.objects.filter(given=True).exists()


def test_who_has_signed_already_is_asked_about_the_box_by_a_mail(facebook, lead_form, campaign):
    nele = SupporterFactory(email="nele@example.org")
    SignatureFactory(campaign=campaign, supporter=nele, status="confirmed", confirmed_at=NOW)

    ticked(facebook, lead_form, ("optin_news", True))

    assert Consent.objects.count() == 0
    assert set(Mail.objects.values_list("template", flat=True)) == {
        "already_signed",
        "confirm_consent",
    }


def test_who_has_agreed_already_is_asked_nothing(facebook, lead_form, campaign):
    nele = SupporterFactory(email="nele@example.org")
    record_consent(supporter=nele, given=True, source="paper", at=NOW)

    ticked(facebook, lead_form, ("optin_news", True))

    assert ConsentRequest.objects.count() == 0
