"""Background work of campaigns."""

from procrastinate.contrib.django import app

from crm.campaigns import tallies


@app.periodic(cron="* * * * *")
@app.task(queue="tallies", name="campaigns.fold_signatures", queueing_lock="fold_signatures")
def fold_signatures(timestamp: int) -> None:
    """Move what was signed since the last minute into the daily tallies."""
    while tallies.fold():
        continue
