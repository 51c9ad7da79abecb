"""Background work of payments."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from payments import handlers, operations
from payments.models import StripeEvent

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)  # seconds, then minutes, then hours
LATE = timedelta(minutes=10)
GIVEN_UP = timedelta(days=3)  # as long as Stripe itself tries


@app.task(queue="payments", name="payments.handle_event", retry=RETRY)
def handle_event(event_id: int) -> None:
    """Bring the CRM up to date with what an event is about."""
    event = StripeEvent.objects.get(pk=event_id)
    if event.handled_at is None:
        handlers.handle(event, now=timezone.now())
        operations.mark_handled(event=event, at=timezone.now())


@app.task(queue="payments", name="payments.follow_session", retry=RETRY)
def follow_session(session_id: str) -> None:
    """Bring the CRM up to date with a payment page somebody came back from."""
    handlers.follow_session(session_id, timezone.now())


def follow_session_soon(session_id: str) -> None:
    """Queue the above, unless it is queued already."""
    deferrer = follow_session.configure(queueing_lock=f"session:{session_id}")
    try:
        with transaction.atomic():
            deferrer.defer(session_id=session_id)
    except AlreadyEnqueued:
        return


@app.periodic(cron="*/5 * * * *")
@app.task(queue="payments", name="payments.take_up_events", queueing_lock="take_up_events")
def take_up_events(timestamp: int) -> None:
    """Queue again what is still unhandled, and for which no job is left."""
    now = timezone.now()
    under_way = ProcrastinateJob.objects.filter(
        task_name=handle_event.name, status__in=["todo", "doing"]
    ).values_list("args__event_id", flat=True)
    late = StripeEvent.objects.filter(
        handled_at=None, received_at__gt=now - GIVEN_UP, received_at__lt=now - LATE
    )
    for event in late.exclude(pk__in=list(under_way)):
        handle_event.defer(event_id=event.pk)
