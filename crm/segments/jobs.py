"""Background work of segments: lists of members, and numbers."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.lib.periods import local_day
from crm.people.segments import Segment
from crm.segments import audience, operations
from crm.segments.members import TooSlow
from crm.segments.tree import Invalid

PATIENCE = 120_000  # milliseconds, at night
logger = logging.getLogger(__name__)


@app.task(queue="upkeep", name=operations.REFRESH)
def refresh(segment_id: int, draw_again: bool = False) -> None:
    """Make the list of an audience's members anew."""
    now = timezone.now()
    audience.refresh(segment_id=segment_id, at=now, today=local_day(now), draw_again=draw_again)


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", name="segments.catch_up", queueing_lock="segments.catch_up")
def catch_up(timestamp: int) -> None:
    """Look again at the supporters who changed."""
    of_each(
        audiences(), lambda pk, now: audience.catch_up(segment_id=pk, at=now, today=local_day(now))
    )


@app.periodic(cron="23 2 * * *")
@app.task(queue="upkeep", name="segments.refresh_all", queueing_lock="segments.refresh_all")
def refresh_all(timestamp: int) -> None:
    """Look at everybody again: days pass, and "in the last 30 days" is about other days."""
    of_each(
        audiences(), lambda pk, now: audience.refresh(segment_id=pk, at=now, today=local_day(now))
    )
    others = Segment.objects.filter(is_audience=False).order_by("pk")
    of_each(others.values_list("pk", flat=True), count)


def audiences() -> Iterable[int]:
    return Segment.objects.filter(is_audience=True).order_by("pk").values_list("pk", flat=True)


def count(segment_id: int, now: datetime) -> None:
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is not None:
        operations.recount(segment=segment, at=now, patience=PATIENCE)


def of_each(keys: Iterable[int], work: Callable[[int, datetime], object]) -> None:
    """Do something with each segment; one whose conditions no longer work stops no other."""
    for pk in list(keys):
        try:
            work(pk, timezone.now())
        except (Invalid, TooSlow):
            logger.warning("segment %s could not be looked at", pk)
