"""What payments add to the demo: a bank statement, Stripe's books, and checkouts given up."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TextIO

from django.conf import settings
from django.contrib.auth import get_user_model
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from crm.access import Role
from crm.demo.chance import dice, public_id
from crm.demo.moments import midnight
from crm.donations import jobs
from crm.donations.models import Gift
from crm.donations.receipts import issue
from crm.lib.progress import step
from payments.demo import books, checkouts, statement
from payments.demo.transfers import DAYS, Transfers
from payments.imports.automatic import match_file
from payments.imports.files import import_file
from payments.reconciliation.bank import match_payouts


def load(*, today: date, out: TextIO) -> None:
    """Add all of it; the statement only where the organisation's account is known."""
    with step("checkouts and Stripe's books", out):
        checkouts.write(today=today)
        books.write(today=today)
    if settings.ORGANISATION_IBAN:
        with step("a bank statement", out):
            upload(today=today, at=midnight(today) - timedelta(seconds=1))


def upload(*, today: date, at: datetime) -> None:
    """Take in the statement as staff do, and match what can be matched without them."""
    last = today - timedelta(days=1)
    data = statement.coda(
        Transfers(today).moves(),
        account=settings.ORGANISATION_IBAN,
        holder=settings.ORGANISATION_NAME.upper(),
        first=today - timedelta(days=DAYS),
        last=last,
    )
    staff = get_user_model().objects.filter(username=Role.FUNDRAISER).first()
    outcome = import_file(name=f"{last:%Y-%m-%d}.cod", data=data, at=at, by=staff)
    match_file(file=outcome.file, at=at)
    match_payouts(at=at)
    settle(Gift.objects.filter(bank_line__isnull=False).order_by("pk"), at=at)


def settle(gifts: Iterable[Gift], *, at: datetime) -> None:
    """Give the new gifts their receipts, without a mail: nobody is there to read it."""
    rng = dice("bank gifts")
    for gift in gifts:
        Gift.objects.filter(pk=gift.pk).update(public_id=public_id(rng))
        issue(gift=gift, at=at)
        for job in ProcrastinateJob.objects.filter(
            task_name=jobs.thank.name, args__gift_id=gift.pk
        ):
            app.job_manager.cancel_job_by_id(job.pk, delete_job=True)
