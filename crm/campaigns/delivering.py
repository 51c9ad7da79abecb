"""Packs for the authority: asked for, made by a job, proved, and not kept longer than needed.

The same moment and the same data make the same bytes, list and certificate alike.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from crm import audit
from crm.campaigns import delivery_pages, proving, tallies
from crm.campaigns.counted_at import Line, lines
from crm.campaigns.deliveries import Delivery
from crm.campaigns.models import Campaign
from crm.lib.periods import local_day
from crm.lib.tables import csv_lines
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import PIECE, store

MAKE = "campaigns.make_delivery"
FORMAT = "soutien-delivery-1"
KEPT = timedelta(days=30)
TOLD_EVERY = 5000  # lines
NAMES = ("given_name", "family_name")
WITH_NAMES = ("day", *NAMES, "country", "region", "way", "sheet", "signatures")
WITHOUT = ("day", "country", "region", "way", "signatures")
Clock = Callable[[], datetime]


class StillToCome(Exception):
    """What counts at a moment is known only once it is over."""


@transaction.atomic
def ask_for_delivery(
    *,
    campaign: Campaign,
    as_of: datetime,
    recipient: str,
    language: str,
    has_names: bool,
    at: datetime,
    by: Any = None,
) -> Delivery:
    """Have a job make a pack of what counted at a moment. Raises StillToCome."""
    if as_of > at:
        raise StillToCome(as_of)
    delivery = Delivery.objects.create(
        campaign=campaign,
        as_of=as_of,
        recipient=recipient,
        language=language,
        has_names=has_names,
        made_at=at,
        made_by=by,
    )
    audit.log("delivery.asked", delivery, by=by, at=at, has_names=has_names)
    app.configure_task(MAKE, queue="upkeep").defer(delivery_id=delivery.pk)
    return delivery


def make_delivery(*, delivery_id: int, clock: Clock) -> None:
    """Make a pack that was asked for. Nothing happens where it is made already."""
    delivery = Delivery.objects.select_related("campaign", "made_by").get(pk=delivery_id)
    is_kept = delivery.state != Delivery.State.WAITING
    while not is_kept:
        erased = number_erased()
        with tempfile.TemporaryFile() as file:
            facts = write_list(delivery, file)
            if not facts["counted"]["total"]:
                give_up(delivery)
                return
            is_kept = keep(delivery, file, facts, clock(), erased=erased)


def write_list(delivery: Delivery, file: IO[bytes]) -> dict[str, Any]:
    """Write the list; return the facts about it. No more than a few lines are in memory."""
    found = Counts()
    row = Delivery.objects.filter(pk=delivery.pk)
    row.update(done=0, total=tallies.count(delivery.campaign))
    read = lines(delivery.campaign, as_of=delivery.as_of, has_names=delivery.has_names)
    rows = counted(read, found, row)
    for text in written(rows, has_names=delivery.has_names):
        piece = text.encode()
        found.seen.update(piece)
        file.write(piece)
    return facts_of(delivery, found)


def counted(rows: Iterator[Line], found: "Counts", row: QuerySet[Delivery]) -> Iterator[Line]:
    """Yield the lines, add them up, and tell from time to time how far it is."""
    for line in rows:
        found.add(line)
        if found.lines % TOLD_EVERY == 0:
            row.update(done=found.total)
        yield line


def written(rows: Iterable[Line], *, has_names: bool) -> Iterator[str]:
    """Yield the list as CSV (docs/campaigns.md tells its columns)."""
    columns = WITH_NAMES if has_names else WITHOUT
    names = ["number" if name == "signatures" else name for name in columns]
    return csv_lines(columns, ([getattr(row, name) for name in names] for row in rows))


class Counts:
    """What was counted, by the questions that the certificate answers."""

    def __init__(self) -> None:
        self.lines = self.total = 0
        self.by: dict[str, Counter[str]] = {
            name: Counter() for name in ("way", "country", "province", "month")
        }
        self.seen = hashlib.sha256()

    def add(self, line: Line) -> None:
        self.lines += 1
        self.total += line.number
        self.by["way"][line.way] += line.number
        self.by["country"][line.country] += line.number
        self.by["month"][f"{line.day:%Y-%m}"] += line.number
        if line.country == "BE":
            self.by["province"][line.region] += line.number


def facts_of(delivery: Delivery, found: Counts) -> dict[str, Any]:
    """What is signed: nothing in it depends on when or by whom the pack was made."""
    campaign = delivery.campaign
    text = campaign.text(delivery.language)
    return {
        "format": FORMAT,
        "organisation": settings.ORGANISATION_NAME,
        "campaign": {
            "id": str(campaign.public_id),
            "address": f"{settings.SITE_URL}/{delivery.language}/petition/{campaign.slug}/",
            "title": text.title,
            "demand": text.demand,
            "target": text.target,
        },
        "recipient": delivery.recipient,
        "language": delivery.language,
        "as_of": delivery.as_of.astimezone(UTC).isoformat(),
        "counted": {
            "total": found.total,
            **{f"by_{name}": dict(counts) for name, counts in found.by.items()},
        },
        "list": {
            "has_names": delivery.has_names,
            "columns": list(WITH_NAMES if delivery.has_names else WITHOUT),
            "lines": found.lines,
            "sha256": found.seen.hexdigest(),
        },
        "public_key": proving.own_public_key(),
    }


@transaction.atomic
def keep(
    delivery: Delivery, file: IO[bytes], facts: dict[str, Any], at: datetime, *, erased: int
) -> bool:
    """Keep a pack, unless somebody who may stand in it was erased since; return whether it is."""
    let_no_erasure_begin()
    if number_erased() != erased:
        return False
    file.seek(0)
    stored = store(
        name=f"{delivery.campaign.slug}-{local_day(delivery.as_of)}.csv",
        content_type="text/csv; charset=utf-8",
        chunks=iter(lambda: file.read(PIECE), b""),
        at=at,
        by=delivery.made_by,
        is_confidential=delivery.has_names,
    )
    total = facts["counted"]["total"]
    delivery.facts, delivery.signed = facts, proving.sign(facts)
    delivery.digest, delivery.list_file = facts["list"]["sha256"], stored
    delivery.certificate = delivery_pages.pdf(delivery)
    delivery.done = delivery.total = total
    delivery.state = Delivery.State.READY
    delivery.save()
    take_identity(delivery)
    return True


def take_identity(delivery: Delivery) -> None:
    """Be found by what the facts say, as the certificate does; an equal pack may be already."""
    identity = proving.identity_of(delivery.facts)
    try:
        with transaction.atomic():
            Delivery.objects.filter(pk=delivery.pk).update(public_id=identity)
    except IntegrityError:
        return
    delivery.public_id = identity


def give_up(delivery: Delivery) -> None:
    with translation.override(delivery.language):
        error = _("Nothing counted at this moment: there is nothing to hand over.")
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED, error=error)


@transaction.atomic
def delete_list(*, delivery: Delivery, at: datetime, by: Any = None) -> bool:
    """Delete the list of a pack; facts and certificate stay. False when there was none."""
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.list_file_id is None:
        return False
    StoredFile.objects.filter(pk=locked.list_file_id).delete()
    audit.log("delivery.list_deleted", locked, by=by, at=at)
    return True


def delete_old_lists(*, now: datetime) -> int:
    """Delete the lists of packs that have been there long enough to be handed over."""
    kept = Delivery.objects.exclude(list_file=None)
    old = list(kept.filter(list_file__added_at__lte=now - KEPT).order_by("pk"))
    return sum(delete_list(delivery=each, at=now) for each in old)


def number_erased() -> int:
    """Return how many were ever erased: it only grows."""
    return Supporter.objects.exclude(erased_at=None).count()


def let_no_erasure_begin() -> None:
    """Let erasures, which delete lists with names, and what keeps them wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('soutien.deliveries', 0))")
