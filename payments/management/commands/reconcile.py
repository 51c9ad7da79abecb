"""manage.py reconcile: compare our books with Stripe's, and repair what lost webhooks left out."""

import sys
from argparse import ArgumentTypeError
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.lib.progress import step
from payments.books import Difference
from payments.gateway import StripeUnavailable
from payments.reconciliation.differences import readable
from payments.reconciliation.run import AlreadyRunning, Outcome, reconcile

DIFFERS, UNREACHABLE, BUSY = 1, 2, 3
NO_ANSWER = "Stripe cannot be reached, or refused. The next comparison begins where this one did."


class Command(BaseCommand):
    help = (
        "Compare our books with Stripe's since the last time, and repair what lost webhooks left "
        "out. Ends with 0 when nothing differs, 1 when something does, 2 when Stripe cannot be "
        "reached, 3 when another comparison is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=first_moment,
            metavar="YYYY-MM-DD",
            help="reach further back than where the last comparison ended",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = reconcile(
                now=timezone.now(), since=options["since"], dry_run=options["dry_run"], step=step
            )
        except StripeUnavailable as error:
            raise CommandError(NO_ANSWER, returncode=UNREACHABLE) from error
        except AlreadyRunning as error:
            raise CommandError("Another comparison is running.", returncode=BUSY) from error
        self.stdout.write("\n".join(summary(outcome, is_dry=options["dry_run"])))
        if outcome.differences:
            sys.exit(DIFFERS)


def first_moment(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-24") from error
    return timezone.make_aware(datetime.combine(day, time.min))


def summary(outcome: Outcome, *, is_dry: bool) -> list[str]:
    run = outcome.run
    return [
        f"From {minute(run.since)} to {minute(run.until)}",
        f"  events read       {run.events}",
        f"  gifts and plans {'that would be repaired' if is_dry else 'repaired'}  {run.repaired}",
        f"  payouts read      {outcome.payouts}, found on bank statements {outcome.matched}",
        f"  differences       {len(outcome.differences)}",
        *(f"    {line(each)}" for each in outcome.differences),
        *(["Nothing was changed."] if is_dry else []),
    ]


def minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def line(difference: Difference) -> str:
    pairs = [("ours", difference.ours), ("Stripe's", difference.theirs)]
    sides = [f"{name} {readable(value, 'en')}" for name, value in pairs if value]
    return f"{difference.kind} {difference.reference}: {', '.join(sides) or 'unknown there'}"
