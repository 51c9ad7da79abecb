"""Background work of reports."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.reports import counting


@app.periodic(cron="40 * * * *")
@app.task(
    queue="tallies", name="reports.count_touched", queueing_lock="count_touched", lock="reports"
)
def count_touched(timestamp: int) -> None:
    """Count whom signers brought, and which became donors, where something happened since."""
    counting.count(counting.touched(), at=timezone.now())


@app.periodic(cron="50 3 * * *")
@app.task(queue="tallies", name="reports.count_all", queueing_lock="count_all", lock="reports")
def count_all(timestamp: int) -> None:
    """Count the same for every campaign."""
    counting.count(counting.every(), at=timezone.now())
