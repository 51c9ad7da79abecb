"""Comparing our books with Stripe's: what is repaired, and what is told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.donations.models import Entry, Gift, Plan
from crm.mailing.models import Mail
from crm.people.models import Supporter
from payments import gateway, listing
from payments.books import Difference, Reconciliation
from payments.models import Checkout, StripeEvent
from payments.reconciliation.following import Walk
from payments.reconciliation.run import reconcile
from payments.reconciliation.waiting import ask_about_plans
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(params=["events", "lists"])
def source(request, monkeypatch):
    """Both ways to learn what happened: Stripe keeps its events for thirty days only."""
    if request.param == "lists":
        monkeypatch.setattr("payments.reconciliation.run.KEPT", timedelta(0))


def compare(days=0, **options):
    return reconcile(now=timezone.now() + timedelta(days=days), **options)


def differences():
    """What is open: kind, reference and both sides."""
    still = Difference.objects.open().order_by("kind", "reference")
    return list(still.values_list("kind", "reference", "ours", "theirs"))


def entries():
    return sorted(Entry.objects.values_list("kind", "amount"))


def test_gift_whose_webhooks_were_all_lost_is_found_and_thanked_for_once(givers, source):
    givers.pay()

    outcome = compare()
    run_jobs()
    compare()
    run_jobs()

    assert (outcome.run.repaired, differences()) == (1, [])
    assert Gift.objects.get().status == "paid"
    assert entries() == [("fee", -63), ("payment", 2500)]
    assert Checkout.objects.get().state == "paid"
    assert Mail.objects.filter(template="gift_thanks").count() == 1


def test_refund_dispute_and_plan_that_nobody_told_of_are_found(givers, source):
    refunded = givers.pay().payment_intent
    givers.pay()
    disputed = givers.charge()
    plan = givers.pay(frequency="monthly").subscription
    givers.hear()
    givers.api.refunds.create({"payment_intent": refunded, "amount": 700})
    givers.stripe.dispute(disputed)
    givers.api.subscriptions.cancel(plan)

    outcome = compare()

    kept = Entry.objects.filter(kind__in=["refund", "dispute"]).order_by("amount")
    assert list(kept.values_list("amount", flat=True)) == [-2500, -700]
    assert Plan.objects.get().status == "ended"
    assert (outcome.run.repaired, differences()) == (3, [])


def test_nothing_is_repaired_where_all_was_heard(givers, source):
    givers.pay()
    givers.hear()

    outcome = compare()

    assert (outcome.run.repaired, outcome.run.differences, outcome.differences) == (0, 0, [])


def test_webhook_that_comes_after_the_comparison_does_nothing_twice(givers):
    givers.pay()
    compare()
    before = entries()
    unheard = StripeEvent.objects.exclude(handled_at=None).count()

    givers.hear()

    assert (entries(), Gift.objects.count()) == (before, 1)
    assert unheard == StripeEvent.objects.count()


def test_event_that_we_handled_is_not_followed_again(givers, monkeypatch):
    givers.pay()
    givers.hear()
    asked = []
    monkeypatch.setattr(gateway, "fetch_payment", asked.append)

    outcome = compare()

    assert (outcome.run.events > 0, asked) == (True, [])


def test_fault_about_one_object_does_not_hide_the_others(givers, monkeypatch, caplog):
    broken, sound = (givers.pay().payment_intent for _ in range(2))
    fetch = gateway.fetch_payment

    def break_one(payment_id):
        if payment_id == broken:
            raise RuntimeError("dora@example.org")
        return fetch(payment_id)

    monkeypatch.setattr(gateway, "fetch_payment", break_one)
    compare()

    assert Gift.objects.get().reference == f"stripe:{sound}"
    assert ("state", broken, "", "RuntimeError") in differences()
    assert "dora" not in caplog.text


def test_other_amount_is_a_difference_until_it_is_gone(givers):
    payment = givers.pay().payment_intent
    givers.hear()
    Gift.objects.update(amount=2400)
    StripeEvent.objects.all().delete()
    compare()
    told = ("amount", f"stripe:{payment}", "2400 EUR", "2500 EUR")
    assert differences() == [told]
    compare()
    assert (differences(), Difference.objects.count()) == ([told], 1)

    Gift.objects.update(amount=2500)
    compare()

    assert differences() == []
    assert Difference.objects.get().resolved_at is not None


def test_entry_that_is_not_what_stripe_booked_is_named_by_its_line(givers):
    givers.pay()
    givers.hear()
    Entry.objects.filter(kind="fee").update(amount=-60)
    line = Entry.objects.filter(kind="fee").get().transaction

    compare()
    assert differences() == [("amount", line, "2440 EUR", "2437 EUR")]
    assert Difference.objects.get().gift == Gift.objects.get()

    Entry.objects.filter(kind="fee").update(amount=-63)
    compare(days=60)
    assert differences() == []


def test_entry_that_stripe_knows_nothing_of_is_told(givers):
    givers.pay()
    givers.hear()
    Entry.objects.create(
        reference="stripe:re_1",
        gift=Gift.objects.get(),
        kind="refund",
        amount=-100,
        currency="EUR",
        transaction="txn_unknown",
        day="2026-11-24",
        at=timezone.now(),
    )

    compare()
    assert differences() == [("missing_there", "txn_unknown", "-100 EUR", "")]

    Entry.objects.filter(reference="stripe:re_1").delete()
    compare(days=60)
    assert differences() == []


def test_entry_that_stripe_never_books_is_told_after_two_days(givers):
    givers.pay()
    givers.hear()
    Entry.objects.create(
        reference="stripe:re_1",
        gift=Gift.objects.get(),
        kind="refund",
        amount=-100,
        currency="EUR",
        day="2026-11-24",
        at=timezone.now(),
    )

    compare(days=1)
    assert differences() == []
    compare(days=3)

    assert differences() == [("missing_there", "stripe:re_1", "-100 EUR", "")]


def test_payment_whose_donor_was_erased_here_is_told(givers):
    givers.pay()
    Checkout.objects.update(email="", given_name="", family_name="")
    line = listing.lines_since(LONG_AGO)[0]

    compare()

    assert differences() == [("missing_here", line.id, "", "2437 EUR")]
    assert Supporter.objects.count() == 0


def test_money_that_did_not_begin_here_is_no_difference(givers):
    givers.pay()
    Checkout.objects.all().delete()

    outcome = compare(since=LONG_AGO)

    assert (Gift.objects.count(), outcome.differences) == (0, [])


def test_debit_that_settled_unheard_is_asked_about_after_a_day(givers):
    givers.pay("sepa_debit")
    givers.hear()
    Reconciliation.objects.create(
        since=timezone.now(), until=timezone.now() + timedelta(days=2), finished_at=timezone.now()
    )
    givers.stripe.settle(givers.payment())

    compare(days=3)

    assert Gift.objects.get().status == "paid"
    assert entries() == [("fee", -35), ("payment", 2500)]


def test_page_that_closed_unheard_is_abandoned_after_a_day(givers):
    givers.open()
    givers.stripe.advance(86_400 + 60)
    Reconciliation.objects.create(
        since=timezone.now(), until=timezone.now() + timedelta(days=2), finished_at=timezone.now()
    )

    compare()
    assert Checkout.objects.get().state == "open"
    compare(days=2)

    assert Checkout.objects.get().state == "expired"
    assert Supporter.objects.count() == 0


@pytest.mark.parametrize("session", ["cs_test_of_another_account", ""])
def test_page_that_stripe_does_not_know_is_abandoned_and_no_difference(givers, session):
    givers.open()
    Checkout.objects.update(session_id=session)

    compare(days=2)

    assert (Checkout.objects.get().state, differences()) == ("expired", [])


def test_plan_that_ended_unheard_is_found_in_the_list_of_plans(givers, monkeypatch):
    plan = givers.pay(frequency="monthly").subscription
    givers.hear()
    givers.api.subscriptions.cancel(plan)
    monkeypatch.setattr("payments.reconciliation.run.walk_events", lambda _walk, _since: 0)

    compare()

    assert Plan.objects.get().status == "ended"


def test_plan_that_began_unheard_is_found_in_the_list_of_plans(givers):
    plan = givers.pay(frequency="monthly").subscription
    walk = Walk(timezone.now())

    ask_about_plans(walk)

    assert walk.looked_at == {plan}
    assert Plan.objects.get().status == "active"


def test_plans_that_agree_cost_one_question_for_all(givers, monkeypatch):
    for _ in range(3):
        givers.pay(frequency="monthly")
    givers.hear()
    asked = []
    monkeypatch.setattr(gateway, "fetch_promise", asked.append)

    compare()

    assert asked == []
