"""A webhook that never came is made good when staff compare our books with Stripe's."""

import pytest
from django.db.models import Sum
from playwright.sync_api import expect

from crm.donations.models import Entry, Gift
from crm.mailing.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)


def test_comparing_finds_the_gift_of_a_lost_webhook(journey, fundraiser):
    journey.sandbox.lose_webhooks(every=1)
    journey.give(amount="25", email="dora@example.org")
    # The donor's phone goes off at the bank, so that the way back tells us nothing either.
    journey.sandbox.pay(journey.page.url, "card")
    journey.work()
    assert not Gift.objects.exists()
    page = journey.page
    page.set_viewport_size({"width": 1280, "height": 900})
    journey.sign_in(fundraiser)

    journey.open("/staff/payments/reconciliation/")
    expect(page.locator(".st-verdict")).to_contain_text("Never compared")
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_role("status")).to_contain_text("waits for a worker or is running")
    expect(page.get_by_role("button", name="Compare now")).to_be_disabled()
    journey.work()
    page.get_by_role("link", name="Look again").click()

    expect(page.locator(".st-verdict")).to_contain_text("To the cent")
    expect(page.get_by_text("Our books and Stripe's agree.")).to_be_visible()
    expect(page.locator("[aria-labelledby=runs]")).to_contain_text("0 differences")
    (line,) = journey.sandbox.lines()
    assert Entry.objects.aggregate(net=Sum("amount"))["net"] == line["net"] < 2500
    assert Mail.objects.filter(template="gift_thanks").count() == 1
    journey.open("/staff/crm/gift/")
    expect(page.get_by_text("€25").first).to_be_visible()
