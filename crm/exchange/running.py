"""Checking and running an import: the same steps, of which a check writes none.

A run is a transaction per piece, and each row that is done is noted in it. Whoever goes on after a
worker died does the rows that are not.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePath
from typing import Any

import pghistory
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Count, F
from django.utils import timezone, translation
from psycopg.errors import DeadlockDetected

from crm import audit
from crm.donations.models import Fund
from crm.exchange import heeding, outcomes, staging
from crm.exchange.chunks import Chunk, bounds
from crm.exchange.models import Import, ImportRow
from crm.exchange.options import Options
from crm.exchange.originals import file_of
from crm.exchange.parsing import Parser
from crm.exchange.sharing import Piece, take_all
from crm.exchange.writing import Raced
from crm.lib import reading
from crm.lib.sheets import BadFile, Detected
from crm.people.storing import store

State = Import.State
COUNTS = {
    ImportRow.Outcome.CREATED.value: "created",
    ImportRow.Outcome.UPDATED.value: "updated",
    ImportRow.Outcome.UNCHANGED.value: "unchanged",
    ImportRow.Outcome.SKIPPED.value: "skipped",
    ImportRow.Outcome.BAD.value: "bad",
}
TRIES = 5
logger = logging.getLogger(__name__)


def parser_of(batch: Import, *, now: datetime) -> Parser:
    """Return what reads the rows of an import's file."""
    return Parser(
        kind=batch.kind,
        how=Detected.from_json(batch.detected),
        mapping=batch.mapping,
        options=Options.from_json(batch.options),
        funds={fund.code.casefold(): fund.pk for fund in Fund.objects.filter(is_open=True)},
        file_hash=batch.file.sha256 if batch.file else "",
        now=now,
    )


def check(*, batch_id: int, now: datetime) -> None:
    """Find out what the import would do: counted, and row by row."""
    batch = Import.objects.select_related("file").get(pk=batch_id)
    if batch.state != State.CHECKING:
        return
    restart(batch)
    with told_if_it_fails(batch, now=now):
        work(batch, writes=False, now=now)
        finish(batch, State.CHECKED, now=now)


def run(*, batch_id: int, now: datetime) -> None:
    """Do what the import is to do, from where it stands. Twice is harmless."""
    batch = Import.objects.select_related("file").get(pk=batch_id)
    if batch.state not in {State.WAITING, State.RUNNING}:
        return
    Import.objects.filter(pk=batch_id).update(state=State.RUNNING, beat_at=now)
    with told_if_it_fails(batch, now=now):
        work(batch, writes=True, now=Options.from_json(batch.options).moment)
        finish(batch, State.DONE, now=now)


def restart(batch: Import) -> None:
    batch.rows.all().delete()
    Import.objects.filter(pk=batch.pk).update(done=0, read=0, **dict.fromkeys(COUNTS.values(), 0))


@contextmanager
def told_if_it_fails(batch: Import, *, now: datetime) -> Iterator[None]:
    """Let staff know why an import stopped, and leave nothing of the file in the session."""
    try:
        yield
    except BadFile as bad:
        fail(batch, str(bad), now=now)
    except Exception:
        logger.exception("import %s stopped", batch.pk)
        fail(batch, "", now=now)
        raise
    finally:
        if connection.is_usable():
            staging.drop()


def fail(batch: Import, error: str, *, now: datetime) -> None:
    failed = Import.objects.filter(pk=batch.pk)
    failed.update(state=State.FAILED, error=error[:500], finished_at=now, stage="")


