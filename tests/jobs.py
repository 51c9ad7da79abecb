"""Running the jobs that a test has caused, in the test's own process and transaction."""

import json
import time

from django.db import connection
from procrastinate.contrib.django import app

NEXT = """
DELETE FROM procrastinate_jobs WHERE id = (
    SELECT id FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id LIMIT 1
) RETURNING task_name, args
"""


def run_jobs() -> list[str]:
    """Run what is queued, also what that queues; return the names of the tasks, in order."""
    done = []
    while job := next_job():
        name, arguments = job
        app.tasks[name].func(**arguments)
        done.append(name)
    return done


def run_periodic(name: str) -> None:
    """Run a periodic job as its clock would."""
    app.perform_import_paths()
    app.tasks[name].func(timestamp=int(time.time()))


def next_job():
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        job = cursor.fetchone()
    return job and (job[0], json.loads(job[1]))


def forget_jobs() -> None:
    """Empty the queue, as if the jobs had been lost."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
