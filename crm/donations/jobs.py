"""Background work of donations."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.donations import receipts, tallies

RETRY = RetryStrategy(max_attempts=10, exponential_wait=4)


@app.task(queue="mail", name="donations.thank", retry=RETRY)
def thank(gift_id: int) -> None:
    """Issue the receipt of a paid gift and queue the thank-you mail that carries it."""
    receipts.thank(gift_id=gift_id, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="tallies", name="donations.fold_gifts", queueing_lock="fold_gifts")
def fold_gifts(timestamp: int) -> None:
    """Move what came in since the last minute into the daily tallies."""
    while tallies.fold():
        continue
