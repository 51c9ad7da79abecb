"""The morning's mail about tasks."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.lib.periods import local_day
from crm.mailing import assigning


@app.periodic(cron="30 5 * * *")
@app.task(queue="mail", name="mailing.remind_of_tasks")
def remind_of_tasks(timestamp: int) -> None:
    """Tell each member of staff what is due or overdue; nobody hears it twice a day."""
    now = timezone.now()
    assigning.remind(day=local_day(now), at=now)
