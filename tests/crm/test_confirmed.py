"""What confirming brings about: consents, steps, thanks; and what a link does not confirm."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.db.models import Sum
from django.utils import timezone

from crm.campaigns import operations, signing, tallies
from crm.campaigns.counting import StepTally
from crm.campaigns.models import Signature
from crm.campaigns.sharing import code_of
from crm.campaigns.sources import Trail
from crm.mailing.models import Mail
from crm.privacy.models import ConsentState
from tests.crm.pia import PIA, page
from tests.crm.signer_pages import to_confirm as link_to_confirm
from tests.factories import SignatureFactory, SupporterFactory, WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def confirmed_by(client, signature):
    return client.post(link_to_confirm(signature))


def steps(campaign, step):
    tallies.fold()
    found = StepTally.objects.filter(campaign=campaign, step=step)
    return found.aggregate(sum=Sum("number"))["sum"] or 0


def templates():
    return list(Mail.objects.order_by("pk").values_list("template", flat=True))


def test_both_boxes_become_consents_once_the_address_is_proved(client, petition, signature):
    Signature.objects.update(
        newsletter=WordingFactory(), appeals=WordingFactory(purpose="appeals", text="Appeals too.")
    )
    assert not ConsentState.objects.exists()

    confirmed_by(client, signature)
    confirmed_by(client, signature)

    states = ConsentState.objects.order_by("purpose").values_list("purpose", "given")
    assert list(states) == [("appeals", True), ("newsletter", True)]
    assert steps(petition, "consent") == 1


def test_box_that_was_not_ticked_is_no_consent_and_no_step(client, petition, signature):
    confirmed_by(client, signature)

    assert not ConsentState.objects.exists()
    assert steps(petition, "consent") == 0


def test_consent_is_a_step_once_even_when_somebody_signs_anew(client, petition, signature, now):
    words = PIA | {"language": "en", "trail": Trail(), "newsletter": WordingFactory()}
    Signature.objects.update(newsletter=words["newsletter"])
    confirmed_by(client, signature)

    operations.withdraw(signature=signature, at=timezone.now())
    signing.sign(campaign=petition, **words, at=timezone.now())
    confirmed_by(client, signature)

    assert (steps(petition, "consent"), tallies.count(petition)) == (1, 1)


def test_box_of_a_signature_that_was_withdrawn_does_not_come_back(client, petition, signature):
    Signature.objects.update(newsletter=WordingFactory())
    operations.withdraw(signature=signature, at=timezone.now())
    signing.sign(campaign=petition, **PIA, language="en", trail=Trail(), at=timezone.now())

    confirmed_by(client, signature)

    assert (tallies.count(petition), ConsentState.objects.count()) == (1, 0)


def test_what_staff_hold_back_is_not_confirmed_by_a_link_from_before(client, signature):
    Signature.objects.update(status="held")

    answers = [client.get(link_to_confirm(signature)), confirmed_by(client, signature)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ["One moment, please" in answer.content.decode() for answer in answers] == [True, True]
    assert (tallies.count(signature.campaign), templates()) == (0, ["confirm_signature"])
    Signature.objects.update(status="pending")
    confirmed_by(client, signature)
    assert tallies.count(signature.campaign) == 1


@pytest.mark.parametrize("alias", ["pia+again@example.org", "PIA+x@Example.org"])
def test_second_signature_of_a_mailbox_is_not_counted_and_is_thanked_alike(
    client, petition, signature, alias
):
    twin = SignatureFactory(campaign=petition, supporter=SupporterFactory(email=alias.lower()))
    first = confirmed_by(client, signature)

    second = confirmed_by(client, twin)
    again = confirmed_by(client, twin)

    twin.refresh_from_db()
    assert (twin.status, twin.ended, tallies.count(petition)) == ("withdrawn", "duplicate", 1)
    pages = [client.get(answer.url) for answer in (first, second, again)]
    assert len({page.context["share_address"] for page in pages}) == 1
    assert templates().count("signature_thanks") == 1


def test_thank_you_mail_goes_once_however_often_somebody_signs(client, petition, signature):
    confirmed_by(client, signature)
    operations.withdraw(signature=signature, at=timezone.now())
    signing.sign(campaign=petition, **PIA, language="en", trail=Trail(), at=timezone.now())
    confirmed_by(client, signature)

    assert templates().count("signature_thanks") == 1


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_thank_you_mail_carries_the_links_and_the_campaigns_own_words(
    client, petition, mailoutbox, settings, language
):
    settings.SITE_URL = "https://give.example.org"
    petition.texts.update_or_create(
        language=language,
        defaults={
            "title": "Stop & say so",
            "thanks_mail": "First.\n\nSecond <b>.",
            "share_text": "Sign & share",
        },
    )
    trail = Trail(utm_source="plan", referrer="https://www.plan.be/")
    signature = signing.sign(
        campaign=petition, **PIA, language=language, trail=trail, at=timezone.now()
    )

    confirmed_by(client, signature)
    run_jobs()

    mail = mailoutbox[-1]
    [[html, _type]] = mail.alternatives
    base, code = f"https://give.example.org/{language}", code_of(signature)
    address = f"{base}/petition/{petition.slug}/?utm_source=share&utm_medium={{}}"
    address += f"&utm_campaign={petition.slug}&r={code}"
    gift = f"{base}/give/?campaign={petition.slug}&utm_source=plan&ref=www.plan.be"
    whatsapp = f"https://wa.me/?text=Sign%20%26%20share%20{quote(address.format('whatsapp'), '')}"
    for said in (mail.body, unescape(html)):
        for told in (address.format("copy"), whatsapp, gift, f"{base}/signature/"):
            assert told in said
    assert "First.\n\nSecond <b>." in mail.body
    assert "Second &lt;b&gt;." in html
    assert mail.subject.endswith("Stop & say so")
    assert "List-Unsubscribe" in mail.extra_headers
    page = re.search(r"https://give\.example\.org(/\w\w/signature/\S+)", mail.body)[1]
    assert client.get(page).status_code == 200


def test_campaigns_own_paragraph_stands_in_the_mail_that_asks(petition, mailoutbox):
    petition.texts.update(confirm_mail="Our paragraph <i>.")
    signing.sign(campaign=petition, **PIA, language="en", trail=Trail(), at=timezone.now())

    run_jobs()

    [mail] = mailoutbox
    assert "Our paragraph <i>." in mail.body
    assert "Our paragraph &lt;i&gt;." in mail.alternatives[0][0]
    assert "Thank you for wanting to stand with us" not in mail.body


def test_old_link_leads_back_to_its_campaign_and_offers_a_new_mail(client, signature):
    operations.withdraw(signature=signature, at=timezone.now())

    html = client.get(link_to_confirm(signature)).content.decode()

    assert f'href="{page(signature.campaign)}"' in html
    assert f'action="{page(signature.campaign)}signed/"' in html