def work(batch: Import, *, writes: bool, now: datetime) -> None:
    """Read the file, find out who is who, and take piece after piece."""
    options = Options.from_json(batch.options)
    parser = parser_of(batch, now=now)
    used = fields_used(parser)
    staging.drop()
    with file_of(batch) as file:
        lines = reading.lines_of(file, parser.how)
        total = staging.fill(
            parser.rows(lines), used=used, progress=lambda read: beat(batch, "reading", total=read)
        )
    heeding.heed(used=used)
    beat(batch, "matching", total=total)
    staging.group(batch=batch.pk, kind=batch.kind, options=options, used=used)
    beat(batch, "writing" if writes else "comparing", total=total)
    with transaction.atomic():
        add_up(batch, staging.set_aside(batch=batch.pk))

    def chunk() -> Chunk:
        return Chunk(
            batch=batch.pk, kind=batch.kind, options=options, used=used, at=now, writes=writes
        )

    def take_some(pieces: Iterator[Piece]) -> None:
        own = chunk()
        with pghistory.context(source=f"import:{batch.pk}", user=batch.created_by_id):
            for low, high in pieces:
                take(batch, own, low, high)

    chunk().prepare()
    take_all(list(bounds()), take_some, used=used)


def fields_used(parser: Parser) -> set[str]:
    """Return which fields the rows of a file may have, also those that follow from others."""
    used = {column.name for column in parser.columns} | set(parser.constants)
    follows = {
        "email": {"other_email"} & used,
        "newsletter": {"no_newsletter", "no_email"} & used,
        "given_name": {"full_name", "organisation"} & used,
        "family_name": {"full_name", "organisation"} & used,
        "kind": {"organisation"} & used,
        "country": {"postcode", "town", "street"} & used,
        "region": {"postcode"} & used,
    }
    used |= {name for name, causes in follows.items() if causes}
    gifts = {"amount", "currency", "method", "reference", "is_named", "refunded"}
    gifts |= {"known_reference", "fund_id"}
    return used | {"search_text", "fingerprint"} | (gifts if "amount" in used else set())


def take(batch: Import, chunk: Chunk, low: int, high: int) -> None:
    """Do one piece, all of it or nothing; again where somebody was faster."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                add_up(batch, chunk.take(low, high))
        except Raced:
            chunk.look_again()
        except OperationalError as error:
            # Two waited for each other, and the database let this one go.
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return
    raise DatabaseError(f"import {batch.pk}: rows about {low} to {high} are taken again and again")


def add_up(batch: Import, outcomes: dict[str, int]) -> None:
    """Add what became of some rows, in the transaction in which it became of them."""
    number = sum(outcomes.values())
    added: dict[str, Any] = {COUNTS[name]: F(COUNTS[name]) + n for name, n in outcomes.items()}
    Import.objects.filter(pk=batch.pk).update(
        read=F("read") + number, done=F("done") + number, beat_at=timezone.now(), **added
    )


def beat(batch: Import, stage: str, *, total: int) -> None:
    """Show how far the work is."""
    Import.objects.filter(pk=batch.pk).update(stage=stage, total=total, beat_at=timezone.now())


def keep_rejects(batch: Import, *, at: datetime) -> None:
    """Keep the bad rows as a file, with their reasons in the language of whoever asked."""
    with translation.override(batch.options.get("reader") or settings.LANGUAGE_CODE):
        chunks = (line.encode() for line in outcomes.rejects(batch))
        batch.rejects = store(
            name=f"{PurePath(batch.name).stem}-rejects.csv",
            content_type="text/csv",
            chunks=chunks,
            at=at,
            by=batch.created_by,
        )
    batch.save(update_fields=["rejects"])


@transaction.atomic
def finish(batch: Import, state: str, *, now: datetime) -> None:
    """Close the account: the database refuses it unless every row that was read is in it."""
    batch.refresh_from_db()
    counted = Counter(dict(batch.rows.values_list("outcome").annotate(n=Count("pk"))))
    for outcome, name in COUNTS.items():
        setattr(batch, name, counted[outcome])
    batch.read = batch.total
    batch.state, batch.stage, batch.finished_at = state, "", now
    batch.save()
    if state == State.DONE and batch.bad:
        keep_rejects(batch, at=now)
    told = {name: getattr(batch, name) for name in ("read", *COUNTS.values())}
    if state == State.DONE:
        audit.log("import.run", batch, by=batch.created_by, at=now, **told)
