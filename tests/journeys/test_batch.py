"""A stack of gifts typed in with the keyboard alone, and posted."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.donations.models import Gift
from tests.factories import BatchFactory, SupporterFactory

SAID = "as counted, as counted"


@pytest.mark.django_db(transaction=True)
def test_batch_is_typed_in_and_posted_by_keyboard(journey, fundraiser):
    SupporterFactory(given_name="Paul", family_name="Dupont")
    marie = SupporterFactory(given_name="Marie", family_name="Dupont", postcode="4000")
    batch = BatchFactory(expected_count=2, expected_total=7250)
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_batch_change", args=[batch.pk]))
    page, keys = journey.page, journey.page.keyboard
    name = page.locator(":focus")

    page.get_by_label("Donor we know, row 1").focus()
    keys.type("dupont 4000")
    expect(page.locator("#people [role=option]")).to_have_count(1)
    keys.press("Enter")
    expect(name).to_have_attribute("name", "1-amount")
    keys.type("12,50")
    keys.press("Enter")
    expect(name).to_have_attribute("name", "2-who")
    for word in ("", "Nina", "New", "", "1000"):
        keys.type(word)
        keys.press("Tab")
    keys.type("60")
    keys.press("ArrowUp")
    expect(name).to_have_attribute("name", "1-amount")
    expect(page.locator("[data-row]")).to_have_count(3)
    expect(page.locator("[data-live]")).to_have_text(SAID)
    journey.fits()
    page.get_by_role("button", name="Save and post").focus()
    keys.press("Enter")

    expect(page.get_by_text("Posted. All rows are gifts now.")).to_be_visible()
    told = Gift.objects.order_by("pk").values_list("supporter__given_name", "amount")
    assert list(told) == [("Marie", 1250), ("Nina", 6000)]
    assert Gift.objects.first().supporter == marie
