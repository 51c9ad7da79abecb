"""The defence of the donation form in a real browser: unseen by donors, and in nobody's way."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.mailing import alarms
from payments.defence import Attempt
from payments.models import Checkout

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def complaints(journey):
    """What the browser complained about."""
    heard = []
    journey.page.on("console", lambda message: heard.append(message.text))
    journey.page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def plain(journey, browser):
    """The same site in a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    journey.page = context.new_page()
    yield journey
    context.close()


def ring():
    alarms.ring(kind="card_testing", key="form", at=timezone.now())


def test_donor_gives_with_a_proof_of_which_they_see_nothing(journey, complaints):
    journey.give(amount="25", email="dora@example.org")

    assert Attempt.objects.get().proof != ""
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_proof_begins_with_the_first_touch_and_not_before(journey):
    asked = []
    journey.page.on("request", lambda request: asked.append(request.url))
    journey.open("/en/give/")
    assert [url for url in asked if "challenge" in url] == []

    journey.page.get_by_role("textbox", name="Given name").focus()

    expect(journey.page.locator("[name=proof]")).not_to_have_value("")
    assert len([url for url in asked if "challenge" in url]) == 1


def test_form_that_is_sent_too_early_waits_and_says_so(journey):
    journey.open("/en/give/")
    held = []

    def hold(route):
        held.append(route)

    journey.page.route("**/challenge/", hold)
    journey.fill_person("dora@example.org", "Dora", "Donor")

    for _ in range(2):
        journey.page.get_by_role("textbox", name="E-mail").press("Enter")
        expect(journey.page.locator("#proof-status")).to_contain_text("One moment, please")
    assert not Checkout.objects.exists()
    held[0].continue_()

    expect(journey.page).to_have_url(re.compile(re.escape(journey.sandbox.url)))
    assert Attempt.objects.get().proof != ""


def test_form_goes_out_without_a_proof_where_none_can_be_had(journey):
    journey.page.route("**/challenge/", lambda route: route.abort())

    journey.give(amount="25", email="dora@example.org")

    assert Attempt.objects.get().proof == ""


def test_donor_who_goes_back_and_changes_the_amount_gives_again(journey):
    journey.give(amount="25", email="dora@example.org")

    journey.page.go_back()
    journey.page.get_by_label(re.compile("Another amount")).fill("30")
    journey.page.get_by_role("button", name="Continue to the payment").click()

    expect(journey.page).to_have_url(re.compile(re.escape(journey.sandbox.url)))
    assert len(set(Attempt.objects.exclude(proof="").values_list("proof", flat=True))) == 2


def test_attack_that_begins_while_a_donor_fills_the_form_in_costs_one_more_click(journey, settings):
    settings.ATTACK_PROOF_WORK = 60_000
    journey.open("/en/give/")
    journey.fill_person("dora@example.org", "Dora", "Donor")
    expect(journey.page.locator("[name=proof]")).not_to_have_value("")
    ring()

    journey.page.get_by_role("button", name="Continue to the payment").click()
    expect(journey.page.get_by_role("alert")).to_contain_text("send the form once more")
    journey.page.get_by_role("button", name="Continue to the payment").click()

    expect(journey.page).to_have_url(re.compile(re.escape(journey.sandbox.url)))


def test_browser_without_scripts_gives_otherwise_during_an_attack(plain, settings):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    ring()
    plain.open("/en/give/")
    plain.fill_person("dora@example.org", "Dora", "Donor")

    plain.page.get_by_role("button", name="Continue to the payment").click()

    expect(plain.page.get_by_role("alert")).to_contain_text("without JavaScript")
    expect(plain.page.get_by_role("textbox", name="Given name")).to_have_value("Dora")
    plain.page.get_by_role("link", name="By bank transfer").first.click()
    expect(plain.page.get_by_label("IBAN")).to_have_value("BE68 5390 0754 7034")


def test_too_many_forms_are_told_until_when_to_wait(journey, settings):
    settings.DONATIONS_PER_BROWSER = 1
    journey.give(amount="25", email="dora@example.org")

    journey.open("/en/give/")
    journey.fill_person("dora@example.org", "Dora", "Donor")
    journey.page.get_by_role("button", name="Continue to the payment").click()

    alert = journey.page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(r"takes a break for you until \d\d:\d\d"))
    expect(alert).to_be_focused()
    expect(journey.page.get_by_role("textbox", name="Given name")).to_have_value("Dora")


def test_amounts_follow_the_currency(journey, settings):
    settings.DONATION_CURRENCIES = ["EUR", "JPY"]
    journey.open("/en/give/")
    journey.page.get_by_label("€50").check()

    journey.page.get_by_label("Currency").select_option("JPY")

    expect(journey.page.get_by_label("¥5,000")).to_be_checked()
    journey.fill_person("dora@example.org", "Dora", "Donor")
    journey.page.get_by_role("button", name="Continue to the payment").click()
    expect(journey.page).to_have_url(re.compile(re.escape(journey.sandbox.url)))
    checkout = Checkout.objects.get()
    assert (checkout.amount, checkout.currency) == (5000, "JPY")
