"""What somebody who means ill tries with the form, the links and the numbers of a petition."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.campaigns import signing, waiting
from crm.campaigns.letters import PAUSE
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.shares import Share
from crm.campaigns.sources import Trail
from crm.lib import tokens
from crm.mailing.models import Mail
from crm.people.contact_points import Phone
from crm.people.models import Supporter
from crm.privacy.erasure import erase
from crm.public.kept import forget_all
from crm.public.signer import THANKS
from tests.crm.graph import NELE, arrives, states
from tests.crm.pia import PIA, page
from tests.crm.signer_pages import not_me, to_confirm
from tests.factories import SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db
NETWORK = "203.0.113.7"
PHONE = "+32475123456"


def sign(petition, **fields):
    words = PIA | {"language": "en", "trail": Trail(), "at": timezone.now()} | fields
    return signing.sign(campaign=petition, **words)


def state(signature):
    signature.refresh_from_db()
    return signature.status, signature.ended


def numbers_told(client, petition):
    """What everybody can read of how a campaign counts, right after it was counted anew."""
    waiting.recount(at=timezone.now())
    forget_all()
    about = f"{page(petition)}count/about/"
    return client.get(f"{about}data/").json(), client.get(about).content


@pytest.mark.parametrize("known", ["confirmed", "pending", "withdrawn", "nobody"])
def test_numbers_do_not_tell_whether_an_address_had_signed(client, petition, known):
    if known != "nobody":
        signature = sign(petition)
        if known != "pending":
            confirm(signature=signature, at=timezone.now())
        if known == "withdrawn":
            withdraw(signature=signature, at=timezone.now())
    before = numbers_told(client, petition)

    client.post(page(petition), PIA)

    assert numbers_told(client, petition) == before


def test_who_was_held_back_and_taken_out_is_held_back_when_they_sign_again(petition):
    thrown_away = {"email": "pia@mailinator.com"}
    signature = sign(petition, **thrown_away)
    withdraw(signature=signature, at=timezone.now())

    sign(petition, **thrown_away)

    assert state(signature) == ("held", "")
    assert not Mail.objects.exists()


def test_rush_of_those_who_were_taken_out_is_held_back_like_any(petition, settings):
    settings.SIGNATURES_WITHOUT_PROOF = 2
    signers = [f"pia{number}@example.org" for number in range(4)]
    for email in signers:
        withdraw(signature=sign(petition, email=email), at=timezone.now())
    later = timezone.now() + timedelta(hours=2)

    for email in signers:
        sign(petition, email=email, network=NETWORK, at=later)

    found = Signature.objects.order_by("pk").values_list("status", flat=True)
    assert list(found) == ["pending", "pending", "held", "held"]


def test_newcomer_with_a_telephone_is_erased_when_it_was_not_them(client, petition):
    signature = sign(petition, phone=PHONE)

    client.post(not_me(signature))

    assert Supporter.objects.get().erased_at is not None
    assert not Phone.objects.exists()


def test_telephone_that_a_stranger_told_of_somebody_we_know_goes(client, petition):
    SupporterFactory(email="pia@example.org", source="gift")
    signature = sign(petition, phone=PHONE)

    client.post(not_me(signature))

    assert Supporter.objects.get().erased_at is None
    assert not Phone.objects.exists()


def test_newcomer_by_a_lead_form_is_erased_when_it_was_not_them(
    client, facebook, lead_form, campaign
):
    facebook.has("1", boxes=[("optin_news", True)], **NELE)
    arrives("1")

    client.post(not_me(Signature.objects.get()))

    assert Supporter.objects.get().erased_at is not None


def test_lead_that_cannot_be_written_holds_up_no_other(facebook, lead_form):
    facebook.has("1", **NELE | {"full_name": "Ne\ud83dle Van Damme"})

    arrives("1")

    assert states() == [("1", "done", "")]
    assert Supporter.objects.get().given_name == "Nele"


def test_mail_to_who_has_signed_goes_to_an_address_that_is_known_to_be_theirs(petition):
    signature = confirm(signature=sign(petition), at=timezone.now())
    Mail.objects.all().delete()

    sign(petition, email="pia+other@example.org", at=timezone.now() + PAUSE)

    told = Mail.objects.values_list("template", "to")
    assert list(told) == [("already_signed", signature.supporter.email)]


def test_page_that_confirms_shows_what_a_stranger_may_have_ticked(client, petition):
    wording = WordingFactory(text="Yes, send me everything.")
    signature = sign(petition)
    sign(petition, newsletter=wording)

    confirming = client.get(to_confirm(signature))
    confirm(signature=signature, at=timezone.now())
    confirmed = client.get(to_confirm(signature))

    assert [list(answer.context["agreed"]) for answer in (confirming, confirmed)] == [[wording], []]
    assert wording.text in confirming.content.decode()


def test_old_links_of_who_was_erased_do_nothing_more(client, petition):
    signature = confirm(signature=sign(petition), at=timezone.now())
    erase(supporter=signature.supporter, at=timezone.now())

    answers = [client.get(to_confirm(signature)), client.post(to_confirm(signature))]
    thanks = tokens.make(THANKS, str(signature.public_id))
    client.post(f"{page(petition)}shared/", {"s": thanks, "medium": "x"})

    assert [answer.status_code for answer in answers] == [410, 410]
    assert not Share.objects.exists()
