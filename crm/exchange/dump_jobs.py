"""Background work of exports."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.exchange import everything


@app.task(queue="upkeep", name=everything.WRITE)
def write_everything(export_id: int) -> None:
    """Write everything into a file that staff asked for."""
    everything.write_everything(export_id=export_id, clock=timezone.now)


@app.periodic(cron="23 * * * *")
@app.task(queue="upkeep", name="exchange.delete_old_exports", queueing_lock="delete_old_exports")
def delete_old_exports(timestamp: int) -> None:
    """Delete files with everything in them when they are a day old."""
    everything.delete_old(at=timezone.now())
