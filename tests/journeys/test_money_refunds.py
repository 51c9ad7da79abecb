"""Staff give a part of a gift back, and the donor's receipt follows."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.donations.models import Entry, Gift
from crm.donations.papers import Receipt

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gift(journey, fundraiser):
    """25 euros by card, with the person who looks after gifts in front of the page."""
    journey.give(amount="25", email="dora@example.org")
    journey.pay("card")
    journey.work()
    journey.page.set_viewport_size({"width": 1280, "height": 900})
    journey.sign_in(fundraiser)
    return Gift.objects.get()


def open_refund(journey, gift):
    journey.open(reverse("admin:crm_gift_change", args=[gift.pk]))
    journey.page.get_by_role("link", name="Refund", exact=True).click()


def ask_for(journey, amount):
    journey.page.get_by_label("Amount (EUR)").fill(amount)
    journey.page.get_by_role("button", name="Continue").click()


def given_back():
    return list(Entry.objects.filter(kind="refund").values_list("amount", flat=True))


def test_part_of_a_gift_goes_back_the_receipt_is_replaced_and_no_more_than_is_left_goes(
    journey, gift
):
    page, error = journey.page, journey.page.locator("#id_amount_error")
    asked, first = page.locator("#instructions"), Receipt.objects.get()
    open_refund(journey, gift)
    ask_for(journey, "25,01")
    expect(error).to_have_text("At most €25 can go back.")

    ask_for(journey, "10")
    question = page.get_by_text("Give €10 back to Dora Donor? Stripe is asked at once.")
    expect(question).to_be_visible()
    journey.work()
    assert given_back() == []
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("Stripe is asked to give the money back.")).to_be_visible()
    expect(asked).to_contain_text("waiting")
    journey.work()
    page.reload()
    expect(asked).to_contain_text("done")
    assert given_back() == [-1000]

    second = Receipt.objects.valid().get()
    receipts = page.get_by_role("listitem")
    expect(receipts.filter(has=page.get_by_role("link", name=str(first)))).to_contain_text("void")
    expect(receipts.filter(has=page.get_by_role("link", name=str(second)))).to_contain_text("PDF")
    open_refund(journey, gift)
    ask_for(journey, "15,01")
    expect(error).to_have_text("At most €15 can go back.")
    journey.work()
    assert given_back() == [-1000]

    journey.newest_mail()
    told = f"Receipt {second} of €15 replaces receipt {first}, which is no longer valid."
    expect(page.get_by_text(f"Your corrected receipt {second}").first).to_be_visible()
    expect(page.get_by_text(told).first).to_be_visible()
    expect(page.get_by_text(f"{second}.pdf")).to_be_visible()
