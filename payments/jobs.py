"""Background work of payments."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

from crm.donations.instructions import Instruction
from payments import checkouts, handlers, instructions, operations, shield
from payments.imports import automatic, decisions
from payments.models import BankFile, StripeEvent
from payments.reconciliation import bank, payouts, run

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)  # seconds, then minutes, then hours
LATE = timedelta(minutes=10)
GIVEN_UP = timedelta(days=3)  # as long as Stripe itself tries
logger = logging.getLogger(__name__)


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


@app.task(queue="payments", name="payments.carry_out", retry=RETRY)
def carry_out(instruction_id: int) -> None:
    """Let Stripe do what staff or a donor asked for."""
    instructions.carry_out(instruction_id, now=timezone.now())


@app.task(queue="payments", name="payments.expire_session", retry=RETRY)
def expire_session(session_id: str) -> None:
    """Close a payment page that another one replaced."""
    handlers.close_page(session_id, timezone.now())


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
    late = StripeEvent.objects.filter(
        handled_at=None, received_at__gt=now - GIVEN_UP, received_at__lt=now - LATE
    )
    for event in late.exclude(pk__in=under_way(handle_event, "event_id")):
        handle_event.defer(event_id=event.pk)


@app.periodic(cron="*/5 * * * *")
@app.task(queue="payments", name="payments.take_up_instructions", queueing_lock="instructions")
def take_up_instructions(timestamp: int) -> None:
    """Queue again what is asked of Stripe and not done, and for which no job is left."""
    late = Instruction.objects.filter(
        state=Instruction.State.WAITING, asked_at__lt=timezone.now() - LATE
    )
    for instruction in late.exclude(pk__in=under_way(carry_out, "instruction_id")):
        carry_out.defer(instruction_id=instruction.pk)


def under_way(task: Task, argument: str) -> list[int]:
    """Return what a task's jobs that are not done are about."""
    jobs = ProcrastinateJob.objects.filter(task_name=task.name, status__in=["todo", "doing"])
    return list(jobs.values_list(f"args__{argument}", flat=True))


# At night in Belgium: 04:20 in winter, 05:20 in summer.
@app.periodic(cron="20 3 * * *")
@app.task(queue="upkeep", name="payments.reconcile", queueing_lock="reconcile", retry=RETRY)
def reconcile(timestamp: int) -> None:
    """Compare our books with Stripe's, unless somebody does so already."""
    try:
        run.reconcile(now=timezone.now())
    except run.AlreadyRunning:
        logger.info("another comparison with Stripe is running")


def reconcile_soon(*, now: datetime) -> None:
    """Queue the above, unless it is queued already."""
    deferrer = app.configure_task("payments.reconcile", queueing_lock="reconcile")
    try:
        with transaction.atomic():
            deferrer.defer(timestamp=int(now.timestamp()))
    except AlreadyEnqueued:
        return


@app.task(queue="payments", name="payments.read_payouts", lock="read_payouts", retry=RETRY)
def read_payouts() -> None:
    """Compare the payouts that are new or changed, and find them on the bank statement."""
    payouts.read_now(now=timezone.now())


@app.task(queue="payments", name="payments.match_payouts", lock="match_payouts", retry=RETRY)
def match_payouts() -> None:
    """Find payouts on the bank statements that came."""
    bank.match_payouts(at=timezone.now())


@app.task(queue="payments", name="payments.match_lines", retry=RETRY)
def match_lines(file_id: int) -> None:
    """Make gifts of the lines of a bank's file that say whose they are."""
    automatic.match_file(file=BankFile.objects.get(pk=file_id), at=timezone.now())


@app.task(queue="mail", name="payments.thank_for_transfer", retry=RETRY)
def thank_for_transfer(gift_id: int) -> None:
    """Thank for a transfer that staff matched, once there was time to undo it."""
    decisions.thank_if_kept(gift_id=gift_id)


@app.periodic(cron="40 2 * * *")
@app.task(queue="upkeep", name="payments.forget", queueing_lock="payments.forget")
def forget(timestamp: int) -> None:
    """Delete what only the defence of the form needed, and empty what nobody paid."""
    shield.forget_attempts(at=timezone.now())
    checkouts.forget_donors(at=timezone.now())
