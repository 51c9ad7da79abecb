"""Belgian ways to give, from a phone in French: by transfer, and every year by Bancontact."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from crm.donations.communications import Communication
from crm.donations.models import Gift, Plan
from crm.mailing.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(journey, browser, settings):
    """The same site on a phone that speaks French."""
    settings.ORGANISATION_IBAN = "BE68539007547034"
    context = browser.new_context(
        locale="fr-BE", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    journey.page = context.new_page()
    yield journey
    context.close()


def in_french(words):
    with translation.override("fr"):
        return gettext(words)


def test_form_shows_account_communication_and_code_for_a_transfer(phone):
    phone.open(f"/fr/give/?campaign={phone.petition.slug}")
    transfer = phone.page.locator("#transfer")

    expect(transfer.get_by_label("IBAN", exact=True)).to_have_value("BE68 5390 0754 7034")
    communication = Communication.objects.get(campaign=phone.petition, supporter=None)
    expect(transfer.locator("#transfer-communication")).to_have_value(str(communication))
    for field in transfer.locator("input").all():
        assert field.evaluate("field => field.scrollWidth <= field.clientWidth"), "cut off"
    code = transfer.get_by_role("img", name=str(communication))
    expect(code).to_be_visible()
    box = code.bounding_box()
    assert 120 <= box["width"] == box["height"] <= 390
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390


def test_yearly_gift_is_given_by_bancontact(phone):
    page = phone.page
    phone.open(f"/fr/give/?campaign={phone.petition.slug}")
    page.locator("input[name=frequency][value=yearly]").check()
    page.locator("input[name=other_amount]").fill("60,50")
    answers = {"Given name": "Dora", "Family name": "Donor", "E-mail": "dora@example.org"}
    for name, text in answers.items():
        page.get_by_role("textbox", name=in_french(name)).fill(text)
    page.get_by_role("button", name=in_french("Continue to the payment")).tap()

    expect(page).to_have_url(re.compile(re.escape(phone.sandbox.url)))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("input[name=outcome][value=bancontact]").check()
    page.get_by_role("button", name="Payer").tap()
    page.get_by_role("button", name="Autoriser").tap()
    page.wait_for_url(f"{phone.url}/fr/give/thanks/**")
    phone.work()
    page.reload()

    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dora")
    expect(page.locator(".lede")).to_contain_text(re.compile(r"60,50\s€"))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    plan, gift = Plan.objects.get(), Gift.objects.get()
    assert (plan.status, plan.interval, plan.amount) == ("active", "year", 6050)
    assert (gift.status, gift.method, gift.plan) == ("paid", "bancontact", plan)
    assert list(Mail.objects.values_list("template", "language")) == [("gift_thanks", "fr")]
