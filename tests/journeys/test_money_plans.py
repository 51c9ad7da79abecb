"""A monthly gift through its life: changed by its donor, and mended when a card fails."""

import re

import pytest
from playwright.sync_api import expect

from crm.donations.models import Gift, Plan
from crm.mailing.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400


def give_monthly(journey, outcome):
    journey.give(amount="10", email="dora@example.org", frequency="Every month")
    journey.pay(outcome)
    journey.work()


def follow_link(journey, path):
    """Follow the link to a path that the newest mail has."""
    journey.newest_mail()
    journey.page.goto(journey.page.locator(f"a[href*='{path}']").first.get_attribute("href"))


def open_own_page(journey):
    journey.open("/en/me/")
    journey.page.get_by_role("textbox", name="E-mail").fill("dora@example.org")
    journey.page.get_by_role("button", name="Send me the link").click()
    expect(journey.page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    journey.work()
    follow_link(journey, "/en/me/")
    expect(journey.page.get_by_role("heading", name="Thank you, Dora")).to_be_visible()


def expect_asked(journey, words):
    """What was asked is said to be under way, until the worker has done it."""
    expect(journey.page.get_by_role("status")).to_contain_text("It takes about a minute")
    expect(journey.page.get_by_text(words)).to_be_visible()
    journey.work()
    journey.page.get_by_role("link", name="Back to your page").click()
    expect(journey.page.get_by_text(words)).to_have_count(0)


def change(journey):
    journey.page.get_by_role("link", name="Change, pause or end it").click()


def subscription(journey):
    """The plan as Stripe has it."""
    (found,) = journey.sandbox.client().v1.subscriptions.list({"status": "all"}).data
    return found


def test_donor_lowers_pauses_takes_up_and_ends_a_monthly_gift(journey):
    give_monthly(journey, "card")
    open_own_page(journey)
    page, state = journey.page, journey.page.locator(".plan")
    expect(state).to_contain_text(re.compile(r"€10 every month\s+· Next payment on"))

    change(journey)
    page.get_by_role("textbox", name="New amount").fill("6")
    page.get_by_role("button", name="Give this amount from now on").click()
    expect_asked(journey, "You asked to give €6 from now on.")
    expect(state).to_contain_text(re.compile(r"€6 every month\s+· Next payment on"))
    assert subscription(journey)["items"].data[0].price.unit_amount == 600

    change(journey)
    page.get_by_label("2 months").check()
    page.get_by_role("button", name="Make this pause").click()
    expect_asked(journey, "You asked for a pause.")
    expect(state).to_contain_text("Paused: it goes on on")
    assert subscription(journey).pause_collection.behavior == "void"

    page.get_by_role("link", name="Change or end it").click()
    page.get_by_role("button", name="Go on giving").click()
    expect_asked(journey, "You asked to let it go on.")
    expect(state).to_contain_text("Next payment on")
    assert subscription(journey).pause_collection is None

    change(journey)
    page.get_by_role("link", name="End my regular gift").click()
    page.get_by_label("I cannot afford it at the moment").check()
    page.get_by_role("button", name="End my regular gift now").click()
    expect_asked(journey, "You asked to end it.")
    expect(state).to_contain_text("Ended on")
    expect(state.get_by_role("link")).to_have_count(0)
    assert (subscription(journey).status, Plan.objects.get().status) == ("canceled", "ended")
    expect(page.locator(".gifts").get_by_text("€10")).to_be_visible()


def test_failed_renewal_is_mended_from_its_mail_with_another_card(journey):
    give_monthly(journey, "card_renewal_fails")
    journey.sandbox.renew(subscription(journey).id)
    journey.work()
    page, failures = journey.page, Mail.objects.filter(template="payment_failed")
    assert (Plan.objects.get().status, failures.count()) == ("past_due", 1)

    follow_link(journey, "/give/card/")
    expect(page.get_by_role("heading", name="Another card or account")).to_be_visible()
    expect(page.get_by_text("You give €10 every month.")).to_be_visible()
    page.get_by_role("button", name="Choose another card or account").click()
    expect(page).to_have_url(re.compile(re.escape(journey.sandbox.url)))
    page.get_by_label("Card: declined at once").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This was not saved")
    page.get_by_label("Card: accepted", exact=True).check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("you have nothing more to do")
    journey.work()
    journey.sandbox.advance(3 * DAY + 60)
    journey.work()
    assert Plan.objects.get().status == "active"
    assert list(Gift.objects.values_list("status", "amount")) == [("paid", 1000)] * 2
    assert failures.count() == 1
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
