"""The petition on a page of a foreign origin: signed there, without a cookie of ours."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crm.campaigns import embedding, tallies
from crm.campaigns.models import Signature
from tests.journeys.partner_site import HOST, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere(journey, browser):
    """The journey in a browser that keeps all cookies of third parties away."""
    journey.page.context.close()
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    journey.page = context.new_page()
    chrome = context.new_cdp_session(journey.page)
    chrome.send("Network.enable")
    chrome.send(
        "Network.setCookieControls",
        {
            "enableThirdPartyCookieRestriction": True,
            "disableThirdPartyCookieMetadata": False,
            "disableThirdPartyCookieHeuristics": False,
        },
    )
    yield journey
    context.close()


def script(journey, language="", **data):
    code = embedding.script(journey.petition, "en")
    told = "".join(f' data-{name}="{value}"' for name, value in data.items())
    return code.replace(
        ' data-language="en"', f' data-language="{language}"' if language else ""
    ).replace(" async", f"{told} async")


def fill(frame, email="pia@example.org"):
    frame.get_by_role("textbox", name="Given name").fill("Pia")
    frame.get_by_role("textbox", name="Family name").fill("Peeters")
    frame.get_by_role("textbox", name="E-mail").fill(email)
    frame.get_by_role("textbox", name="Postcode").fill("2000")


def height(page):
    return page.locator("iframe").bounding_box()["height"]


def is_whole(page):
    """Whether nothing of the frame's page is out of sight."""
    inner = page.frames[1]
    return inner.evaluate("document.documentElement.scrollHeight <= window.innerHeight + 1")


def test_petition_is_signed_on_another_site_and_its_counter_goes_up(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere)) as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="Stop child trafficking")).to_be_visible()
        expect(page.locator("iframe")).to_have_attribute("title", re.compile("^Stop child"))
        expect(frame.locator("[data-count]")).to_have_text("0")

        fill(frame)
        frame.get_by_role("button", name="Sign").click()
        expect(frame.get_by_role("heading", name="One more step")).to_be_visible()
        elsewhere.work()
        other = page.context.new_page()
        signer, elsewhere.page = elsewhere.page, other
        elsewhere.newest_mail()
        link = other.locator("a[href*='/confirm/']").first.get_attribute("href")
        other.goto(link)
        other.get_by_role("button", name="Yes, I sign").click()
        expect(other.get_by_role("heading", name="Thank you for signing")).to_be_visible()
        other.close()
        signer.bring_to_front()

        expect(frame.locator("[data-count]")).to_have_text("1", timeout=20_000)
        signature = Signature.objects.select_related("source").get()
        assert tallies.count(elsewhere.petition) == 1
        assert (signature.source.channel, signature.source.referrer_host) == (
            "partner",
            HOST,
        )
        assert signature.source.utm_medium == "embed"


def test_nothing_is_kept_in_the_visitors_browser(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere)) as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        fill(frame)
        frame.get_by_role("button", name="Sign").click()
        expect(frame.get_by_role("heading", name="One more step")).to_be_visible()

        assert page.context.cookies() == []
        can_keep = """() => { try { return Boolean(localStorage) } catch { return false } }"""
        assert page.frames[1].evaluate(can_keep) is False  # the browser lets the frame keep nothing


def test_frame_is_always_as_high_as_its_page_and_shows_what_is_wrong(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere), before=600) as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Sign")).to_be_visible()
        page.wait_for_function("document.querySelector('iframe').style.height.endsWith('px')")
        before = height(page)
        assert is_whole(page)

        fill(frame, email="wrong")
        frame.get_by_role("button", name="Sign").click()

        expect(frame.locator(".error-summary")).to_be_focused()
        expect(frame.locator(".error-summary")).to_be_in_viewport()
        page.wait_for_function(f"document.querySelector('iframe').offsetHeight > {before}")
        assert is_whole(page)
        before = height(page)
        frame.locator("details.more summary").click()
        page.wait_for_function(f"document.querySelector('iframe').offsetHeight > {before}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_frame_speaks_the_language_of_the_page_or_the_one_it_is_told(elsewhere):
    cases = [("nl", "en"), ("", "nl-BE"), ("", "de"), ("", ""), ("en", "fr")]
    spoken = []
    for told, of_page in cases:
        with serving(code=script(elsewhere, language=told), language=of_page) as address:
            elsewhere.page.goto(address)
            html = elsewhere.page.frame_locator("iframe").locator("html")
            spoken.append(html.get_attribute("lang"))

    assert spoken == ["nl", "nl", "fr", "fr", "en"]


def test_frame_stands_where_the_page_wants_it(elsewhere):
    code = '<div id="here"></div>' + script(elsewhere, target="#here") + "<p>After.</p>"
    with serving(code=code) as address:
        elsewhere.page.goto(address)

        expect(elsewhere.page.locator("#here > iframe")).to_be_visible()


def test_frame_keeps_to_the_look_that_the_page_chose(elsewhere):
    colour = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for scheme, visitors in (("light", "dark"), ("dark", "light")):
        elsewhere.page.emulate_media(color_scheme=visitors)
        with serving(code=script(elsewhere, theme=scheme)) as address:
            elsewhere.page.goto(address)
            expect(elsewhere.page.frame_locator("iframe").locator("h1")).to_be_visible()
            seen[scheme] = elsewhere.page.frames[1].evaluate(colour)

    assert seen == {"light": "rgb(255, 253, 250)", "dark": "rgb(36, 33, 32)"}


def test_links_leave_the_frame_with_the_trail(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere)) as address:
        page.goto(address)
        page.frame_locator("iframe").get_by_role("link", name="Read more").click()

        expect(page).to_have_url(re.compile(r"/en/petition/stop-trafficking/\?.*utm_medium=embed"))
        expect(page).to_have_url(re.compile(f"ref={HOST}"))


def test_plain_frame_is_signed_without_any_script(journey, browser):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    code = embedding.iframe(journey.petition, "en", width="100%", height=900)
    with serving(code=code) as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        fill(frame)
        frame.get_by_role("button", name="Sign").click()

        expect(frame.get_by_role("heading", name="One more step")).to_be_visible()
    context.close()
    assert Signature.objects.get().source.channel == "partner"


def test_page_hears_nobody_but_our_frame(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere)) as address:
        page.goto(address)
        page.wait_for_function("document.querySelector('iframe').style.height.endsWith('px')")
        before = height(page)

        page.evaluate("postMessage({ soutien: 'page', height: 5000, title: 'No' }, '*')")
        page.wait_for_timeout(200)

        assert height(page) == before
        assert page.locator("iframe").get_attribute("title") != "No"


def test_petition_is_signed_by_keyboard_alone(elsewhere):
    page = elsewhere.page
    with serving(code=script(elsewhere)) as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Sign")).to_be_visible()
        page.keyboard.press("Tab")
        while not page.frames[1].evaluate("document.activeElement.name === 'given_name'"):
            page.keyboard.press("Tab")

        for text in ("Pia", "Peeters", "pia@example.org", "2000"):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        while page.frames[1].evaluate("document.activeElement.type") != "submit":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(frame.get_by_role("heading", name="One more step")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_frame_has_no_barrier_that_axe_knows(journey, browser, scheme):
    paths = [
        "/en/embed/stop-trafficking/",
        "/nl/embed/stop-trafficking/signed/",
        "/fr/embed/none/",
    ]
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    found = {}

    for path in paths:
        page.goto(journey.url + path)
        found[path] = Axe().run(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path

    context.close()
    assert [report.violations_count for report in found.values()] == [0] * 3, "\n".join(
        report.generate_report() for report in found.values()
    )
