"""One comparison of our books with Stripe's, from beginning to end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from crm.donations.models import Gift
from crm.people.models import Change
from payments.books import Difference, Reconciliation
from payments.models import Checkout
from payments.reconciliation import differences, waiting
from payments.reconciliation.balance import compare_balance
from payments.reconciliation.bank import match_payouts
from payments.reconciliation.events import KEPT, walk_events, walk_lists
from payments.reconciliation.following import Walk, follow_again
from payments.reconciliation.payouts import TURNS, read_payouts

RUN_LOCK = 2825  # an advisory lock of our own, beside those of payments.operations
OVERLAP = timedelta(hours=1)  # an event may be listed some time after its moment
Step = Callable[[str], AbstractContextManager[None]]


class AlreadyRunning(Exception):
    """Somebody else compares our books with Stripe's at this moment."""


@dataclass(frozen=True)
class Outcome:
    """What a run did, and every difference that is open after it."""

    run: Reconciliation
    payouts: int
    matched: int
    differences: list[Difference]


@contextmanager
def silently(title: str) -> Iterator[None]:
    yield


def reconcile(
    *, now: datetime, since: datetime | None = None, dry_run: bool = False, step: Step = silently
) -> Outcome:
    """Repair what lost webhooks left out, compare every movement, and note what differs.

    It begins where the last finished run ended; `since` may only reach further back. A dry run
    does all of it in one transaction that is rolled back.
    Raises AlreadyRunning, and gateway.StripeUnavailable: then the next run begins as this one.
    """
    with alone(), transaction.atomic() if dry_run else nullcontext():
        begins_at = beginning(now, since)
        run = Reconciliation.objects.create(started_at=now, since=begins_at, until=now)
        outcome = walk_through(run, Walk(now, is_dry=dry_run), step)
        if dry_run:
            transaction.set_rollback(True)
    return outcome


@contextmanager
def alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])


def beginning(now: datetime, since: datetime | None) -> datetime:
    """Return from when on to compare; at first from when the first donor came."""
    last = Reconciliation.objects.last_finished()
    first = Checkout.objects.order_by("started_at").values_list("started_at", flat=True).first()
    usual = last.until if last else first or now
    return min(usual, since or usual)


def walk_through(run: Reconciliation, walk: Walk, step: Step) -> Outcome:
    now, since = walk.at, run.since - OVERLAP
    last_change = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if now - since < KEPT:
        with step("events"):
            run.events = walk_events(walk, since)
    else:
        with step("payments and payment pages"):
            walk_lists(walk, since)
    run.save(update_fields=["events"])
    with step("what waits for an answer"):
        waiting.ask_about_payments(walk)
        waiting.ask_about_checkouts(walk)
        waiting.ask_about_plans(walk)
        follow_again(walk)
    with step("payouts"):
        payouts = read_payouts(walk, min(since, now - TURNS))
        matched = match_payouts(at=now)
    with step("the balance, line by line"):
        compare_balance(walk, since)
    walk.settle()
    return finish(run, payouts, matched, last_change, now)


def finish(
    run: Reconciliation, payouts: int, matched: int, last_change: int, now: datetime
) -> Outcome:
    """Count what was done and what is left to people; tell them of it."""
    still = Difference.objects.open().select_related("gift").order_by("kind", "reference")
    run.repaired = count_repaired(last_change, now)
    run.differences = still.count()
    run.finished_at = now
    run.save(update_fields=["repaired", "differences", "finished_at"])
    differences.ring(at=now)
    return Outcome(run, payouts, matched, list(still))


def count_repaired(last_change: int, now: datetime) -> int:
    """Count the gifts and plans that were written under this run's moment."""
    gifts = Gift.objects.filter(modified_at=now, reference__startswith="stripe:")
    plans = Change.objects.filter(pk__gt=last_change, kind__startswith="plan.", at=now)
    return gifts.count() + plans.count()
