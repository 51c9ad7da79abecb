"""Background work of packs for the authority."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.campaigns import delivering


@app.task(queue="upkeep", name=delivering.MAKE)
def make_delivery(delivery_id: int) -> None:
    """Make a pack that staff asked for."""
    delivering.make_delivery(delivery_id=delivery_id, clock=timezone.now)


@app.periodic(cron="37 4 * * *")
@app.task(queue="upkeep", name="campaigns.delete_old_lists", queueing_lock="delete_old_lists")
def delete_old_lists(timestamp: int) -> None:
    """Delete lists of signers that were made a month ago."""
    delivering.delete_old_lists(now=timezone.now())
