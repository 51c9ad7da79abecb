"""The frame on other sites, its script and oEmbed: who may frame what, and with how little."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from crm.campaigns.models import Campaign, Signature
from crm.mailing.models import Mail
from tests.factories import CampaignFactory, CampaignTextFactory, WordingFactory

pytestmark = pytest.mark.django_db
PIA = {
    "given_name": "Pia",
    "family_name": "Peeters",
    "email": "pia@example.org",
    "postcode": "2000",
    "country": "BE",
    "utm_source": "partner",
    "utm_medium": "embed",
    "ref": "www.partner.example",
}


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


def may_be_framed(answer):
    policy = answer.headers.get("Content-Security-Policy", "")
    ancestors = re.search(r"frame-ancestors ([^;]*)", policy)
    return (ancestors and ancestors[1], answer.headers.get("X-Frame-Options"))


@pytest.mark.parametrize("path", ["/nl/embed/stop/", "/nl/embed/stop/signed/", "/fr/embed/none/"])
def test_frame_stands_on_any_site(client, petition, path):
    answer = client.get(path)

    assert may_be_framed(answer) == ("*", None)


@pytest.mark.parametrize(
    "path",
    [
        "/en/",
        "/en/petition/stop/",
        "/en/petition/stop/signed/",
        "/en/petition/stop/thanks/",
        "/en/petition/none/",
        "/en/confirm/x/",
        "/en/give/",
        "/en/newsletter/",
        "/accounts/login/",
        "/impact.json",
        "/embed.js",
        "/oembed?url=x",
    ],
)
def test_no_other_page_stands_in_a_frame(client, petition, path):
    answer = client.get(path)

    assert may_be_framed(answer) == ("'none'", "DENY")


def test_frame_sets_and_reads_no_cookie(client, petition):
    pages = [
        client.get("/en/embed/stop/"),
        client.post("/en/embed/stop/", PIA | {"email": "wrong"}),
        client.post("/en/embed/stop/", PIA),
        client.get("/en/embed/stop/signed/"),
        client.get("/embed.js"),
        client.get("/en/petition/stop/count/"),
    ]

    assert [page.status_code for page in pages] == [200, 422, 302, 200, 200, 200]
    assert [dict(page.cookies) for page in pages] == [{}] * 6
    assert [
        page.headers.get("Vary", "") for page in pages if "Cookie" in page.get("Vary", "")
    ] == []


def test_signing_in_the_frame_is_signing_by_way_of_that_site(client, petition):
    answer = client.post("/nl/embed/stop/", PIA)

    signature = Signature.objects.select_related("source").get()
    assert answer.url.partition("?")[0] == "/nl/embed/stop/signed/"
    assert "ref=www.partner.example" in answer.url
    assert (signature.status, signature.language) == ("pending", "nl")
    assert (signature.source.channel, signature.source.utm_medium) == ("partner", "embed")
    assert signature.source.referrer_host == "www.partner.example"
    assert Mail.objects.get().template == "confirm_signature"


def test_thanks_in_the_frame_stay_in_the_frame_and_its_other_links_leave_it(client, petition):
    page = client.get("/en/embed/stop/signed/?utm_source=partner&ref=www.partner.example")

    links = re.findall(r'<a href="([^"]+)" target="([^"]+)"', page.content.decode())
    trail = "?utm_source=partner&amp;ref=www.partner.example"
    assert links == [
        (f"/en/embed/stop/{trail}", "_self"),
        (f"/en/petition/stop/{trail}", "_top"),
    ]


def test_errors_are_shown_in_the_frame(client, petition):
    page = client.post("/en/embed/stop/", PIA | {"email": "wrong"})

    words = page.content.decode()
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"email"}
    assert 'action="/en/embed/stop/"' in words
    assert 'name="ref" value="www.partner.example"' in words
    assert Signature.objects.count() == 0


def test_robot_gets_the_same_answer_in_the_frame_and_signs_nothing(client, petition):
    answer = client.post("/en/embed/stop/", PIA | {"topic": "x"})

    assert answer.url.partition("?")[0] == "/en/embed/stop/signed/"
    assert Signature.objects.count() == 0


@pytest.mark.parametrize(("told", "kept"), [("dark", "dark"), ("light", "light"), ("x", "")])
def test_look_that_a_page_chose_is_kept_through_all_pages(client, petition, told, kept):
    form = client.get(f"/en/embed/stop/?theme={told}")
    action = re.search(r'action="([^"]+)"', form.content.decode())[1]
    wrong = client.post(action, PIA | {"email": "wrong"})
    signed = client.post(action, PIA, follow=True)
    again = client.get(signed.context["again_url"])

    pages = [form, wrong, signed, again]
    looks = [re.findall('data-theme="(.*)"', page.content.decode()) for page in pages]
    assert looks == [[kept] if kept else []] * 4


def test_looks_to_choose_have_the_colours_of_our_other_pages():
    """The same names with the same values, which stand twice."""
    public, frame = (
        Path(finders.find(f"public/{name}.css")).read_text() for name in ("public", "frame")
    )
    first, second = re.findall(r":root \{(.*?)\}", public, re.DOTALL)[:2]

    for block, theme in ((first, "light"), (second, "dark")):
        chosen = re.search(rf'data-theme="{theme}"\] \{{(.*?)\}}', frame, re.DOTALL)[1]
        colours = [dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]+)", part)) for part in (block, chosen)]
        assert colours[0] == colours[1]


@pytest.mark.parametrize(
    "fields",
    [
        {"is_embeddable": False},
        {"is_public": False},
        {"archived_at": timezone.now()},
        {"kind": Campaign.Kind.APPEAL},
    ],
)
def test_frame_says_that_there_is_nothing_to_sign(client, petition, fields):
    Campaign.objects.update(**fields)

    pages = [client.get("/en/embed/stop/"), client.post("/en/embed/stop/", PIA)]

    assert [page.status_code for page in pages] == [404, 404]
    assert "There is nothing to sign here any more" in pages[0].content.decode()
    assert Signature.objects.count() == 0


def test_frame_of_a_closed_petition_shows_the_count_and_no_form(client, petition):
    Campaign.objects.update(closes_at=timezone.now())

    page = client.get("/en/embed/stop/")

    words = page.content.decode()
    assert page.status_code == 200
    assert ("This is closed now" in words, "<form" in words) == (True, False)
    assert "counter-number" in words


def test_script_is_the_file_and_is_kept_by_caches(client):
    answer = client.get("/embed.js")

    assert answer.content == Path(finders.find("public/embed.js")).read_bytes()
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_frame_with_all_that_it_loads_is_below_thirty_kilobytes(client, petition):
    zipped = {"Accept-Encoding": "gzip"}
    page = client.get("/fr/embed/stop/", headers=zipped)
    words = gzip.decompress(page.content).decode()
    files = re.findall(r'(?:src|href|data-worker)="/static/([^"]+)"', words)

    sizes = {
        "page": len(page.content),
        "embed.js": len(client.get("/embed.js", headers=zipped).content),
        **{name: len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in files},
    }

    assert page.headers["Content-Encoding"] == "gzip"
    assert {"public/public.css", "public/frame.css", "public/frame.js"} <= sizes.keys()
    assert sum(sizes.values()) < 30_000, sizes
