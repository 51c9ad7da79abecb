"""The dashboard as people use it, in Chromium, under our policy for scripts and styles."""

import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crm.campaigns.operations import confirm
from tests.dashboard.history import make_gifts
from tests.factories import CampaignFactory, CampaignTextFactory, SignatureFactory

BARS = "#signatures-over-time-graph .trace.bars .point"


@pytest.fixture
def figures(transactional_db):
    """Three signatures in 2025 of one campaign, one of another; some gifts."""
    campaigns = CampaignFactory.create_batch(2)
    for campaign, title in zip(campaigns, ("Stop it", "Something else"), strict=True):
        CampaignTextFactory(campaign=campaign, title=title)
    for campaign, day in [(0, 1), (0, 1), (0, 2), (1, 2)]:
        signature = SignatureFactory(campaign=campaigns[campaign])
        confirm(signature=signature, at=datetime(2025, 3, day, 12, tzinfo=UTC))
    make_gifts(None, 9)
    return campaigns


@pytest.fixture
def complaints():
    """What the browser writes on its console."""
    return []


@pytest.fixture
def page(browser, live_server, client, staff, figures, complaints):
    """A fundraiser's page. What the browser complains of (a blocked style) fails the test."""
    client.force_login(staff("fundraiser"))
    context = browser.new_context(
        locale="en", base_url=live_server.url, viewport={"width": 1280, "height": 900}
    )
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([{**cookie, "url": live_server.url}])
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def headline(page, text):
    expect(page.locator("#signatures-headline")).to_have_text(text)


def query_is(page, query):
    expect(page).to_have_url(re.compile(rf"/dashboard/\?{re.escape(query)}$"))


def test_filters_stand_in_the_address_and_come_back(page, figures):
    one = figures[0].pk
    page.goto(f"/dashboard/?campaign={one}&from=2025-03-01&to=2025-03-02")
    headline(page, "3 signatures from 1 Mar 2025 to 2 Mar 2025")
    expect(page.locator(BARS)).to_have_count(2)
    expect(page.get_by_label("Campaign", exact=True)).to_have_value(str(one))

    page.get_by_label("Campaign", exact=True).select_option(label="All campaigns")
    headline(page, "4 signatures from 1 Mar 2025 to 2 Mar 2025")
    query_is(page, "period=between&from=2025-03-01&to=2025-03-02")
    page.get_by_label("From", exact=True).fill("2025-03-02")
    headline(page, "2 signatures from 2 Mar 2025 to 2 Mar 2025")
    expect(page.locator(BARS)).to_have_count(1)

    page.reload()
    headline(page, "2 signatures from 2 Mar 2025 to 2 Mar 2025")
    page.go_back()
    headline(page, "4 signatures from 1 Mar 2025 to 2 Mar 2025")
    expect(page.get_by_label("From", exact=True)).to_have_value("2025-03-01")
    page.go_back()
    headline(page, "3 signatures from 1 Mar 2025 to 2 Mar 2025")
    expect(page.get_by_label("Campaign", exact=True)).to_have_value(str(one))
    page.go_forward()
    headline(page, "4 signatures from 1 Mar 2025 to 2 Mar 2025")


def test_tables_and_files_follow_the_filters_and_so_does_the_other_page(page):
    page.goto("/dashboard/?period=all")
    expect(page.locator("#signatures-by-source-sentence")).to_have_text("First: Direct, with 100%.")

    page.get_by_label("Period", exact=True).select_option("between")
    page.get_by_label("From", exact=True).fill("2025-03-01")
    page.get_by_label("To", exact=True).fill("2025-03-01")
    headline(page, "2 signatures from 1 Mar 2025 to 1 Mar 2025")
    panel = page.locator("section", has=page.get_by_role("heading", name="New signatures"))
    panel.get_by_text("Figures in a table").click()
    expect(panel.get_by_role("row")).to_have_text(["DaySignaturesNote", "1 Mar 20252"])
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download as CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["Day,Signatures,Note", "2025-03-01,2,"]

    page.get_by_role("link", name="Donations").click()
    expect(page.get_by_label("From", exact=True)).to_have_value("2025-03-01")
    expect(page.locator("#gross-and-net-sentence")).to_have_text("No gifts in this period.")
    page.get_by_label("Period", exact=True).select_option("all")
    expect(page.locator("#gross-and-net-graph .trace.bars")).to_have_count(2)


def test_empty_chart_is_drawn_when_there_are_figures_again(page):
    page.goto("/dashboard/?from=2024-03-01&to=2024-03-02")
    expect(page.locator("#signatures-over-time-sentence")).to_have_text(
        "No signatures in this period."
    )
    expect(page.locator("#signatures-over-time-frame")).to_be_hidden()

    page.get_by_label("Period", exact=True).select_option("all")

    expect(page.locator(BARS).first).to_be_visible()
    chart = page.locator("#signatures-over-time-graph .main-svg").first.bounding_box()
    frame = page.locator("#signatures-over-time-frame").bounding_box()
    assert chart["width"] == pytest.approx(frame["width"], abs=2)


@pytest.mark.parametrize(
    ("address", "chart"),
    [("/dashboard/", "signatures-over-time"), ("/dashboard/donations/", "gross-and-net")],
)
def test_charts_are_drawn_without_the_small_bundle(page, settings, address, chart):
    settings.STATICFILES_DIRS = []

    page.goto(f"{address}?period=all")

    expect(page.locator(f"#{chart}-graph .trace.bars").first).to_be_visible()


def test_language_changes_without_losing_the_filters(page):
    page.goto("/dashboard/?from=2025-03-01&to=2025-03-02")
    headline(page, "4 signatures from 1 Mar 2025 to 2 Mar 2025")

    page.get_by_role("button", name="NL").click()

    expect(page.locator("html")).to_have_attribute("lang", "nl")
    query_is(page, "from=2025-03-01&to=2025-03-02")


def test_end_of_the_session_is_told_in_the_page(page, complaints):
    page.goto("/dashboard/")
    expect(page.locator("#signatures-headline")).not_to_be_empty()

    page.context.clear_cookies()
    page.get_by_label("Period", exact=True).select_option("30d")

    expect(page.get_by_role("alert").first).to_have_text(
        "Your session has ended or your rights have changed: load the page again."
    )
    assert any("403" in complaint for complaint in complaints)
    page.close()  # Dash complains of the refusal too, sooner or later
    complaints.clear()


@pytest.mark.parametrize("address", ["/dashboard/?period=all", "/dashboard/donations/?period=all"])
def test_page_fits_a_phone_and_is_accessible(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    for table in page.get_by_text("Figures in a table").all():
        table.click()

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    found = Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == []
