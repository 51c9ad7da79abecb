"""The upkeep of the job queue itself."""

import logging

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

KEEP_HOURS = 72
logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="queue.retry_stalled_jobs", queueing_lock="retry_stalled_jobs")
def retry_stalled_jobs(timestamp: int) -> None:
    """Queue again whatever a worker was doing when it died: its heartbeat tells."""
    for job in async_to_sync(app.job_manager.get_stalled_jobs)():
        logger.warning("job %s (%s) is queued again: its worker died", job.id, job.task_name)
        async_to_sync(app.job_manager.retry_job)(job)


@app.periodic(cron="17 3 * * *")
@app.task(queue="upkeep", name="queue.forget_finished_jobs")
def forget_finished_jobs(timestamp: int) -> None:
    """Delete jobs that ended well some days ago."""
    async_to_sync(app.job_manager.delete_old_jobs)(nb_hours=KEEP_HOURS)
