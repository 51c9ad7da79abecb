"""The mails that signers and donors get: in their language, with links that work, and escaped."""

import re

import pytest
from django.utils import timezone

from crm.campaigns import operations, signing, tallies
from crm.campaigns.models import Signature
from crm.campaigns.sources import Trail
from crm.donations import receipts
from crm.mailing import outbox
from tests.factories import (
    CampaignTextFactory,
    GiftFactory,
    PlanFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
LANGUAGES = ["fr", "nl", "en"]
TITLES = {"fr": "Stop à la traite", "nl": "Stop mensenhandel", "en": "Stop & say so"}


@pytest.fixture
def petition(campaign, settings):
    settings.SITE_URL = "https://give.example.org"
    for language, title in TITLES.items():
        CampaignTextFactory(campaign=campaign, language=language, title=title)
    return campaign


def sign(petition, language="en", **fields):
    return signing.sign(
        campaign=petition,
        email="pia@example.org",
        family_name="Peeters",
        postcode="2000",
        country="BE",
        language=language,
        trail=Trail(),
        at=timezone.now(),
        **{"given_name": "Pia", **fields},
    )


def html_of(mail):
    [alternative] = mail.alternatives
    return alternative.content


def links_in(mail):
    """Every address of our site in the text and in the HTML, unescaped, but those at the foot."""
    foot = r"(?!unsubscribe/|\w\w/preferences/|\w\w/not-me/)"
    pattern = rf"https://give\.example\.org/{foot}\S*?(?=[\s\"<]|$)"
    text = re.findall(pattern, mail.body, re.M)
    html = [link.replace("&amp;", "&") for link in re.findall(f'href="({pattern})"', html_of(mail))]
    return text, html


@pytest.mark.parametrize("language", LANGUAGES)
def test_link_in_the_mail_confirms_and_is_in_the_signers_language(
    client, petition, mailoutbox, language
):
    sign(petition, language)
    run_jobs()
    [mail] = mailoutbox

    [[link], in_html] = links_in(mail)

    assert in_html == [link]
    assert link.startswith(f"https://give.example.org/{language}/confirm/")
    path = link.removeprefix("https://give.example.org")
    assert client.get(path).status_code == 200
    assert tallies.count(petition) == 0
    client.post(path)
    assert tallies.count(petition) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_confirmation_mail_speaks_of_the_petition_in_one_line(petition, mailoutbox, language):
    sign(petition, language)
    run_jobs()
    [mail] = mailoutbox

    assert mail.subject.endswith(TITLES[language])
    assert "\n" not in mail.subject
    assert "Pia," in mail.body
    assert f'<html lang="{language}">' in html_of(mail)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_counted_already_gets_the_link_to_their_own_page(
    client, petition, mailoutbox, language
):
    operations.confirm(signature=sign(petition, language), at=timezone.now())
    sign(petition, language)
    run_jobs()
    mail = mailoutbox[-1]

    [[link], in_html] = links_in(mail)

    assert in_html == [link]
    assert link.startswith(f"https://give.example.org/{language}/signature/")
    page = client.get(link.removeprefix("https://give.example.org"))
    assert page.context["signature"] == Signature.objects.get()
    assert "/not-me/" not in mail.body + html_of(mail)


def test_link_in_the_mail_of_who_is_counted_confirms_nothing(petition, mailoutbox):
    operations.confirm(signature=sign(petition), at=timezone.now())
    sign(petition)
    run_jobs()

    assert "/confirm/" not in mailoutbox[-1].body + html_of(mailoutbox[-1])
    assert Signature.objects.count() == 1


def test_name_and_title_are_escaped_in_html_and_plain_in_text(petition, mailoutbox):
    sign(petition, given_name="<b>Pia</b> & 'Co")
    run_jobs()
    [mail] = mailoutbox

    assert "<b>Pia</b> & 'Co," in mail.body
    assert "“Stop & say so”" in mail.body
    assert mail.subject.endswith("Stop & say so")
    assert "&lt;b&gt;Pia&lt;/b&gt; &amp; &#x27;Co," in html_of(mail)
    assert "“Stop &amp; say so”" in html_of(mail)
    assert "<b>" not in html_of(mail)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("monthly", [False, True])
def test_thanks_for_a_gift_tell_amount_campaign_and_receipt(
    petition, mailoutbox, now, language, monthly
):
    supporter = SupporterFactory(given_name="<Dora>", language=language)
    plan = PlanFactory(supporter=supporter) if monthly else None
    gift = GiftFactory(supporter=supporter, campaign=petition, plan=plan, amount=1250)
    receipts.thank(gift_id=gift.pk, at=now)
    run_jobs()
    [mail] = mailoutbox

    amount = {"fr": "12,50\xa0€", "nl": "€\xa012,50", "en": "€12.50"}[language]
    assert amount in mail.subject
    assert amount in mail.body
    assert TITLES[language] in mail.body
    assert str(receipts.issue(gift=gift, at=now)) in mail.body
    assert "<Dora>" in mail.body
    assert "&lt;Dora&gt;" in html_of(mail)
    [page] = links_in(mail)[0]
    assert page == links_in(mail)[1][0] == f"https://give.example.org/{language}/me/"
    assert [name for name, _content, _type in mail.attachments] == [
        f"{receipts.issue(gift=gift, at=now)}.pdf"
    ]


def test_every_mail_says_why_it_comes(mailoutbox, settings, now):
    settings.SITE_URL = "https://give.example.org"
    words = {"title": "T", "slug": "t", "token": "x", "amount": "1", "number": "1"}
    for template in ("confirm_signature", "already_signed", "gift_thanks"):
        to = SupporterFactory(given_name="")
        outbox.queue(template, key=template, to=to, language="en", at=now, context=words)
    run_jobs()

    assert [mail.body.count("You get this mail because") for mail in mailoutbox] == [1, 1, 1]
    assert [html_of(mail).count("You get this mail because") for mail in mailoutbox] == [1, 1, 1]
    assert [mail.body.count("Hello,") for mail in mailoutbox] == [1, 1, 1]
