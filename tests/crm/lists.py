"""Importing in tests: from a text to what became of it, through the operations and their jobs."""

from crm.exchange import imports
from crm.exchange.models import Import
from crm.exchange.options import Options
from tests.conftest import NOW
from tests.jobs import run_jobs


def upload(text: str | bytes, *, kind: str = "", name: str = "list.csv") -> Import:
    data = text.encode() if isinstance(text, str) else text
    return imports.start(chunks=[data], name=name, at=NOW, kind=kind)


def described(text: str | bytes, *, kind: str = "", mapping=None, **options) -> Import:
    """A file that was kept and described, with the guessed mapping unless told."""
    batch = upload(text, kind=kind)
    kept = Options.from_json({**batch.options, **options})
    return imports.configure(
        batch=batch, mapping=mapping or batch.mapping, options=kept, at=NOW, kind=kind
    )


def checked(batch: Import) -> Import:
    imports.request_check(batch=batch, at=NOW)
    run_jobs()
    batch.refresh_from_db()
    assert batch.error == ""
    assert batch.state == Import.State.CHECKED
    return batch


def run(batch: Import, at=NOW) -> Import:
    imports.request_run(batch=batch, at=at)
    run_jobs()
    batch.refresh_from_db()
    assert batch.error == ""
    assert batch.state == Import.State.DONE
    return batch


def imported(text: str | bytes, *, kind: str = "", mapping=None, **options) -> Import:
    return run(described(text, kind=kind, mapping=mapping, **options))


def undone(batch: Import, at=NOW) -> Import:
    imports.request_undo(batch=batch, at=at)
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == Import.State.UNDONE
    return batch


def counts(batch: Import) -> dict[str, int]:
    """Return the outcomes that occurred, and how often."""
    names = ("created", "updated", "unchanged", "skipped", "bad")
    found = {name: getattr(batch, name) for name in names if getattr(batch, name)}
    assert batch.read == sum(found.values())
    return found


def outcomes(batch: Import) -> list[tuple[int, str]]:
    return list(batch.rows.order_by("line").values_list("line", "outcome"))


def reasons(batch: Import) -> dict[int, list[str]]:
    rows = batch.rows.filter(outcome__in="bs").order_by("line")
    return {row.line: [each["reason"] for each in row.after["reasons"]] for row in rows}
