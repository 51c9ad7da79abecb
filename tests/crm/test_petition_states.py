"""A petition before, while and after people can sign it; its preview; and how links to it look."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.access import Role
from crm.campaigns import editing, operations, tallies
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.picturing import set_picture
from tests.crm.pia import PIA, page
from tests.factories import CampaignFactory, CampaignTextFactory, SignatureFactory
from tests.picture_files import picture_file

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def put_away(campaign):
    editing.archive(campaign=campaign, at=timezone.now(), by=None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"opens_at": timezone.now() + DAY}, "Not open yet"),
        ({"closes_at": timezone.now() - DAY}, "This is closed now"),
        ({"archived_at": timezone.now() - DAY}, "This campaign is over"),
    ],
)
def test_campaign_that_is_shut_says_why_and_takes_nothing(client, petition, state, words):
    Campaign.objects.update(**state)

    html = shown(client, page(petition))
    answer = client.post(page(petition), PIA)

    assert (words in html, "<form" in html) == (True, False)
    assert 'href="/en/"' in html
    assert (answer.status_code, Signature.objects.count()) == (422, 0)


def test_archived_campaign_keeps_its_thanks_and_final_count_and_is_listed_nowhere(
    client, petition, now
):
    operations.confirm(signature=SignatureFactory(campaign=petition), at=now)
    appeal = CampaignFactory(kind=Campaign.Kind.APPEAL)
    for campaign in (petition, appeal):
        put_away(campaign)

    html = shown(client, page(petition))
    home, give = client.get("/en/").context, client.get("/en/give/").context

    assert "We go on." in html
    assert re.search(r'data-count="(\d+)"', html)[1] == "1"
    assert (home["petition"], home["others"]) == (None, [])
    assert list(give["form"].campaigns) == []


def test_restored_campaign_takes_signatures_again(client, petition):
    put_away(petition)
    petition.refresh_from_db()
    editing.restore(campaign=petition, at=timezone.now(), by=None)

    answer = client.post(page(petition), PIA)

    assert (answer.status_code, Signature.objects.count()) == (302, 1)


@pytest.mark.parametrize(
    ("count", "rises", "words", "goal"),
    [
        (1, True, "Our goal:", "100"),
        (96, True, "Our next goal:", "150"),
        (96, False, "Our goal:", "100"),
    ],
)
def test_counter_shows_the_goal_that_holds_now(client, petition, now, count, rises, words, goal):
    Campaign.objects.update(goal_rises=rises)
    row = tallies.delta_of(SignatureFactory(campaign=petition), "confirm", at=now)
    row.number = count
    row.save()

    html = shown(client, page(petition))
    told = client.get(f"{page(petition)}count/").json()

    assert f"{words} <span data-goal>{goal}</span>" in html
    assert f'<progress max="{goal}" value="{count}"' in html
    assert (told["goal"], told["goal_text"]) == (int(goal), goal)


def meta(html, name):
    return re.findall(rf'<meta (?:property|name)="{name}" content="([^"]*)">', html)


def test_link_to_a_petition_looks_right_elsewhere(client, petition, settings):
    settings.SITE_URL = "https://sign.example"
    CampaignTextFactory(campaign=petition, language="nl", title="Stop", picture_alt="Handen")
    picture = set_picture(campaign=petition, content=picture_file(), at=timezone.now(), by=None)

    html = shown(client, f"{page(petition, 'nl')}?utm_source=facebook")

    address = f"https://sign.example/nl/petition/{petition.slug}/"
    path = f"/petition/{petition.slug}/picture/{picture.key}.jpg"
    assert f'<link rel="canonical" href="{address}">' in html
    assert {name: meta(html, name) for name in ("og:url", "og:title", "og:image")} == {
        "og:url": [address],
        "og:title": ["Stop"],
        "og:image": [f"https://sign.example{path}"],
    }
    assert (meta(html, "og:locale"), meta(html, "og:locale:alternate")) == (["nl_BE"], ["en_GB"])
    assert (meta(html, "og:image:width"), meta(html, "og:image:height")) == (["400"], ["300"])
    assert (meta(html, "og:image:alt"), meta(html, "twitter:card")) == (
        ["Handen"],
        ["summary_large_image"],
    )
    assert f'src="{path}" width="400" height="300" alt="Handen"' in html


def test_link_to_a_petition_without_picture_has_none(client, petition):
    html = shown(client, page(petition))

    assert (meta(html, "og:image"), meta(html, "twitter:card")) == ([], ["summary"])
    assert "<img" not in html


def test_home_shows_the_pictures_of_what_is_open(client, petition):
    appeal = CampaignFactory(kind=Campaign.Kind.APPEAL)
    for campaign in (petition, appeal):
        CampaignTextFactory(campaign=campaign, language="fr", picture_alt="Des mains")
        set_picture(campaign=campaign, content=picture_file(), at=timezone.now(), by=None)

    pictures = re.findall(r'<img class="([\w-]+)".*? alt="([^"]*)"', shown(client, "/fr/"))

    assert pictures == [("picture", "Des mains"), ("tile-picture", "")]


def preview_of(campaign, language="en"):
    return f"/{language}/petition/{campaign.slug}/preview/"


@pytest.mark.parametrize("is_public", [True, False])
def test_preview_is_there_for_nobody_but_those_who_make_campaigns(
    client, petition, signed_in, is_public
):
    Campaign.objects.update(is_public=is_public)
    stranger = client.get(preview_of(petition)).status_code
    answers = []
    for role in (Role.READER, Role.FUNDRAISER, Role.CAMPAIGNER, Role.ADMINISTRATOR):
        signed_in(role)
        answers.append(client.get(preview_of(petition)).status_code)

    assert (stranger, answers) == (404, [404, 404, 200, 200])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "This page is public and looks like this."),
        ({"is_public": False}, "This page is not public yet: only signed-in staff see it."),
        ({"opens_at": timezone.now() + DAY}, "Here it looks as it will then."),
        ({"archived_at": timezone.now()}, "This campaign is in the archive."),
    ],
)
def test_preview_shows_the_page_as_it_will_be_but_nothing_can_be_sent(
    client, petition, signed_in, state, words
):
    Campaign.objects.update(**state)
    signed_in(Role.CAMPAIGNER)

    answer = client.get(preview_of(petition))

    html = answer.content.decode()
    assert (words in html, "Stop child trafficking" in html) == (True, True)
    assert ("<form" in html, ".js" in html, "noindex" in html) == (False, False, True)
    assert answer["Cache-Control"].split(", ")[-2:] == ["must-revalidate", "private"]
    assert client.post(preview_of(petition), PIA).status_code == 405


def test_preview_is_in_the_language_that_visitors_would_see(client, petition, signed_in):
    signed_in(Role.CAMPAIGNER)
    CampaignTextFactory(campaign=petition, language="fr", title="Stop")

    found = {code: client.get(preview_of(petition, code)).context for code in ("fr", "nl", "en")}

    texts = {code: context["text"].language for code, context in found.items()}
    assert texts == {"fr": "fr", "nl": "fr", "en": "en"}
