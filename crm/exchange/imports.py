"""What may happen to a file on its way in: kept, described, checked, run, undone."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from crm import audit
from crm.campaigns.models import Campaign
from crm.exchange import jobs, presets
from crm.exchange.fields import fields_of
from crm.exchange.models import Import, ImportMapping, Kind
from crm.exchange.options import MODES, Options
from crm.exchange.originals import WrongState, file_of
from crm.exchange.outcomes import without_ours
from crm.lib import reading
from crm.lib.sheets import Detected
from crm.people.storing import opened, store

State = Import.State
# Until it has run, everything about an import may be changed.
OPEN = (State.UPLOADED, State.CHECKED, State.FAILED)
BUSY = (State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING)
NEEDED = {Kind.GIFTS: ("amount", "given_on")}
KEYS = {"email", "identifier", "given_name", "family_name", "full_name", "organisation"}
OWN_SYSTEMS = {"iban", "row"}
ROWS_OF_FILE = ("read", "created", "updated", "unchanged", "skipped", "bad", "done")

JOBS = {
    State.CHECKING: jobs.check_import,
    State.WAITING: jobs.run_import,
    State.UNDOING: jobs.undo_import,
}


class NotReady(Exception):
    """The import cannot be run as it is described: why, by a key each (see PROBLEMS)."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems)
        self.problems = problems


@transaction.atomic
def start(
    *,
    chunks: Iterable[bytes],
    name: str,
    at: datetime,
    by: Any = None,
    kind: str = "",
    content_type: str = "text/csv",
) -> Import:
    """Keep a file, and describe it as far as it describes itself.

    Raises BadFile and TooLarge, and then nothing was kept.
    """
    stored = store(
        name=name[:200],
        content_type=content_type,
        chunks=chunks,
        at=at,
        by=by,
        limit=settings.IMPORT_MAX_BYTES,
    )
    with opened(stored) as file:
        how = reading.detect(cast(BinaryIO, file), name)
    preset = presets.preset_of(how.columns)
    batch = Import(
        kind=kind or (preset.kind if preset else Kind.SUPPORTERS),
        file=stored,
        name=name[:200],
        detected=how.as_json(),
        created_at=at,
        created_by=by,
    )
    describe(batch, how)
    batch.save()
    audit.log("import.uploaded", batch, by=by, at=at, size=stored.size)
    return batch


def describe(batch: Import, how: Detected) -> None:
    """Map the columns as the last time a file had them, or as they seem to be."""
    preset = presets.preset_of(how.columns)
    remembered = ImportMapping.objects.filter(
        kind=batch.kind, columns_hash=hash_of(how.columns)
    ).first()
    options = Options()
    if preset and preset.kind == batch.kind:
        options = Options(
            preset=preset.name,
            system=preset.system,
            utc=preset.utc,
            constants=dict(preset.constants),
        )
    batch.mapping = presets.guess(how, batch.kind, preset)
    batch.options = options.as_json()
    if remembered is not None:
        batch.mapping = {column: remembered.mapping.get(column, "") for column in how.columns}
        batch.options = remembered.options
    batch.source_system = batch.options["system"]


def hash_of(columns: Iterable[str]) -> str:
    """Return the name of a set of columns, the same for a file and for its rejects."""
    return hashlib.sha256("\x1f".join(without_ours(columns)).casefold().encode()).hexdigest()


def look(batch: Import, **chosen: str | int) -> Detected:
    """Read the beginning of a file again, with a sample of its rows. Raises BadFile."""
    with file_of(batch) as file:
        kept = {
            name: value
            for name, value in batch.detected.items()
            if name in reading.OPTIONS and value and not batch.detected.get(DOUBTS.get(name, ""))
        }
        return reading.detect(file, batch.name, **{**kept, **chosen})


DOUBTS = {"dates": "doubtful_date", "decimal": "doubtful_number"}


@transaction.atomic
def read_as(*, batch: Import, **chosen: str | int) -> Import:
    """Read a file as somebody knows better: encoding, delimiter, header_line, sheet, dates…

    Where that changes the columns, they are mapped anew. Raises BadFile, WrongState.
    """
    locked = lock_before_run(batch)
    how = look(locked, **chosen)
    if list(how.columns) != list(locked.detected["columns"]):
        describe(locked, how)
    locked.detected, locked.state = how.as_json(), State.UPLOADED
    locked.save(update_fields=["detected", "mapping", "options", "source_system", "state"])
    return locked


