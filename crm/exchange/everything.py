"""An export of everything: asked for by staff, written by a job, kept for a day."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, Any

from django.db import connection, transaction
from procrastinate.contrib.django import app

from crm import audit
from crm.exchange.dumping import dump
from crm.exchange.models import Export
from crm.lib.periods import local_day
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import PIECE, store

RIGHT = "crm.export_everything"
WHAT = "everything"
WRITE = "exchange.write_everything"
KEPT = timedelta(days=1)
SILENT = timedelta(minutes=10)  # then whoever wrote it is gone
Clock = Callable[[], datetime]


class NotThere(Exception):
    """The file is not ready, or was deleted since."""


@transaction.atomic
def ask_for_everything(*, reason: str, at: datetime, by: Any) -> Export:
    """Have a job write everything into a file."""
    fields = {"format": "zip", "reason": reason, "exported_at": at, "exported_by": by}
    export = Export.objects.create(what=WHAT, beat_at=at, **fields)
    audit.log("everything.exported", export, by=by, at=at)
    app.configure_task(WRITE, queue="upkeep").defer(export_id=export.pk)
    return export


@transaction.atomic
def note_export(*, reason: str, rows: int, at: datetime) -> Export:
    """Write down that everything was taken along by whoever runs the installation."""
    fields = {"format": "zip", "reason": reason, "rows": rows, "finished_at": at}
    export = Export.objects.create(what=WHAT, exported_at=at, **fields)
    audit.log("everything.exported", export, at=at)
    return export


def write_everything(*, export_id: int, clock: Clock) -> None:
    """Write the file of an export that was asked for. Nothing happens where it is written."""
    export = Export.objects.get(pk=export_id)
    if export.finished_at:
        return
    row = Export.objects.filter(pk=export_id)

    def told(done: int, total: int) -> None:
        row.update(done=done, total=total, beat_at=clock())

    is_kept = False
    while not is_kept:
        erased = number_erased()
        with tempfile.TemporaryFile() as file:
            rows = dump(file, at=clock(), told=told)
            is_kept = keep(export, file, rows, clock(), erased=erased)


@transaction.atomic
def keep(export: Export, file: IO[bytes], rows: int, at: datetime, *, erased: int) -> bool:
    """Keep a file, unless somebody who stands in it was erased since; return whether it is."""
    let_no_erasure_begin()
    if number_erased() != erased:
        return False
    file.seek(0)
    stored = store(
        name=f"soutien-{local_day(at)}-{export.pk}.zip",
        content_type="application/zip",
        chunks=iter(lambda: file.read(PIECE), b""),
        at=at,
        by=export.exported_by,
        is_confidential=True,
    )
    Export.objects.filter(pk=export.pk).update(file=stored, rows=rows, finished_at=at)
    return True


def number_erased() -> int:
    """Return how many were ever erased: it only grows."""
    return Supporter.objects.exclude(erased_at=None).count()


def let_no_erasure_begin() -> None:
    """Let erasures, which delete these files, and what keeps them wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('soutien.archives', 0))")


def file_of(*, export: Export, at: datetime, by: Any) -> StoredFile:
    """Return the file of an export, and write down that it is fetched. Raises NotThere."""
    if export.file is None or is_old(export, at):
        raise NotThere(export.pk)
    audit.log("everything.downloaded", export, by=by, at=at)
    return export.file


def is_old(export: Export, at: datetime) -> bool:
    return export.finished_at is not None and export.finished_at + KEPT <= at


def is_stuck(export: Export, at: datetime) -> bool:
    """Whether nobody writes at an export that is not finished."""
    last = export.beat_at or export.exported_at
    return export.finished_at is None and last + SILENT <= at


def delete_old(*, at: datetime) -> int:
    """Delete the files of exports that are a day old; return how many."""
    old = StoredFile.objects.filter(
        pk__in=Export.objects.filter(what=WHAT, finished_at__lte=at - KEPT)
        .exclude(file=None)
        .values("file")
    )
    number = old.count()
    old.delete()
    return number
