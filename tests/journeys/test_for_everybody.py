"""Public pages for everybody: by keyboard, without JavaScript, with a screen reader."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crm.campaigns import tallies
from crm.campaigns.letters import CONFIRM
from crm.campaigns.models import Signature
from crm.donations.models import Gift
from crm.lib import tokens

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["/en/", "/fr/petition/stop-trafficking/", "/nl/give/", "/accounts/login/"]


@pytest.fixture
def plain(journey, browser):
    """The same site in a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    journey.page = context.new_page()
    yield journey
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_barrier_that_axe_knows(journey, browser, path, scheme):
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(journey.url + path)

    found = Axe().run(page)

    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_petition_is_signed_by_keyboard_alone(journey):
    journey.open(f"/en/petition/{journey.petition.slug}/")
    keyboard = journey.page.keyboard
    journey.page.get_by_role("textbox", name="Given name").focus()

    for text in ("Pia", "Peeters", "pia@example.org", "2000"):
        keyboard.type(text)
        keyboard.press("Tab")
    while journey.page.evaluate("document.activeElement.type") != "submit":
        keyboard.press("Tab")
    keyboard.press("Enter")

    expect(journey.page).to_have_url(re.compile("/signed/"))
    assert Signature.objects.get().supporter.postcode == "2000"


def test_petition_is_signed_and_confirmed_without_javascript(plain):
    plain.sign(email="pia@example.org")
    expect(plain.page).to_have_url(re.compile("/signed/"))
    token = tokens.make(CONFIRM, str(Signature.objects.get().public_id))
    plain.open(f"/en/confirm/{token}/")

    plain.page.get_by_role("button", name="Yes, I sign").click()

    expect(plain.page.get_by_role("heading", name="Thank you for signing")).to_be_visible()
    assert tallies.count(plain.petition) == 1


def test_gift_is_given_without_javascript(plain):
    plain.give(amount="25", email="dora@example.org")

    plain.pay("card")
    plain.work()

    expect(plain.page.get_by_role("heading", name="Thank you, Dora")).to_be_visible()
    assert Gift.objects.get().status == Gift.Status.PAID
