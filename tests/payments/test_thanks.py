"""The page donors come back to, which tells the truth."""

import pytest

from crm.donations.models import Gift
from payments.models import Checkout
from tests.factories import CampaignFactory, CampaignTextFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def outcome(donor, session):
    answer = donor.client.get(f"/en/give/thanks/?session={session}")
    assert answer.status_code == 200
    return answer.context["outcome"]


@pytest.mark.parametrize("is_heard", [True, False])
@pytest.mark.parametrize(
    ("way", "truth"), [("card", "paid"), ("sepa_debit", "processing"), ("card_declined", "open")]
)
def test_page_tells_the_truth_before_and_after_the_webhook(donor, way, truth, is_heard):
    session = donor.give(way)
    if is_heard:
        donor.hear()

    assert outcome(donor, session) == truth


@pytest.mark.parametrize("is_heard", [True, False])
def test_page_of_an_expired_payment_offers_to_try_again(donor, is_heard):
    campaign = CampaignFactory()
    session = donor.choose(campaign=campaign.slug, other_amount="12,50", frequency="monthly")
    donor.stripe.advance(25 * 3600)
    if is_heard:
        donor.hear()

    answer = donor.client.get(f"/en/give/thanks/?session={session}")

    assert answer.context["outcome"] == "unpaid"
    again = donor.client.get(answer.context["again"])
    assert again.context["form"].initial == {
        "campaign": campaign.slug,
        "frequency": "monthly",
        "amount": "other",
        "other_amount": "12.50",
    }


def test_debit_that_came_back_is_told(donor):
    session = donor.give("sepa_debit_fails")
    donor.hear()
    donor.stripe.settle(donor.payment())
    donor.hear()

    assert outcome(donor, session) == "unpaid"


def test_page_brings_the_gift_in_without_waiting_for_the_webhook(donor, mailoutbox):
    session = donor.give()
    for _ in range(3):
        outcome(donor, session)

    assert run_jobs().count("payments.follow_session") == 1
    donor.hear()

    assert Gift.objects.get().status == "paid"
    assert Checkout.objects.get().state == "paid"
    assert len(mailoutbox) == 1


def test_page_shows_given_name_and_amount_and_nothing_else_of_the_donor(donor):
    campaign = CampaignFactory()
    CampaignTextFactory(campaign=campaign, thanks="You stand beside children.")
    session = donor.give(campaign=campaign.slug)

    page = donor.client.get(f"/en/give/thanks/?session={session}").content.decode()

    assert "Thank you, Dora" in page
    assert "€25" in page
    assert "You stand beside children." in page
    assert "Donor" not in page.replace("donor", "")
    assert "dora@example.org" not in page


def test_page_says_so_when_stripe_does_not_answer(donor):
    session = donor.give()
    donor.stripe.faults(
        {"method": "GET", "path": "/v1/checkout/sessions", "status": 500, "times": 3}
    )

    answer = donor.client.get(f"/en/give/thanks/?session={session}")

    assert answer.context["outcome"] == "unknown"
    assert 'http-equiv="refresh"' in answer.content.decode()


@pytest.mark.parametrize(
    "session", ["", "cs_test_nobody", "%00", "cs_%00", "../..", "cs_" + "a" * 500]
)
def test_unknown_session_is_not_found(donor, session):
    assert donor.client.get(f"/en/give/thanks/?session={session}").status_code == 404
