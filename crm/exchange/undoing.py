"""Taking back what an import did, but for what somebody has built on since.

Every step may be done twice: what is gone already is no conflict, and what was put back is crossed
out. So whoever goes on after a worker died begins anew.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.exchange import removing, reverting
from crm.exchange.models import Import
from crm.exchange.options import Options

State = Import.State
AT_ONCE = 20_000
MOST_CONFLICTS = 1000  # that are kept word for word
CONFLICTS = {
    "signature-changed": _("The signature was changed since, or withdrawn."),
    "gift-changed": _("The gift has something that came later: a receipt, a refund, a payment."),
    "person-changed": _("The person was changed since, or has done something since."),
    "person-merged": _("The person was merged with another record."),
    "field-changed": _("“%(field)s” was changed since."),
    "address-in-use": _("The e-mail address is the one we write to."),
}


def sentence(conflict: dict[str, Any]) -> str:
    """Say in the reader's language what was left as it is."""
    return str(CONFLICTS[conflict["reason"]]) % conflict


def undo(*, batch_id: int, now: datetime) -> None:
    """Take back an import, and list what could not be. Twice is harmless."""
    batch = Import.objects.get(pk=batch_id)
    if batch.state != State.UNDOING:
        return
    try:
        with pghistory.context(source=f"import:{batch_id}:undo", user=batch.created_by_id):
            undo_rows(batch, now=now)
    except Exception:
        # Staff may ask again; what is half undone is not gone on with (see `imports`).
        failed = Import.objects.filter(pk=batch_id)
        failed.update(state=State.FAILED, undone_at=now, error="", stage="")
        raise
    finish(batch, now=now)


def undo_rows(batch: Import, *, now: datetime) -> None:
    """First what people did, then what we learnt of them, then the people themselves."""
    values = {
        "batch": batch.pk,
        "source": f"import:{batch.pk}",
        "consents": f"import:{batch.pk}:%",
        "at": Options.from_json(batch.options).moment,
        "now": now,
        "system": batch.source_system,
        "zone": settings.TIME_ZONE,
    }
    steps = (removing.deeds, reverting.fields, removing.additions, removing.people)
    for step in steps:
        # From the last row to the first: what was changed twice goes back through both.
        for low, high in pieces(batch):
            with transaction.atomic():
                keep(batch, step(values | {"low": low, "high": high}))


def pieces(batch: Import) -> Iterator[tuple[int, int]]:
    """Yield ranges of lines, from the end of the file to its beginning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(line) FROM crm_importrow WHERE batch_id = %s", [batch.pk])
        last = cursor.fetchone()[0] or 0
    for high in range(last + 1, 0, -AT_ONCE):
        yield max(0, high - AT_ONCE), high


def keep(batch: Import, conflicts: list[dict[str, Any]]) -> None:
    """Add conflicts to the import's list, in the transaction that left things as they are."""
    locked = Import.objects.select_for_update().get(pk=batch.pk)
    new = [each for each in conflicts if each not in locked.conflicts]
    locked.conflicts = [*locked.conflicts, *new][:MOST_CONFLICTS]
    locked.beat_at = timezone.now()
    locked.save(update_fields=["conflicts", "beat_at"])


@transaction.atomic
def finish(batch: Import, *, now: datetime) -> None:
    batch.refresh_from_db()
    batch.conflicts.sort(key=lambda conflict: conflict["line"])
    batch.state, batch.stage, batch.undone_at = State.UNDONE, "", now
    batch.save(update_fields=["state", "stage", "undone_at", "conflicts"])
    audit.log("import.undone", batch, by=batch.created_by, at=now, conflicts=len(batch.conflicts))
