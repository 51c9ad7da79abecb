"""oEmbed: what other sites are told of a petition of which they have the address."""

import re

import pytest
from django.test import Client

from crm.campaigns.models import Campaign
from tests.factories import CampaignFactory, CampaignTextFactory, WordingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition():
    campaign = CampaignFactory(slug="stop", goal=100)
    for language in ("fr", "nl", "en"):
        CampaignTextFactory(campaign=campaign, language=language, title=f"Stop ({language})")
        WordingFactory(language=language)
    return campaign


@pytest.fixture
def client():
    """A browser without cookies of ours, whatever Django's own tests would forgive."""
    return Client(enforce_csrf_checks=True)


def asked(client, url="http://testserver/nl/petition/stop/", **query):
    return client.get("/oembed", {"url": url} | query)


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = "http://testserver"


def test_oembed_shows_the_petition_in_the_language_of_its_address(client, petition):
    answer = asked(client, format="json")

    told = answer.json()
    html = told.pop("html")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert told == {
        "version": "1.0",
        "type": "rich",
        "title": "Stop (nl)",
        "provider_name": "ECPAT Belgique",
        "provider_url": "https://www.ecpat.be",
        "cache_age": 300,
        "width": 600,
        "height": 900,
    }
    assert html == (
        '<iframe src="http://testserver/nl/embed/stop/?utm_source=partner&amp;utm_medium=embed"'
        ' width="600" height="900" title="Stop (nl)" frameborder="0"></iframe>'
    )


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ({"maxwidth": "320", "maxheight": "400"}, (320, 400)),
        ({"maxwidth": "5000"}, (600, 900)),
        ({"maxwidth": "0", "maxheight": "wide"}, (600, 900)),
        ({"maxwidth": "9" * 5000, "maxheight": "-1"}, (600, 900)),
    ],
)
def test_oembed_keeps_within_what_was_asked_for(client, petition, query, size):
    told = asked(client, **query).json()

    assert (told["width"], told["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in told["html"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://testserver/",
        "http://testserver/nl/",
        "http://testserver/nl/petition/other/",
        "http://testserver/petition/stop/",
        "http://testserver/xx/petition/stop/",
        "http://testserver/nl/petition/stop/count/",
        "http://elsewhere.example/nl/petition/stop/",
        "http://testserver@elsewhere.example/nl/petition/stop/",
        "http://[testserver/nl/petition/stop/",
        "/nl/petition/stop/",
    ],
)
def test_oembed_knows_pages_of_petitions_only(client, petition, url):
    assert asked(client, url).status_code == 404


def test_oembed_does_not_show_what_other_sites_may_not(client, petition):
    Campaign.objects.update(is_embeddable=False)

    assert asked(client).status_code == 404


def test_oembed_writes_no_xml_and_takes_it_for_no_error_of_ours(client, petition, caplog):
    assert asked(client, format="xml").status_code == 501
    assert caplog.messages == []


def test_oembed_escapes_what_stands_in_a_title(client, petition):
    petition.texts.update(title='"><script>alert(1)</script>')

    assert "<script>" not in asked(client).json()["html"]


def test_page_of_a_petition_tells_where_its_oembed_answer_is(client, petition):
    page = client.get("/nl/petition/stop/").content.decode()

    link = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    answer = client.get(link[1].replace("&amp;", "&"))
    assert answer.json()["title"] == "Stop (nl)"


def test_page_of_a_petition_that_no_site_may_show_tells_none(client, petition):
    Campaign.objects.update(is_embeddable=False)

    assert "oembed" not in client.get("/nl/petition/stop/").content.decode()
