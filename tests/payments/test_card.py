"""The page that leads the donor of a regular gift to Stripe's, to enter another card."""

import pytest
from django.core import signing

from crm.donations.models import Gift, Plan
from crm.lib import tokens
from payments import orders
from tests.factories import PlanFactory

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def plan(donor):
    """10 euros every month by a card that refuses from the second time on."""
    donor.give("card_renewal_fails", frequency="monthly", amount="1000")
    donor.hear()
    return Plan.objects.get()


def path_of(plan, purpose="plan"):
    return f"/en/give/card/{tokens.make(purpose, str(plan.public_id))}/"


def stripe_id(plan):
    return plan.reference.removeprefix("stripe:")


def test_looking_changes_nothing_and_a_click_leads_to_stripe_and_back(donor, plan):
    address = path_of(plan)
    page = donor.client.get(address)
    assert (page.status_code, page.context["state"]) == (200, "start")
    assert "You give €10 every month." in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]

    answer = donor.client.post(address)
    assert answer.status_code == 303
    end = donor.stripe.enter_method(answer["Location"], "card")

    assert end == f"http://testserver{address}?done=1"
    done = donor.client.get(end)
    assert done.context["state"] == "done"
    assert "Your regular gift of €10 will be paid in the way you have just chosen." in (
        done.content.decode()
    )


def test_card_entered_there_pays_what_comes_next(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.hear()
    page = donor.client.post(path_of(plan))["Location"]
    donor.stripe.enter_method(page, "card")
    donor.hear()

    donor.stripe.advance(4 * DAY)
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, plan.method) == ("active", "card")
    assert list(Gift.objects.order_by("pk").values_list("status", flat=True)) == ["paid", "paid"]


def test_account_entered_there_becomes_how_the_plan_is_paid(donor, plan):
    donor.stripe.enter_method(donor.client.post(path_of(plan))["Location"], "sepa_debit")

    donor.hear()

    plan.refresh_from_db()
    assert plan.method == "sepa_debit"


def test_card_chosen_for_the_plan_itself_later_is_not_undone(donor, plan):
    donor.stripe.enter_method(donor.client.post(path_of(plan))["Location"], "sepa_debit")
    donor.hear()
    donor.stripe.advance(60)
    donor.stripe.change_payment_method(stripe_id(plan), "card")

    customer = donor.stripe.client().v1.subscriptions.retrieve(stripe_id(plan)).customer
    orders.adopt_method(customer)
    donor.hear()

    plan.refresh_from_db()
    assert plan.method == "card"


@pytest.mark.parametrize("spoil", [lambda token: token + "x", lambda _token: "nothing"])
def test_link_that_was_changed_is_gone(donor, plan, spoil):
    token = spoil(tokens.make("plan", str(plan.public_id)))

    for ask in (donor.client.get, donor.client.post):
        answer = ask(f"/en/give/card/{token}/")

        assert (answer.status_code, answer.context["state"]) == (410, "old")


def test_link_for_another_purpose_is_gone(donor, plan):
    assert donor.client.get(path_of(plan, purpose="donor")).status_code == 410


def test_link_works_for_thirty_days(donor, plan, monkeypatch):
    address = path_of(plan)
    now = signing.time.time()

    monkeypatch.setattr(signing.time, "time", lambda: now + 30 * DAY - 60)
    assert donor.client.get(address).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + 30 * DAY + 60)

    assert donor.client.get(address).status_code == 410


def test_plan_that_no_provider_holds_has_no_card(client):
    assert client.get(path_of(PlanFactory())).status_code == 410


@pytest.mark.parametrize("method", ["get", "post"])
def test_plan_that_has_ended_says_so(donor, plan, method):
    donor.stripe.client().v1.subscriptions.cancel(stripe_id(plan))
    donor.hear()

    answer = getattr(donor.client, method)(path_of(plan))

    assert (answer.status_code, answer.context["state"]) == (200, "ended")


def test_stripe_out_of_reach_is_told_and_the_button_stays(donor, plan):
    donor.stripe.faults({"path": "/v1/billing_portal", "status": 500, "times": 3})

    answer = donor.client.post(path_of(plan))

    assert (answer.status_code, answer.context["state"]) == (503, "unavailable")
    assert "Choose another card or account" in answer.content.decode()


def test_form_may_lead_to_stripes_portal(donor, plan):
    policy = donor.client.get(path_of(plan))["Content-Security-Policy"]

    [directive] = [part for part in policy.split(";") if part.strip().startswith("form-action")]
    assert "https://billing.stripe.com" in directive.split()


def test_page_needs_a_token_of_its_form(donor, plan):
    donor.client.handler.enforce_csrf_checks = True

    assert donor.client.post(path_of(plan)).status_code == 403
