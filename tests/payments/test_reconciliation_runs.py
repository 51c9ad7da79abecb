"""Comparing our books with Stripe's: runs one after the other, at once, and interrupted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.donations.models import Entry, Gift
from crm.mailing.alarms import Alarm, close
from crm.mailing.models import Mail
from payments import gateway, jobs
from payments.books import Difference, Reconciliation
from payments.models import Checkout, StripeEvent
from payments.reconciliation.run import AlreadyRunning, reconcile
from tests.jobs import run_jobs, run_periodic
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


def compare(days=0, **options):
    return reconcile(now=timezone.now() + timedelta(days=days), **options)


def differences():
    """What is open: kind, reference and both sides."""
    still = Difference.objects.open().order_by("kind", "reference")
    return list(still.values_list("kind", "reference", "ours", "theirs"))


def entries():
    return sorted(Entry.objects.values_list("kind", "amount"))


def test_next_run_begins_where_the_last_one_ended(givers):
    givers.pay()
    first = compare().run
    second = compare().run

    assert first.since == Checkout.objects.get().started_at
    assert second.since == first.until
    assert Reconciliation.objects.exclude(finished_at=None).count() == 2


def test_since_reaches_further_back_and_never_leaves_a_gap(givers):
    first = compare().run

    earlier = compare(since=LONG_AGO).run
    later = compare(since=timezone.now()).run

    assert earlier.since == LONG_AGO
    assert later.since == earlier.until > first.until


@pytest.mark.parametrize("path", ["/v1/events", "/v1/subscriptions", "/v1/balance_tr", "/v1/pay"])
def test_run_that_stripe_interrupts_is_begun_again_where_it_began(givers, path):
    givers.pay()
    givers.stripe.faults({"method": "GET", "path": path, "times": 3, "status": 500})

    with pytest.raises(gateway.StripeUnavailable):
        compare()
    stopped = Reconciliation.objects.get()
    assert stopped.finished_at is None
    outcome = compare()

    assert outcome.run.since == stopped.since
    assert entries() == [("fee", -63), ("payment", 2500)]


def test_dry_run_tells_the_same_and_changes_nothing(givers):
    givers.pay()

    dry = compare(dry_run=True)

    assert (dry.run.repaired, dry.differences) == (1, [])
    assert (Gift.objects.count(), Reconciliation.objects.count(), StripeEvent.objects.count()) == (
        0,
        0,
        0,
    )
    assert run_jobs() == []
    assert compare().run.repaired == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_runs_at_once_one_ends_and_says_so(givers):
    givers.pay()

    def run(_number):
        try:
            return compare().run.repaired
        except AlreadyRunning:
            return "already"

    assert sorted(at_once(run, range(2)), key=str) == [1, "already"]
    assert Reconciliation.objects.count() == 1


def test_staff_are_told_of_a_difference_once_until_it_is_gone(givers, staff):
    staff()
    givers.pay()
    givers.hear()
    Entry.objects.filter(kind="fee").update(amount=-60)
    compare()
    compare(days=1)  # known already
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.address) == ("difference", "/staff/payments/reconciliation/")
    assert (alarm.times, alarm.closed_at) == (1, None)
    assert Mail.objects.filter(template="alarm").count() == 1

    Entry.objects.filter(kind="fee").update(amount=-63)
    compare(days=2)

    assert Alarm.objects.get().closed_at is not None


def test_staff_are_told_of_new_differences_once_a_day(givers):
    first, second = (f"stripe:{givers.pay().payment_intent}" for _ in range(2))
    givers.hear()
    Entry.objects.filter(kind="fee", gift__reference=first).update(amount=-60)
    compare()
    close(alarm=Alarm.objects.get(), at=timezone.now(), by=None)

    Entry.objects.filter(kind="fee", gift__reference=second).update(amount=-60)
    compare()
    assert (len(differences()), Alarm.objects.open().count()) == (2, 0)
    compare(days=1)

    assert Alarm.objects.open().count() == 1


def test_night_job_compares_and_a_second_one_leaves_it_to_the_first(givers, monkeypatch):
    givers.pay()
    run_periodic("payments.reconcile")
    assert Gift.objects.get().status == "paid"

    def busy(**_options):
        raise AlreadyRunning

    monkeypatch.setattr(jobs.run, "reconcile", busy)
    run_periodic("payments.reconcile")

    assert Reconciliation.objects.count() == 1
