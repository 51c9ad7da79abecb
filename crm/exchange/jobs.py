"""Background work of imports."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.exchange import forgetting, running, undoing

# One import at a time: they would only wait for each other's rows.
LOCK = "exchange.imports"


@app.task(queue="imports", name="exchange.check_import", lock=LOCK)
def check_import(batch_id: int) -> None:
    """Find out what an import would do."""
    running.check(batch_id=batch_id, now=timezone.now())


@app.task(queue="imports", name="exchange.run_import", lock=LOCK)
def run_import(batch_id: int) -> None:
    """Run an import, or go on with it."""
    running.run(batch_id=batch_id, now=timezone.now())


@app.task(queue="imports", name="exchange.undo_import", lock=LOCK)
def undo_import(batch_id: int) -> None:
    """Take back what an import did."""
    undoing.undo(batch_id=batch_id, now=timezone.now())


@app.periodic(cron="41 3 * * *")
@app.task(queue="upkeep", name="exchange.forget_import_files")
def forget_import_files(timestamp: int) -> None:
    """Delete the files of imports of long ago."""
    forgetting.forget_files(now=timezone.now())
