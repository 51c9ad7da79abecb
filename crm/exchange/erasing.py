"""Erasing somebody from what was imported and exported: files, and what was noted of rows."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.exchange.everything import let_no_erasure_begin
from crm.exchange.imports import BUSY
from crm.exchange.models import Export, Import, ImportMapping, ImportRow
from crm.exchange.originals import file_of
from crm.lib import reading
from crm.lib.sheets import BadFile, Detected
from crm.people.files import StoredFile
from crm.privacy.belongings import Person
from crm.privacy.fates import Fate
from crm.privacy.traces import Traces, traces_of

logger = logging.getLogger(__name__)
DONE = (Import.State.DONE, Import.State.UNDONE)


class BeingImported(Exception):
    """A file in which the person stands is being read now: they are erased once it is done."""


def plan(person: Person) -> list[Fate]:
    """Return what `erase` would do."""
    traces = traces_of(person)
    named = imports_that_name(person, traces)
    archives = Export.objects.exclude(file=None).count()
    searches, mappings = exports_that_name(traces).count(), mappings_that_name(traces).count()
    return [
        Fate("files of imports", _("files that were imported"), deleted=len(files_of(named))),
        Fate(
            "rows of nobody",
            _("imported rows that were not taken"),
            emptied=bad_rows_that_name(traces).count(),
        ),
        Fate("archives", _("archives of everything"), deleted=archives),
        Fate("crm.export", _("exports"), emptied=searches),
        Fate("crm.importmapping", _("remembered columns of files"), deleted=mappings),
    ]


def erase(person: Person, at: datetime) -> None:
    """Delete the files in which somebody stands, and what was noted of them.

    An import that was not run yet is given up with its file. Raises BeingImported.
    """
    traces = traces_of(person)
    named = imports_that_name(person, traces)
    if any(batch.state in BUSY for batch in named):
        raise BeingImported
    StoredFile.objects.filter(pk__in=files_of(named)).delete()
    for batch in named:
        forget_quotes(batch, traces)
    give_up(named, at=at)
    bad_rows_that_name(traces).update(before=None, after=None)
    let_no_erasure_begin()
    # Made of everything there was, and kept for a day: whoever needs one asks for another.
    archives = Export.objects.exclude(file=None)
    StoredFile.objects.filter(pk__in=list(archives.values_list("file", flat=True))).delete()
    exports_that_name(traces).update(filters={})
    mappings_that_name(traces).delete()


def imports_that_name(person: Person, traces: Traces) -> list[Import]:
    """Return the imports of whose files a row is about somebody, and those that quote it."""
    known = ImportRow.objects.filter(supporter__in=person.ids).values("batch")
    quoted = traces.in_any("detected", "preview", "options", "name", "error")
    certain = Import.objects.filter(Q(pk__in=known) | quoted).select_related("file")
    found = {batch.pk: batch for batch in certain}
    others = Import.objects.exclude(pk__in=found).select_related("file")
    for batch in others:
        if names_in_file(batch, traces):
            found[batch.pk] = batch
    return list(found.values())


def names_in_file(batch: Import, traces: Traces) -> bool:
    """Whether somebody stands in the file, read as the import reads it; the rejects are of it."""
    if batch.file is None:
        return False
    try:
        with file_of(batch) as file:
            lines = reading.lines_of(file, Detected.from_json(batch.detected))
            return any(is_about(line.cells, batch, traces) for line in lines)
    except (BadFile, KeyError, TypeError):
        # What cannot be read cannot be searched: it goes, as if they stood in it.
        logger.warning("the file of import %s cannot be read, and is deleted", batch.pk)
        return True


def is_about(cells: list[str], batch: Import, traces: Traces) -> bool:
    """Whether a row of a file is about somebody.

    A file that waits is not given up for a namesake, whom an address of their own tells apart.
    """
    if not traces.stand_in_row(cells):
        return False
    is_certain = batch.state in DONE or any(traces.are_sure_in(cell) for cell in cells)
    return is_certain or not any("@" in cell for cell in cells)


def files_of(batches: Iterable[Import]) -> list[int]:
    return [key for batch in batches for key in (batch.file_id, batch.rejects_id) if key]


def forget_quotes(batch: Import, traces: Traces) -> None:
    """Empty what quotes somebody. How the columns are read stays, where it does not."""
    for name, plain in {"preview": {}, "detected": {}, "options": {}, "error": ""}.items():
        if traces.stand_in(str(getattr(batch, name))):
            setattr(batch, name, plain)
    if traces.stand_in(batch.name):
        batch.name = f"import-{batch.pk}"
    batch.save(update_fields=["preview", "detected", "options", "error", "name"])


def bad_rows_that_name(traces: Traces) -> QuerySet[ImportRow]:
    """Return rows of which nobody came, whose reasons quote somebody."""
    nobodys = ImportRow.objects.filter(supporter=None)
    return nobodys.filter(traces.in_any("before", "after"))


def give_up(batches: Iterable[Import], *, at: datetime) -> None:
    """Let staff know why a file that they had not imported yet is gone."""
    waiting = {Import.State.UPLOADED, Import.State.CHECKED, Import.State.FAILED}
    keys = [batch.pk for batch in batches if batch.state in waiting and batch.file_id]
    with translation.override(settings.LANGUAGE_CODE):
        why = str(BadFile("erased"))
    Import.objects.filter(pk__in=keys).update(
        state=Import.State.FAILED, error=why, finished_at=at, stage=""
    )


def exports_that_name(traces: Traces) -> QuerySet[Export]:
    return Export.objects.filter(traces.in_any("filters"))


def mappings_that_name(traces: Traces) -> QuerySet[ImportMapping]:
    return ImportMapping.objects.filter(traces.in_any("mapping", "options"))
