"""The main job, as people do it: sign, give, and see it on the dashboard."""

import re

import pytest
from playwright.sync_api import expect

from crm.campaigns import tallies
from crm.donations.models import Entry, Gift, Plan
from crm.people.models import Supporter

pytestmark = pytest.mark.django_db(transaction=True)


def test_supporter_signs_and_confirms(journey):
    journey.sign(email="pia@example.org")
    expect(journey.page.locator("h1")).to_be_visible()
    assert tallies.count(journey.petition) == 0

    journey.work()
    journey.newest_mail()
    link = journey.page.locator("a[href*='/en/confirm/']").first
    journey.page.goto(link.get_attribute("href"))
    assert tallies.count(journey.petition) == 0
    journey.page.get_by_role("button", name="Yes, I sign").click()

    expect(journey.page.get_by_role("heading", name="Thank you for signing")).to_be_visible()
    expect(journey.page.get_by_role("link", name="WhatsApp")).to_be_visible()
    assert tallies.count(journey.petition) == 1


def test_form_that_was_filled_wrongly_keeps_what_was_right(journey):
    journey.sign(email="not an address")

    expect(journey.page.get_by_role("textbox", name="E-mail")).to_have_attribute(
        "aria-invalid", "true"
    )
    expect(journey.page.get_by_role("textbox", name="Given name")).to_have_value("Pia")
    assert not Supporter.objects.exists()


def test_donor_gives_once_by_card_and_gets_a_receipt(journey):
    journey.give(amount="25", email="dora@example.org")

    journey.pay("card")
    journey.work()
    journey.page.reload()

    expect(journey.page.get_by_role("heading", name="Thank you, Dora")).to_be_visible()
    gift = Gift.objects.get()
    assert (gift.status, gift.amount, gift.campaign) == ("paid", 2500, journey.petition)
    journey.newest_mail()
    expect(journey.page.get_by_text(re.compile(r"\d{4}-000001\.pdf"))).to_be_visible()


def test_donor_gives_monthly(journey):
    journey.give(amount="10", email="dora@example.org", frequency="Every month")

    journey.pay("card")
    journey.work()
    journey.page.reload()

    expect(journey.page.get_by_text("first monthly gift of €10")).to_be_visible()
    assert Plan.objects.get().status == Plan.Status.ACTIVE
    assert Gift.objects.get().plan == Plan.objects.get()


def test_declined_card_charges_nothing_and_another_try_is_paid(journey):
    journey.give(amount="12,50", email="dora@example.org")

    journey.pay("card_declined")
    expect(journey.page.get_by_role("alert")).to_contain_text("declined")
    journey.work()
    assert not Entry.objects.exists()
    journey.pay("card")
    journey.work()

    assert Gift.objects.get().amount == 1250


def test_direct_debit_is_thanked_for_only_when_it_is_paid(journey):
    journey.give(amount="40", email="dora@example.org")

    journey.pay("sepa_debit")
    journey.work()
    journey.page.reload()
    expect(journey.page.get_by_text("your gift is on its way")).to_be_visible()
    assert Gift.objects.get().status == Gift.Status.PROCESSING
    journey.sandbox.advance(10 * 24 * 3600)
    journey.work()

    assert Gift.objects.get().status == Gift.Status.PAID
    journey.page.reload()
    expect(journey.page.get_by_role("heading", name="Thank you, Dora")).to_be_visible()


def test_staff_see_all_of_it_on_the_profile_and_the_dashboard(journey, fundraiser):
    for amount, outcome, frequency in [
        ("25", "card", "Once"),
        ("10", "card", "Every month"),
        ("77", "card_declined", "Once"),
        ("40", "sepa_debit", "Once"),
    ]:
        journey.give(amount=amount, email="dora@example.org", frequency=frequency)
        journey.pay(outcome)
        journey.work()
    journey.page.set_viewport_size({"width": 1280, "height": 900})
    journey.sign_in(fundraiser)

    journey.open("/staff/crm/supporter/?q=dora")
    journey.page.get_by_role("link", name=re.compile("Dora")).first.click()

    timeline = journey.page.locator("body")
    for amount in ("€25", "€10", "€77", "€40"):
        expect(timeline.get_by_text(amount).first).to_be_visible()
    journey.open("/dashboard/donations/")
    expect(journey.page.get_by_text("€35").first).to_be_visible()
    journey.sandbox.advance(10 * 24 * 3600)
    journey.work()
    journey.page.reload()
    expect(journey.page.get_by_text("€75").first).to_be_visible()
