"""Background work of partners."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.lib.periods import local_day
from crm.programmes import chasing


# Before the morning's mail about tasks.
@app.periodic(cron="10 5 * * *")
@app.task(queue="mail", name="programmes.chase_reports", queueing_lock="chase_reports")
def chase_reports(timestamp: int) -> None:
    """Ask colleagues for the reports of partners that are overdue."""
    now = timezone.now()
    chasing.chase_reports(day=local_day(now), at=now)
