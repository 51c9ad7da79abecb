"""The queue looks after itself: what a dead worker was doing is done, what is done is deleted."""

import pytest
from django.db import connection

from crm.mailing.jobs import deliver_mails
from tests.jobs import run_jobs, run_periodic

pytestmark = pytest.mark.django_db


def start_job(heartbeat):
    """A job in the hands of a worker whose last sign of life is that old; None: pruned."""
    job = deliver_mails.defer()
    with connection.cursor() as cursor:
        if heartbeat is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - %s::interval) RETURNING id",
                [heartbeat],
            )
        worker = cursor.fetchone()[0] if heartbeat is not None else None
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker, job],
        )


@pytest.mark.parametrize("heartbeat", ["60 seconds", None])
def test_job_of_a_dead_worker_is_queued_again(heartbeat):
    start_job(heartbeat)

    run_periodic("queue.retry_stalled_jobs")

    assert run_jobs() == ["mailing.deliver_mails"]


def test_job_of_a_living_worker_is_left_to_it():
    start_job("5 seconds")

    run_periodic("queue.retry_stalled_jobs")

    assert run_jobs() == []


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (100, 0)])
def test_job_that_ended_well_is_deleted_after_some_days(hours, left):
    job = deliver_mails.defer()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job])
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(hours => %s)", [hours]
        )

    run_periodic("queue.forget_finished_jobs")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone()[0] == left
