"""Regular gifts: what Stripe says of them, whoever changed it, and that there is only one."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from crm.donations.models import Gift, Plan
from crm.mailing.alarms import Alarm
from crm.people.models import Change
from payments import handlers, jobs, orders
from payments.models import Checkout
from tests.factories import PlanFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.payments.donor import Donor
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def plan(donor):
    """Dora gives 10 euros every month by card, and Stripe has said so."""
    donor.give(frequency="monthly", amount="1000")
    donor.hear()
    return Plan.objects.get()


def subscriptions(donor):
    return donor.stripe.client().v1.subscriptions


def stripe_id(plan):
    return plan.reference.removeprefix("stripe:")


def moment(seconds):
    return datetime.fromtimestamp(seconds, tz=UTC)


def test_yearly_gift_is_a_yearly_plan_that_renews_after_a_year(donor):
    session = donor.give(frequency="yearly", amount="5000")
    donor.hear()
    plan = Plan.objects.get()
    assert (plan.interval, plan.amount, plan.status, plan.method) == (
        "year",
        5000,
        "active",
        "card",
    )
    assert timedelta(days=364) < plan.next_at - plan.started_at < timedelta(days=367)
    page = donor.client.get(f"/en/give/thanks/?session={session}").content.decode()
    assert "Your first yearly gift of €50 has arrived." in page

    donor.stripe.advance(340 * DAY)
    donor.hear()
    assert Gift.objects.count() == 1
    donor.stripe.advance(27 * DAY)
    donor.hear()

    assert (
        list(Gift.objects.values_list("status", "amount", "plan")) == [("paid", 5000, plan.pk)] * 2
    )


@pytest.mark.parametrize("frequency", ["once", "monthly", "yearly"])
def test_page_of_stripe_says_how_often(donor, frequency):
    session = donor.choose(frequency=frequency)

    page = donor.stripe.get(f"/c/pay/{session}").text

    titles = {"once": "Gift to", "monthly": "Monthly gift to", "yearly": "Yearly gift to"}
    assert [title for title in titles.values() if f">{title}" in page or f" {title}" in page][
        :1
    ] == [titles[frequency]]


@pytest.mark.parametrize("way", ["bancontact", "ideal"])
def test_plan_begun_at_a_bank_goes_on_by_direct_debit(donor, way):
    donor.give(way, frequency="monthly")
    donor.hear()
    plan = Plan.objects.get()
    assert (Gift.objects.get().method, plan.method) == (way, "sepa_debit")

    donor.stripe.renew(stripe_id(plan))
    donor.stripe.settle(donor.payment())
    donor.hear()

    assert list(Gift.objects.order_by("pk").values_list("method", "status")) == [
        (way, "paid"),
        ("sepa_debit", "paid"),
    ]


def test_plan_paused_at_stripe_is_paused_until_it_goes_on(donor, plan):
    until = int(donor.stripe.now()) + 90 * DAY
    pause = {"behavior": "void", "resumes_at": until}
    subscriptions(donor).update(stripe_id(plan), {"pause_collection": pause})
    donor.hear()
    plan.refresh_from_db()
    assert (plan.status, plan.resumes_at) == ("paused", moment(until))

    donor.stripe.renew(stripe_id(plan))
    donor.hear()
    plan.refresh_from_db()
    assert (plan.status, Gift.objects.count()) == ("paused", 1)
    subscriptions(donor).update(stripe_id(plan), {"pause_collection": ""})
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, plan.resumes_at) == ("active", None)


def test_plan_that_will_end_says_when_and_awaits_nothing(donor, plan):
    subscriptions(donor).update(stripe_id(plan), {"cancel_at_period_end": True})
    donor.hear()
    plan.refresh_from_db()
    assert (plan.status, plan.next_at, plan.ended_at) == ("active", None, None)
    assert plan.cancels_at is not None

    subscriptions(donor).update(stripe_id(plan), {"cancel_at_period_end": False})
    donor.hear()

    plan.refresh_from_db()
    assert (plan.cancels_at, plan.next_at is None) == (None, False)


def test_plan_ended_by_its_donor_in_the_portal_ends_here(donor, plan):
    customer = subscriptions(donor).retrieve(stripe_id(plan)).customer
    portal = donor.stripe.client().v1.billing_portal.sessions.create({"customer": customer})

    donor.stripe.stop_in_portal(portal.url, stripe_id(plan))
    donor.hear()
    plan.refresh_from_db()
    assert (plan.status, plan.next_at, plan.cancels_at is None) == ("active", None, False)
    donor.stripe.advance(32 * DAY)
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, Gift.objects.count()) == ("ended", 1)


def test_amount_changed_at_stripe_is_followed_and_collected(donor, plan):
    item = subscriptions(donor).retrieve(stripe_id(plan))["items"].data[0]
    price = {
        "currency": "eur",
        "product": item.price.product,
        "recurring": {"interval": "month"},
        "unit_amount": 1500,
    }
    changes = {"items": [{"id": item.id, "price_data": price}], "proration_behavior": "none"}
    subscriptions(donor).update(stripe_id(plan), changes)
    donor.hear()
    plan.refresh_from_db()
    assert plan.amount == 1500

    donor.stripe.renew(stripe_id(plan))
    donor.hear()

    assert sorted(Gift.objects.values_list("amount", flat=True)) == [1000, 1500]


def test_end_heard_before_the_last_failure_ends_the_plan_with_its_gifts(donor):
    donor.give("card_renewal_fails", frequency="monthly")
    donor.hear()
    plan = Plan.objects.get()
    donor.stripe.renew(stripe_id(plan))
    donor.stripe.advance(20 * DAY)

    donor.hear("customer.subscription.deleted")
    donor.hear("invoice.payment_failed")
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, plan.next_at) == ("ended", None)
    assert list(plan.gifts.order_by("pk").values_list("status", flat=True)) == ["paid", "failed"]


def test_change_heard_before_the_beginning_is_what_counts(donor):
    donor.give(frequency="monthly")

    donor.hear("customer.subscription.updated")
    donor.hear("customer.subscription.created")

    assert Plan.objects.get().status == "active"


def test_news_that_change_nothing_leave_no_trace(donor, plan):
    before = Change.objects.count()
    subscriptions(donor).update(stripe_id(plan), {"description": "as before"})

    donor.hear()

    assert Change.objects.count() == before


def test_older_page_of_the_same_donor_is_closed_when_another_opens(donor):
    first = donor.choose(frequency="monthly", amount="1000")
    once = donor.choose(frequency="once")
    other = donor.choose(frequency="monthly", email="else@example.org")
    run_jobs()

    second = donor.choose(frequency="yearly", amount="5000", email=" DORA@example.org")
    assert run_jobs() == ["payments.expire_session"]

    sessions = donor.stripe.client().v1.checkout.sessions
    states = {
        session: sessions.retrieve(session).status for session in [first, once, other, second]
    }
    assert states == {first: "expired", once: "open", other: "open", second: "open"}
    assert Checkout.objects.get(session_id=first).state == Checkout.State.EXPIRED
    assert Alarm.objects.count() == 0


def test_form_sent_twice_keeps_its_page_open(donor):
    token = "6f1f4f0e-8a0a-4a53-9d4e-0f8a8a3b1c11"
    for _ in range(2):
        session = donor.choose(frequency="monthly", token=token)

    assert run_jobs() == []
    assert donor.stripe.client().v1.checkout.sessions.retrieve(session).status == "open"


def test_page_that_was_paid_before_it_could_be_closed_stays_paid_and_staff_are_told(donor):
    first = donor.choose(frequency="monthly", amount="1000")
    second = donor.choose(frequency="monthly", amount="2500")
    donor.stripe.pay(first)
    donor.stripe.pay(second)

    donor.hear()
    donor.hear()

    assert set(Checkout.objects.values_list("state", flat=True)) == {"paid"}
    assert Plan.objects.count() == 2
    supporter = Gift.objects.first().supporter
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.times) == ("two_plans", 1)
    assert alarm.address == reverse("admin:crm_supporter_change", args=[supporter.pk])


@pytest.mark.parametrize(("status", "alarms"), [("paused", 1), ("past_due", 1), ("ended", 0)])
def test_second_plan_is_flagged_while_the_first_still_binds(donor, status, alarms):
    PlanFactory(supporter=SupporterFactory(email="dora@example.org"), status=status)

    donor.give(frequency="monthly")
    donor.hear()

    assert Alarm.objects.filter(kind="two_plans").count() == alarms


def test_two_tabs_heard_of_at_the_same_moment_are_flagged(transactional_db, client, stripe):
    SupporterFactory(email="dora@example.org")
    donor = Donor(client, stripe)
    pages = [donor.choose(frequency="monthly", amount=amount) for amount in ("1000", "2500")]
    for page in pages:
        stripe.pay(page)
    [first, second] = [each.id for each in subscriptions(donor).list().data]

    def follow(plan):
        """The second is heard of before what the first left is to be seen."""
        with transaction.atomic():
            time.sleep(0.3 if plan == second else 0)
            handlers.follow_plan(plan, timezone.now())
            time.sleep(1 if plan == first else 0)

    at_once(follow, [first, second])

    assert (Plan.objects.count(), Alarm.objects.filter(kind="two_plans").count()) == (2, 1)


def test_burst_of_news_about_one_plan_is_handled_without_a_deadlock(
    transactional_db, client, stripe
):
    donor = Donor(client, stripe)
    donor.give(frequency="monthly")
    [plan] = [each.id for each in subscriptions(donor).list().data]
    payment = donor.payment()
    work = [(handlers.follow_plan, plan), (handlers.follow_payment, payment)] * 4

    at_once(lambda job: job[0](job[1], timezone.now()), work)

    assert (Plan.objects.count(), Gift.objects.count()) == (1, 1)


def test_closing_a_page_that_is_closed_does_no_harm(donor):
    session = donor.choose(frequency="monthly")
    orders.expire_session(session)

    jobs.expire_session.func(session_id=session)

    assert Checkout.objects.get().state == Checkout.State.EXPIRED
