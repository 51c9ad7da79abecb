"""The searches for duplicates through everybody: asked for, begun, ended."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from crm import audit
from crm.people.duplicates import MatchRun
from crm.people.matching import read_all

SEARCH = "people.search_duplicates"
State = MatchRun.State


def start(*, at: datetime, by: Any = None) -> MatchRun:
    """A search waits for a worker; when one waits already, it is that one."""
    waiting = MatchRun.objects.filter(state=State.WAITING).first()
    if waiting is not None:
        return waiting
    try:
        with transaction.atomic():
            run = MatchRun.objects.create(started_at=at, started_by=by)
            app.configure_task(SEARCH, queue="matching").defer(run_id=run.pk)
            audit.log("matchrun.started", run, by=by, at=at)
    except IntegrityError:  # somebody pressed the button in the same moment
        run = MatchRun.objects.get(state=State.WAITING)
    return run


@transaction.atomic
def begin(*, run_id: int, at: datetime) -> MatchRun | None:
    """The search runs, and will see everybody who came before; None when it ended already.

    One whose worker died is begun again by its next job.
    """
    run = MatchRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.state in (State.DONE, State.FAILED):
        return None
    died = MatchRun.objects.filter(state=State.RUNNING).exclude(pk=run.pk)
    died.update(state=State.FAILED, finished_at=at)
    run.state, run.beat_at = State.RUNNING, at
    run.save(update_fields=["state", "beat_at"])
    read_all()
    return run


def end(*, run: MatchRun, at: datetime, is_done: bool = True) -> None:
    """The search ended, well or not."""
    run.state, run.finished_at = State.DONE if is_done else State.FAILED, at
    run.save(update_fields=["state", "finished_at"])


def latest() -> MatchRun | None:
    return MatchRun.objects.select_related("started_by").order_by("-pk").first()
