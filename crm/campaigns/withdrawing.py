"""Taking out many signatures at once: a pattern, its effect, and the deed."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, GenericIPAddressField, Max, Min, OuterRef, QuerySet
from django.db.models.lookups import PostgresOperatorLookup

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.counting import SignatureDelta, Step
from crm.campaigns.letters import source_of_facts
from crm.campaigns.models import Campaign, Signature
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from crm.privacy.consent_requests import ConsentRequest

Status = Signature.Status
STANDING = (Status.CONFIRMED, Status.PENDING, Status.HELD)


class ContainedBy(PostgresOperatorLookup):
    lookup_name = "contained_by"
    postgres_operator = "<<="


GenericIPAddressField.register_lookup(ContainedBy)


class Changed(Exception):
    """There are other signatures by now than those whose effect was shown: `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True)
class Pattern:
    """Which online signatures: those to which everything that is said here applies.

    `address`: an e-mail address in which * stands for anything ("*@example.org").
    `network`: an address or a block of them ("192.0.2.0/24").
    """

    statuses: tuple[str, ...] = STANDING
    campaign: Campaign | None = None
    address: str = ""
    network: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def said(self) -> list[str]:
        """Return which of its parts say something, for the trail: not what they say."""
        names = ("campaign", "address", "network", "since", "until")
        return [name for name in names if getattr(self, name)]


@dataclass(frozen=True)
class Effect:
    """What withdrawing would do: signatures by state, and how much each counter falls."""

    by_status: dict[str, int]
    by_campaign: list[tuple[Campaign, int]]
    first: datetime | None
    last: datetime | None

    @property
    def number(self) -> int:
        return sum(self.by_status.values())

    @property
    def counted(self) -> int:
        return self.by_status.get(Status.CONFIRMED, 0)

    @property
    def held(self) -> int:
        return self.by_status.get(Status.HELD, 0)


def found(pattern: Pattern) -> QuerySet[Signature]:
    """Return the signatures that a pattern means."""
    rows = Signature.objects.filter(way=Signature.Way.ONLINE, status__in=pattern.statuses)
    if pattern.campaign is not None:
        rows = rows.filter(campaign=pattern.campaign)
    if pattern.since is not None:
        rows = rows.filter(signed_at__gte=pattern.since)
    if pattern.until is not None:
        rows = rows.filter(signed_at__lt=pattern.until)
    if pattern.network:
        rows = rows.filter(network__contained_by=pattern.network)
    if pattern.address:
        theirs = EmailAddress.objects.filter(supporter=OuterRef("supporter"))
        rows = rows.filter(Exists(theirs.filter(address__regex=regex_of(pattern.address))))
    return rows


def regex_of(address: str) -> str:
    r"""Return the expression for an address with asterisks.

    >>> regex_of("*@Spam.example")
    '^.*@spam\\.example$'
    """
    return f"^{'.*'.join(re.escape(part) for part in address.strip().lower().split('*'))}$"


def effect_of(pattern: Pattern) -> Effect:
    """Return what withdrawing would do now."""
    rows = found(pattern).order_by()
    by_status = dict(rows.values_list("status").annotate(number=Count("pk")))
    counted = rows.filter(status=Status.CONFIRMED).values_list("campaign")
    fallen = dict(counted.annotate(number=Count("pk")))
    campaigns = Campaign.objects.filter(pk__in=fallen).with_texts()
    span = rows.aggregate(first=Min("signed_at"), last=Max("signed_at"))
    by_campaign = sorted(((each, fallen[each.pk]) for each in campaigns), key=lambda pair: -pair[1])
    return Effect(by_status, by_campaign, span["first"], span["last"])


@transaction.atomic
def withdraw_found(*, pattern: Pattern, expected: int, at: datetime, by: Any = None) -> int:
    """Withdraw what a pattern finds, and uncount it, in one transaction; return how many.

    Raises Changed when they are not as many as were `expected`: then nothing was done.
    """
    rows = locked(pattern)
    if len(rows) != expected:
        raise Changed(len(rows))
    counted = [row for row in rows if row.status == Status.CONFIRMED]
    uncount(counted)
    end_all(rows, at=at)
    tallies.note_bringers(counted)
    note_changes((row.supporter_id for row in rows), at=at)
    for campaign in sorted({row.campaign_id for row in rows}):
        numbers = Counter(row.status for row in rows if row.campaign_id == campaign)
        subject = Campaign(pk=campaign)
        audit.log("signatures.withdrawn", subject, by=by, at=at, pattern=pattern.said(), **numbers)
    return len(rows)


def locked(pattern: Pattern) -> list[Signature]:
    """Return what a pattern finds, which nobody changes before the transaction ends.

    People are locked first and in their order, as whoever confirms does.
    """
    signers = found(pattern).order_by().values("supporter")
    people = Supporter.objects.filter(pk__in=signers).select_for_update(no_key=True)
    list(people.order_by("pk").values_list("pk"))
    return list(found(pattern).select_for_update(of=("self",)).order_by("pk"))


def end_all(rows: list[Signature], *, at: datetime) -> None:
    """Take locked signatures out, and their boxes with them, as `ending` does with one."""
    told = {"status": Status.WITHDRAWN, "ended": Signature.Ended.STAFF, "modified_at": at}
    boxes = {"newsletter": None, "appeals": None}
    Signature.objects.filter(pk__in=[row.pk for row in rows]).update(**told, **boxes)
    asked = [source_of_facts(row) for row in rows]
    ConsentRequest.objects.open().filter(source__in=asked).delete()


def uncount(rows: Iterable[Signature]) -> None:
    """Append, for each day and each question's answer, one row that takes them all out."""
    deltas: dict[tuple[Any, ...], SignatureDelta] = {}
    for row in rows:
        if row.confirmed_at is None:
            continue
        delta = tallies.delta_of(row, Step.CONFIRM, at=row.confirmed_at)
        key = (delta.campaign_id, delta.day, delta.source_id, delta.country, delta.region)
        known = deltas.setdefault((*key, delta.language, delta.way), delta)
        known.number = -1 if known is delta else known.number - 1
    SignatureDelta.objects.bulk_create(deltas.values())


def note_changes(supporters: Iterable[int], *, at: datetime) -> None:
    keys = sorted(set(supporters))
    Change.objects.bulk_create(
        Change(supporter_id=key, kind="signature.withdrawn", at=at) for key in keys
    )
    Supporter.objects.filter(pk__in=keys).update(modified_at=at)
