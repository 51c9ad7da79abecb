"""A segment built with the keyboard, the number following; and without our script."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.people.segments import Segment
from tests.crm.segments import all_of, is_
from tests.factories import GiftFactory, SupporterFactory


@pytest.fixture
def givers(transactional_db):
    for name, language, amount in [("Ada", "fr", 10000), ("Bob", "nl", 10000), ("Cleo", "fr", 500)]:
        GiftFactory(supporter__given_name=name, supporter__language=language, amount=amount)
    SupporterFactory()


@pytest.mark.django_db(transaction=True)
def test_segment_is_built_by_keyboard_and_counted_as_it_grows(journey, fundraiser, givers):
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_segment_add"))
    page, keys = journey.page, journey.page.keyboard
    focused, number = page.locator(":focus"), page.locator("#count .st-figure")

    page.locator("#c-new").focus()
    keys.type("gave")
    keys.press("Enter")
    expect(focused).to_have_attribute("name", "c-0:least")
    keys.type("50")
    expect(number).to_have_text("2")
    page.locator("#c-new").focus()
    page.locator("#c-new").select_option("language")
    keys.press("Enter")
    expect(focused).to_have_attribute("name", "c-1:languages")
    keys.press("Space")
    expect(number).to_have_text("1")
    expect(page.locator("#count .st-words")).to_have_text(
        "gave at least €50 in all; and reads French"
    )
    journey.fits()
    page.get_by_role("button", name=re.compile("Remove condition 2")).focus()
    keys.press("Enter")
    expect(number).to_have_text("2")
    expect(focused).to_have_attribute("name", "c:new")
    page.get_by_label("Name").fill("Givers")
    keys.press("Enter")

    expect(page.get_by_role("heading", name="Givers")).to_be_visible()
    expect(page.locator(".st-lines tbody tr")).to_have_count(2)
    made = Segment.objects.get()
    assert made.conditions == all_of(is_("gave", least=5000, currency="EUR"))


@pytest.mark.django_db(transaction=True)
def test_segment_is_built_without_our_script(journey, fundraiser, givers):
    journey.page.route("**/segment*.js", lambda route: route.abort())
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_segment_add"))
    page = journey.page

    page.locator("#c-new").select_option("language")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("This is missing.")).to_be_visible()
    page.get_by_label("Dutch").check()
    page.get_by_label("Name").fill("Dutch readers")
    page.get_by_role("button", name="Save").last.click()

    expect(page.locator(".st-lines tbody tr")).to_have_count(1)
    assert Segment.objects.get().conditions == all_of(is_("language", languages=["nl"]))
