"""What does not agree: kept once, until it does agree; staff are told at most once a day."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from crm.donations.models import Gift
from crm.lib.money import format_money
from crm.lib.periods import local_day
from crm.lib.rows import insert_unless_there
from crm.mailing import alarms
from crm.mailing.alarms import Alarm
from payments.books import Difference

Kind = Difference.Kind
KEY = "stripe"
AMOUNT = re.compile(r"(-?\d+) ([A-Z]{3})")


@dataclass(frozen=True)
class Finding:
    """Something that differs, as it was just seen."""

    kind: str
    reference: str
    gift: Gift | None = None
    ours: str = ""
    theirs: str = ""


def note(finding: Finding, *, at: datetime) -> None:
    """Write a difference down, or that it is still there."""
    seen = {**vars(finding), "last_seen_at": at}
    if insert_unless_there(Difference(first_seen_at=at, **seen)):
        return
    still = Difference.objects.open().filter(kind=finding.kind, reference=finding.reference)
    still.update(ours=finding.ours, theirs=finding.theirs, gift=finding.gift, last_seen_at=at)


def settle(
    findings: Iterable[Finding], looked_at: Iterable[str], *, kinds: Iterable[str], at: datetime
) -> None:
    """Note what differs; what was looked at and differs no more is resolved."""
    for finding in findings:
        note(finding, at=at)
    gone = Difference.objects.open().filter(kind__in=kinds, reference__in=list(looked_at))
    gone.exclude(last_seen_at=at).update(resolved_at=at)


def ring(*, at: datetime) -> None:
    """Tell staff of what is new since they were told last, once a day; all well: no alarm."""
    alarm = Alarm.objects.filter(kind=Alarm.Kind.DIFFERENCE, key=KEY).order_by("-pk").first()
    still = Difference.objects.open()
    if alarm is not None and alarm.closed_at is None and not still.exists():
        alarms.close(alarm=alarm, at=at, by=None)
    if alarm is not None:
        still = still.filter(first_seen_at__gt=alarm.last_at)
        if local_day(alarm.last_at) == local_day(at):
            return
    if still.exists():
        address = reverse("admin:payments_reconciliation_changelist")
        alarms.ring(kind=Alarm.Kind.DIFFERENCE, key=KEY, address=address, at=at)


def written(amount: int, currency: str) -> str:
    """Write money as differences keep it: minor units and the currency."""
    return f"{amount} {currency}"


def readable(side: str, language: str) -> str:
    """Write one side of a difference for people.

    >>> readable(written(2437, "EUR"), "en"), readable("RuntimeError", "en")
    ('€24.37', 'RuntimeError')
    """
    found = AMOUNT.fullmatch(side)
    return format_money(int(found[1]), found[2], language) if found else side
