"""Work that went wrong is taken up again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.donations.models import Gift
from payments import gateway
from payments.jobs import RETRY, handle_event
from payments.models import StripeEvent
from tests.jobs import forget_jobs, run_jobs, run_periodic
from tests.payments.donor import signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def late_event(donor):
    """An event of a paid gift, received eleven minutes ago, whose job was lost."""
    donor.give()
    [event] = donor.events("payment_intent.succeeded")
    donor.tell(*signed(event))
    forget_jobs()
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(minutes=11))
    return StripeEvent.objects.get()


def test_event_whose_job_was_lost_is_taken_up_again(late_event):
    run_periodic("payments.take_up_events")
    run_jobs()

    late_event.refresh_from_db()
    assert late_event.handled_at is not None
    assert Gift.objects.count() == 1


def test_event_that_waits_for_its_job_is_left_alone(late_event):
    handle_event.defer(event_id=late_event.pk)

    run_periodic("payments.take_up_events")

    assert run_jobs().count("payments.handle_event") == 1


@pytest.mark.parametrize("age", [timedelta(minutes=9), timedelta(days=4)])
def test_event_that_is_fresh_or_given_up_is_left_alone(late_event, age):
    StripeEvent.objects.update(received_at=timezone.now() - age)

    run_periodic("payments.take_up_events")

    assert run_jobs() == []


def test_handled_event_is_not_handled_again(late_event, stripe):
    StripeEvent.objects.update(handled_at=timezone.now())
    stripe.faults({"status": 500, "times": 99})

    handle_event.func(event_id=late_event.pk)

    assert Gift.objects.count() == 0


def test_event_stays_unhandled_while_stripe_is_out_of_reach(late_event, stripe):
    stripe.faults({"status": 500, "times": 3})

    with pytest.raises(gateway.StripeUnavailable):
        handle_event.func(event_id=late_event.pk)

    late_event.refresh_from_db()
    assert (late_event.handled_at, Gift.objects.count()) == (None, 0)


def test_job_is_tried_again_with_growing_pauses():
    class Job:
        attempts = 0

    pauses = []
    for Job.attempts in range(9):
        decision = RETRY.get_retry_decision(exception=gateway.StripeUnavailable(), job=Job)
        pauses.append(decision and (decision.retry_at - timezone.now()).total_seconds())

    assert pauses[8] is None
    assert pauses[:8] == sorted(pauses[:8])
    assert pauses[7] > 3600
