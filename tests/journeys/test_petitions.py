"""From signing to a friend's signature and a gift: in each language, by keyboard, as plain HTML."""

import re

import pytest
from playwright.sync_api import expect

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.donations.models import Gift
from tests.crm.spreading import steps
from tests.journeys.conftest import LANGUAGES
from tests.journeys.signing import (
    FRIEND,
    OWN,
    PIA,
    confirm,
    fill,
    link_of_newest_mail,
    send,
    tab_to,
)

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def walk(journey, browser):
    """Begin in a browser of one's own, as Pia and her friend each do."""
    opened = []

    def begin(**how):
        context = browser.new_context(viewport=PHONE, locale="en-GB", **how)
        opened.append(context)
        return context.new_page()

    yield begin
    for context in opened:
        context.close()


def see(page, address):
    """Open a petition; the page tells that it was seen."""
    with page.expect_response("**/seen/"):
        page.goto(address)


def signature_of(person):
    return Signature.objects.select_related("source").get(supporter__email=person["email"])


def taken(campaign):
    """The steps of a petition by source, on whichever day: {(step, source): number}."""
    found = steps("view", "submit", "repeat", "confirm", "consent", "share", "bring", "give")
    assert {row[0] for row in found} == {campaign.pk}
    return {(step, source): number for _campaign, step, _day, source, number in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_signer_shares_a_friend_signs_and_the_signer_sees_it_and_gives(journey, walk, language):
    page = journey.page
    see(page, f"{journey.url}/{language}/petition/{journey.petition.slug}/?utm_source=facebook")
    fill(page, PIA)
    page.locator("#sign [name=newsletter]").check()
    send(page)
    confirm(journey)
    thanks, link = page.url, page.locator("#share-address").input_value()
    with page.expect_response("**/shared/"):
        page.locator("[data-copy=share-address]").click()
    own_page = link_of_newest_mail(journey, OWN)
    assert own_page.startswith(f"{journey.url}/{language}/")

    journey.page = walk()
    see(journey.page, link)
    fill(journey.page, FRIEND)
    send(journey.page)
    confirm(journey)

    page.goto(own_page)
    expect(page.locator(".brought")).to_be_visible()
    page.goto(thanks)
    page.locator("button[name=amount][value='25.00']").click()
    expect(page.locator("[name=amount]:checked")).to_have_value("2500")
    for name, value in PIA.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("form.card button[type=submit]").click()
    expect(page).to_have_url(re.compile(re.escape(journey.sandbox.url)))
    page.locator("input[name=outcome][value=card]").check()
    page.locator(".actions button").first.click()
    expect(page).to_have_url(re.compile(f"/{language}/give/"))
    journey.work()

    pia, friend, gift = signature_of(PIA), signature_of(FRIEND), Gift.objects.get()
    assert (friend.referrer, friend.generation, friend.language) == (pia, 1, language)
    assert (friend.source.utm_source, friend.source.utm_medium) == ("share", "copy")
    assert (gift.supporter, gift.status, gift.amount) == (pia.supporter, "paid", 2500)
    assert (gift.campaign, gift.source) == (journey.petition, pia.source)
    assert tallies.count(journey.petition) == 2
    both = {
        (step, each.source_id): 1
        for step in ("view", "submit", "confirm")
        for each in (pia, friend)
    }
    hers = {(step, pia.source_id): 1 for step in ("consent", "share", "bring", "give")}
    assert taken(journey.petition) == both | hers


def test_petition_is_signed_confirmed_and_withdrawn_by_keyboard_alone(journey):
    page, keyboard = journey.page, journey.page.keyboard
    journey.open(f"/en/petition/{journey.petition.slug}/")
    for name, text in {**PIA, "postcode": "2000"}.items():
        tab_to(page, f"#sign [name={name}]")
        keyboard.type(text)
    tab_to(page, "#sign form button")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/signed/"))

    page.goto(link_of_newest_mail(journey, "/confirm/"))
    tab_to(page, "main form button")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/thanks/"))
    assert tallies.count(journey.petition) == 1
    tab_to(page, "[data-copy]")
    with page.expect_response("**/shared/"):
        keyboard.press("Enter")
    page.goto(link_of_newest_mail(journey, OWN))
    tab_to(page, "a[href$='/withdraw/']")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/withdraw/"))
    tab_to(page, "main form button")
    keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("no longer counted")
    assert (signature_of(PIA).ended, tallies.count(journey.petition)) == ("signer", 0)


def test_all_of_it_works_without_javascript(journey, walk):
    page = journey.page = walk(java_script_enabled=False)
    journey.open(f"/nl/petition/{journey.petition.slug}/?utm_source=facebook")
    fill(page, PIA)
    assert dead_buttons(page) == []
    send(page)
    confirm(journey)
    assert dead_buttons(page) == []
    thanks, link = page.url, page.locator("#share-address").input_value()
    own_page = link_of_newest_mail(journey, OWN)

    page.goto(link)
    fill(page, FRIEND)
    send(page)
    confirm(journey)
    page.goto(own_page)
    expect(page.locator(".brought")).to_be_visible()
    assert dead_buttons(page) == []
    page.goto(thanks)
    page.locator("#give-monthly").check()
    page.locator("button[name=amount][value='25.00']").click()
    expect(page.locator("[name=frequency]:checked")).to_have_value("monthly")
    assert "utm_source=facebook" in page.url
    page.goto(own_page)
    page.locator("a[href$='/withdraw/']").click()
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("status")).to_be_visible()

    pia, friend = signature_of(PIA), signature_of(FRIEND)
    assert (pia.status, friend.status, friend.referrer) == ("withdrawn", "confirmed", pia)
    assert tallies.count(journey.petition) == 1


def dead_buttons(page):
    """Buttons in sight that send no form, and so do nothing where no script runs."""
    sends = "main form button[type=submit]"
    return [
        button.inner_text()
        for button in page.locator("main button:visible").all()
        if not button.evaluate("(button, sends) => button.matches(sends)", sends)
    ]
