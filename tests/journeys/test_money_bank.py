"""The statement of the bank: uploaded, matched by itself, and the rest by keyboard alone."""

from pathlib import Path

import pytest
from django.db.models import Sum
from playwright.sync_api import expect

from crm.donations.communications import Communication
from crm.donations.models import Entry
from payments.statements import BankLine
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENT = Path(__file__).parents[1] / "data/bank/2026-03-10.cod"


@pytest.fixture
def known(settings):
    """Three whom we know: two by the communications on the statement, one by name only."""
    settings.ORGANISATION_IBAN = "BE68539007547034"
    marie = SupporterFactory(given_name="Marie", family_name="Dupont")
    jan = SupporterFactory(given_name="Jan", family_name="Peeters")
    Communication.objects.create(supporter=marie, digits="000000010306")
    Communication.objects.create(supporter=jan, digits="000000010407")
    SupporterFactory(given_name="An", family_name="Van den Berghe")


def upload(journey, *files):
    journey.open("/staff/payments/bankfile/add/")
    journey.page.locator("input[type=file]").set_input_files(list(files))
    journey.page.get_by_role("button", name="Upload").click()
    expect(journey.page.get_by_role("heading", name="What became of the files")).to_be_focused()
    return journey.page.locator(".st-reports")


def expect_line(journey, words):
    """The page is at this line, and the next key goes to it."""
    expect(journey.page.locator("#line")).to_have_text(words)
    expect(journey.page.locator("#line")).to_be_focused()
    journey.page.wait_for_load_state()  # before that, nothing listens to keys


def kept():
    """What is left of the gifts of each, in cents."""
    sums = Entry.objects.values_list("gift__supporter__family_name").annotate(Sum("amount"))
    return dict(sums)


def states():
    return list(BankLine.objects.order_by("pk").values_list("state", flat=True))


def test_statement_is_matched_by_itself_and_the_rest_by_keyboard_alone(journey, fundraiser, known):
    page, keys = journey.page, journey.page.keyboard
    page.set_viewport_size({"width": 1280, "height": 900})
    journey.sign_in(fundraiser)
    broken = STATEMENT.read_bytes().splitlines(keepends=True)
    broken[3] = broken[3].rstrip()[:-1] + b"\r\n"

    report = upload(journey, {"name": "cut.cod", "mimeType": "", "buffer": b"".join(broken)})
    expect(report.get_by_role("alert")).to_contain_text("Line 4: The line has 127 characters")
    assert states() == []

    report = upload(journey, STATEMENT)
    expect(report).to_contain_text("8 lines were added.")
    expect(report).to_contain_text("3 gifts were matched by themselves.")
    expect(report).to_contain_text("4 lines of this file wait for somebody to look at them.")
    assert kept() == {"Dupont": 2500, "Peeters": 10_000}
    page.get_by_role("link", name="Match lines").focus()
    keys.press("Enter")

    expect_line(journey, "€100 LES AMIS DE LINA ASBL")
    keys.press("n")
    expect(page.get_by_label("Kind")).to_be_focused()
    expect(page.get_by_label("Family name, or name")).to_have_value("LES AMIS DE LINA ASBL")
    keys.press("Tab")
    keys.press("Enter")
    expect_line(journey, "€40 VAN DEN BERGHE AN")
    keys.press("1")  # whose account it is, and not whose name
    expect_line(journey, "-€25 CLAES ANNA")
    expect(page.get_by_text("€40 is a gift of Marie Dupont.")).to_be_visible()
    assert kept()["Dupont"] == 6500
    keys.press("u")
    expect_line(journey, "€40 VAN DEN BERGHE AN")
    assert kept()["Dupont"] == 2500
    keys.press("2")
    expect_line(journey, "-€25 CLAES ANNA")
    expect(page.get_by_text("€40 is a gift of An Van den Berghe.")).to_be_visible()
    keys.press("x")
    expect_line(journey, "€900 STRIPE PAYMENTS EUROPE LTD")
    keys.press("x")
    expect(page.get_by_text("No line waits. Whatever came in is matched.")).to_be_visible()

    report = upload(journey, STATEMENT)
    expect(report).to_contain_text("This file was uploaded before")
    expect(report).to_contain_text("Nothing was added.")
    journey.work()
    assert states() == ["gift"] * 5 + ["no_gift"] * 3
    assert kept() == {
        "Dupont": 2500,
        "Peeters": 10_000,
        "LES AMIS DE LINA ASBL": 10_000,
        "Van den Berghe": 4000,
    }
