"""Background work of the mail outbox."""

import logging

from asgiref.sync import async_to_sync
from django.utils import timezone
from procrastinate.contrib.django import app

from crm.mailing import delivery

logger = logging.getLogger(__name__)


@app.task(queue="mail", name="mailing.deliver_mails")
def deliver_mails() -> None:
    """Send what is due. Each job carries a batch, so most of them find nothing left to do."""
    while delivery.deliver(now=timezone.now()):
        continue


@app.periodic(cron="* * * * *")
@app.task(queue="mail", name="mailing.deliver_postponed")
def deliver_postponed(timestamp: int) -> None:
    """Send again what could not be sent, and what a dead worker had claimed."""
    deliver_mails()


@app.periodic(cron="* * * * *")
@app.task(queue="mail", name="mailing.retry_stalled_jobs", queueing_lock="retry_stalled_jobs")
def retry_stalled_jobs(timestamp: int) -> None:
    """Queue again whatever a worker was doing when it died: its heartbeat tells."""
    for job in async_to_sync(app.job_manager.get_stalled_jobs)():
        logger.warning("job %s (%s) is queued again: its worker died", job.id, job.task_name)
        async_to_sync(app.job_manager.retry_job)(job)
