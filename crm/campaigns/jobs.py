"""Background work of campaigns."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.campaigns import admitting, asking_again, tallies, waiting


@app.periodic(cron="* * * * *")
@app.task(queue="tallies", name="campaigns.fold_signatures", queueing_lock="fold_signatures")
def fold_signatures(timestamp: int) -> None:
    """Move what was signed since the last minute into the daily tallies."""
    while tallies.fold():
        continue


@app.periodic(cron="* * * * *")
@app.task(queue="tallies", name="campaigns.count_statuses", queueing_lock="count_statuses")
def count_statuses(timestamp: int) -> None:
    """Count what waits, is held back or was withdrawn, where that may have changed."""
    waiting.recount(at=timezone.now())


@app.task(queue="mail", name="campaigns.write_again")
def write_again(signature_id: int | None, email_id: int | None) -> None:
    """Send the mail of a signature again to one of its signer's addresses."""
    asking_again.write_again(signature_id=signature_id, email_id=email_id, at=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(queue="upkeep", name="campaigns.forget_proofs", queueing_lock="forget_proofs")
def forget_proofs(timestamp: int) -> None:
    """Delete the proofs of work that can be used no more."""
    admitting.forget_proofs(at=timezone.now())
