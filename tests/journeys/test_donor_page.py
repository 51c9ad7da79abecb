"""The donor's own page in a browser: from the mail to the end, with and without scripts."""

import json
import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crm.donations.communications import communication_for
from crm.donations.farewell import carry_out
from crm.donations.instructions import Instruction
from crm.donations.papers import TaxIdentity
from crm.people.models import Supporter
from crm.privacy.models import ConsentState
from crm.privacy.requests import PrivacyRequest
from tests.crm.donor_page import page_of
from tests.factories import (
    AT,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dora(petition, settings):
    settings.TAX_CERTIFICATES = True
    settings.ORGANISATION_IBAN = "BE68539007547034"
    donor = SupporterFactory(email="dora@example.org", given_name="Dora", language="en")
    plan = PlanFactory(supporter=donor, reference="stripe:sub_dora", amount=1000, next_at=AT)
    ReceiptFactory(gift=GiftFactory(supporter=donor, plan=plan, campaign=petition))
    EntryFactory(gift=GiftFactory(supporter=donor, amount=5000), kind="refund", amount=-1000)
    return donor


@pytest.fixture
def plain(journey, browser):
    """The same site in a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    journey.page = context.new_page()
    yield journey
    context.close()


def open_by_mail(journey):
    """Ask for the link, and follow it from the mail."""
    journey.open("/en/")
    journey.page.get_by_role("link", name="Your gifts and your details").click()
    journey.page.get_by_role("textbox", name="E-mail").fill("Dora@example.org")
    journey.page.get_by_role("button", name="Send me the link").click()
    expect(journey.page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    run_jobs()
    journey.newest_mail()
    link = journey.page.locator("a[href*='/en/me/']").first
    journey.page.goto(link.get_attribute("href"))
    expect(journey.page.get_by_role("heading", name="Thank you, Dora")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barrier_that_axe_knows(journey, dora, browser, now, scheme):
    communication_for(supporter=dora, campaign=None, at=now)
    plan = f"plan/{dora.plans.get().public_id}/"
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    found = {}

    for path in ("", plan, f"{plan}end/", "details/", "correct/", "erase/"):
        page.goto(journey.url + page_of(dora, path))
        found[path] = Axe().run(page)
    page.get_by_role("button", name="Erase me now").click()
    found["errors"] = Axe().run(page)
    for path in ("/en/me/", "/nl/me/asked/", "/fr/me/gone/", "/en/me/erased/"):
        page.goto(journey.url + path)
        found[path] = Axe().run(page)

    context.close()
    assert {path: report.violations_count for path, report in found.items()} == dict.fromkeys(
        found, 0
    ), "\n".join(report.generate_report() for report in found.values())


@pytest.mark.parametrize("path", ["", "plan", "end", "details/", "correct/", "erase/"])
def test_no_page_is_wider_than_a_phone(journey, dora, now, path):
    communication_for(supporter=dora, campaign=None, at=now)
    plan = f"plan/{dora.plans.get().public_id}/"
    journey.page.set_viewport_size({"width": 320, "height": 700})

    journey.open(page_of(dora, {"plan": plan, "end": f"{plan}end/"}.get(path, path)))

    assert journey.page.evaluate("document.documentElement.scrollWidth") == 320


def test_donor_asks_for_less_and_sees_that_it_is_being_done(plain, dora):
    open_by_mail(plain)

    plain.page.get_by_role("link", name="Change, pause or end it").click()
    plain.page.get_by_role("textbox", name="New amount").fill("a little")
    plain.page.get_by_role("button", name="Give this amount from now on").click()
    expect(plain.page.get_by_role("alert")).to_contain_text("Write an amount such as 25")
    plain.page.get_by_role("textbox", name="New amount").fill("5,50")
    plain.page.get_by_role("button", name="Give this amount from now on").click()

    expect(plain.page.get_by_role("status")).to_contain_text("It takes about a minute")
    expect(plain.page.get_by_text("You asked to give €5.50 from now on.")).to_be_visible()
    assert Instruction.objects.get().amount == 550


def test_donor_ends_the_regular_gift_by_keyboard_alone(journey, dora):
    journey.open(page_of(dora, f"plan/{dora.plans.get().public_id}/end/"))
    keyboard = journey.page.keyboard
    focused = "document.activeElement.textContent.trim()"

    while journey.page.evaluate("document.activeElement.name") != "reason":
        keyboard.press("Tab")
    keyboard.press("ArrowDown")
    while journey.page.evaluate(focused) != "End my regular gift now":
        keyboard.press("Tab")
    keyboard.press("Enter")

    expect(journey.page.get_by_text("You asked to end it.")).to_be_visible()
    instruction = Instruction.objects.get()
    assert (instruction.kind, instruction.reason) == ("cancel", "money")


def test_donor_makes_a_pause_instead(plain, dora):
    plain.open(page_of(dora, f"plan/{dora.plans.get().public_id}/end/"))

    plain.page.get_by_text("Make a pause", exact=True).first.click()
    plain.page.get_by_label("2 months").check()
    plain.page.get_by_role("button", name="Make this pause").click()

    expect(plain.page.get_by_text("You asked for a pause.")).to_be_visible()
    assert Instruction.objects.get().kind == "pause"


def test_donor_tells_details_newsletter_and_asks_for_a_communication(plain, dora):
    plain.open(page_of(dora))
    plain.page.get_by_role("button", name="Yes, send it to me").click()
    plain.page.get_by_role("button", name="Show me the account and my communication").click()
    expect(plain.page.get_by_text(re.compile(r"^\+\+\+\d{3}/\d{4}/\d{5}\+\+\+$"))).to_be_visible()
    plain.page.get_by_role("link", name="Your details for the tax certificate").click()
    plain.page.get_by_role("textbox", name="Street").fill("Rue Haute 1")
    plain.page.get_by_role("textbox", name="Town").fill("Bruxelles")
    plain.page.get_by_role("textbox", name="National number").fill("85.07.30-033.28")
    plain.page.get_by_role("button", name="Keep these details").click()

    expect(plain.page.get_by_text("We have your national number too")).to_be_visible()
    assert ConsentState.objects.get().given is True
    assert TaxIdentity.objects.get().street == "Rue Haute 1"


def test_donor_downloads_a_receipt_and_all_data(plain, dora):
    plain.open(page_of(dora))

    with plain.page.expect_download() as receipt:
        plain.page.get_by_role("link", name=re.compile("receipt 2026-")).click()
    plain.page.get_by_role("button", name="Give me my data").click()
    expect(plain.page.get_by_text("In a few minutes a mail brings you the link")).to_be_visible()
    run_jobs()
    plain.newest_mail()
    link = plain.page.locator("a[href*='/en/data/']").first.get_attribute("href")
    plain.page.goto(link)
    with plain.page.expect_download() as data:
        plain.page.get_by_role("button", name="Download the archive").click()

    assert receipt.value.suggested_filename.startswith("2026-")
    with zipfile.ZipFile(data.value.path()) as archive:
        package = json.loads(archive.read("data.json"))
        assert archive.read("data.pdf").startswith(b"%PDF-")
    assert package["data"]["crm.supporter"][0]["email"] == "dora@example.org"


def test_donor_is_erased_once_the_regular_gift_ends_too(plain, dora):
    open_by_mail(plain)
    link = plain.page.url

    plain.page.get_by_role("link", name="Erase me").click()
    plain.page.get_by_label("I want to be erased.").check()
    plain.page.get_by_role("button", name="Erase me now").click()
    expect(plain.page.get_by_role("alert")).to_contain_text("You still give regularly")
    plain.page.get_by_label("End my regular gift too.").check()
    plain.page.get_by_role("button", name="Erase me now").click()

    expect(plain.page.get_by_role("heading", name="We are erasing you")).to_be_visible()
    carry_out(request_id=PrivacyRequest.objects.get().pk, at=AT)
    assert Supporter.objects.get(pk=dora.pk).email == ""
    assert Instruction.objects.get().kind == "cancel"
    plain.page.goto(link)
    expect(plain.page.get_by_role("heading", name="This link no longer works")).to_be_visible()
