"""The links by which a signer shares a petition."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from crm.campaigns.sharing import code_of
from crm.public.sharing import copied, shares
from tests.factories import CampaignFactory, CampaignTextFactory, SignatureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.SITE_URL = "https://give.example.org"
    with translation.override("en"):
        yield


@pytest.fixture
def campaign():
    texts = CampaignTextFactory(
        campaign=CampaignFactory(slug="stop"), title="Stop it", share_text="I signed & you?"
    )
    return texts.campaign


def told(share):
    """What a link tells the other site, or the mail programme."""
    return {name: value[0] for name, value in parse_qs(urlsplit(share.url).query).items()}


def link(medium, code=""):
    marks = f"utm_source=share&utm_medium={medium}&utm_campaign=stop"
    return f"https://give.example.org/en/petition/stop/?{marks}{code and f'&r={code}'}"


def test_links_carry_the_campaigns_words_the_medium_and_the_signer(campaign):
    signature = SignatureFactory(campaign=campaign)
    code = code_of(signature)

    found = shares(campaign, signature)

    assert [(each.medium, each.name) for each in found] == [
        ("whatsapp", "WhatsApp"),
        ("facebook", "Facebook"),
        ("x", "X"),
        ("mail", "E-mail"),
    ]
    assert [told(each) for each in found] == [
        {"text": f"I signed & you? {link('whatsapp', code)}"},
        {"u": link("facebook", code)},
        {"text": "I signed & you?", "url": link("x", code)},
        {"subject": "Stop it", "body": f"I signed & you?\n\n{link('mail', code)}"},
    ]
    assert copied(campaign, signature) == link("copy", code)


def test_without_words_of_its_own_the_title_stands_before_the_link(campaign):
    campaign.texts.update(share_text="")

    whatsapp, _facebook, x, mail = (told(each) for each in shares(campaign))

    assert whatsapp == {"text": f"Stop it {link('whatsapp')}"}
    assert x == {"text": "Stop it", "url": link("x")}
    assert mail == {"subject": "Stop it", "body": link("mail")}


def test_mail_programmes_and_sites_are_called_at_their_addresses(campaign):
    assert [share.url.partition("?")[0] for share in shares(campaign)] == [
        "https://wa.me/",
        "https://www.facebook.com/sharer/sharer.php",
        "https://x.com/intent/post",
        "mailto:",
    ]