@transaction.atomic
def configure(
    *, batch: Import, mapping: dict[str, str], options: Options, at: datetime, kind: str = ""
) -> Import:
    """Say what each column is and what the import may do; remember it for the next such file.

    `mapping` goes from a column's name to a field's. Raises NotReady, WrongState.
    """
    locked = lock_before_run(batch)
    locked.kind = kind or locked.kind
    if problems := problems_of(locked, mapping, options):
        raise NotReady(*problems)
    locked.mapping, locked.options = mapping, options.as_json() | {"at": ""}
    locked.source_system, locked.state = options.system, State.UPLOADED
    locked.save(update_fields=["kind", "mapping", "options", "source_system", "state"])
    ImportMapping.objects.update_or_create(
        kind=locked.kind,
        columns_hash=hash_of(locked.detected["columns"]),
        defaults={"mapping": mapping, "options": locked.options, "used_at": at},
    )
    return locked


def problems_of(batch: Import, mapping: dict[str, str], options: Options) -> list[str]:
    """Return what keeps an import from being run, as keys."""
    fields = [name for name in mapping.values() if name]
    used = set(fields) | set(options.constants)
    allowed = {field.name for field in fields_of(batch.kind)}
    says_yes = "newsletter" in fields or options.constants.get("newsletter") == "yes"
    found = {
        "column": not set(mapping) <= set(batch.detected["columns"]),
        "field": not set(fields) <= allowed,
        "field-twice": len(fields) != len(set(fields)),
        "nobody": not KEYS & used,
        "needed": any(name not in used for name in NEEDED.get(Kind(batch.kind), ())),
        "system": "identifier" in used and not is_name_of_system(options.system),
        "consent": says_yes and not options.consent.strip(),
        "mode": options.mode not in MODES or options.status not in {"confirmed", "pending"},
        "campaign": batch.kind == Kind.SIGNATURES and not campaign_exists(options.campaign),
    }
    return [problem for problem, holds in found.items() if holds]


def is_name_of_system(name: str) -> bool:
    """Whether it can be another system's: bank accounts and fingerprints of rows are ours."""
    return 0 < len(name) <= 20 and name.strip().lower() not in OWN_SYSTEMS


def campaign_exists(number: int | None) -> bool:
    return number is not None and Campaign.objects.filter(pk=number).exists()


@transaction.atomic
def request_check(*, batch: Import, at: datetime) -> Import:
    """Let a job find out what the import would do. Raises NotReady, WrongState."""
    locked = lock_before_run(batch)
    return queue(locked, State.CHECKING, at=at)


@transaction.atomic
def request_run(*, batch: Import, at: datetime, by: Any = None) -> Import:
    """Let a job run the import, or go on where one failed. Raises NotReady, WrongState."""
    locked = lock(batch, *OPEN)
    if locked.undone_at is not None:
        raise WrongState(locked.state)
    if not locked.options.get("at"):
        locked.options |= {"at": at.isoformat(), "reader": get_language() or ""}
        forget_outcomes(locked)
    audit.log("import.requested", locked, by=by, at=at)
    return queue(locked, State.WAITING, at=at)


@transaction.atomic
def request_undo(*, batch: Import, at: datetime, by: Any = None) -> Import:
    """Let a job take back what an import did. Raises WrongState."""
    locked = lock(batch, State.DONE, State.FAILED)
    if not locked.options.get("at"):
        raise WrongState(locked.state)
    locked.conflicts = []
    audit.log("import.undo-requested", locked, by=by, at=at)
    return queue(locked, State.UNDOING, at=at)


@transaction.atomic
def discard(*, batch: Import, at: datetime, by: Any = None) -> None:
    """Throw away a file that was not run. Raises WrongState."""
    locked = lock_before_run(batch)
    audit.log("import.discarded", locked, by=by, at=at)
    file = locked.file
    locked.delete()
    if file is not None:
        file.delete()


def queue(batch: Import, state: str, *, at: datetime) -> Import:
    """Write the state that says what a job is to do, and queue the job."""
    if state != State.UNDOING:
        problems = problems_of(batch, batch.mapping, Options.from_json(batch.options))
        if problems:
            raise NotReady(*problems)
    batch.state, batch.stage, batch.error, batch.beat_at = state, "", "", at
    batch.save()
    JOBS[State(state)].defer(batch_id=batch.pk)
    return batch


def forget_outcomes(batch: Import) -> None:
    """Begin to count anew."""
    batch.rows.all().delete()
    for name in ROWS_OF_FILE:
        setattr(batch, name, 0)


def lock_before_run(batch: Import) -> Import:
    """What has begun to run has a journal, which is what undoes it."""
    locked = lock(batch, *OPEN)
    if locked.options.get("at"):
        raise WrongState(locked.state)
    return locked


def lock(batch: Import, *states: str) -> Import:
    locked = Import.objects.select_for_update(of=("self",)).select_related("file").get(pk=batch.pk)
    if locked.state not in states:
        raise WrongState(locked.state)
    return locked
