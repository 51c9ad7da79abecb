"""How often the pages of campaigns are seen, counted by the process that shows them.

What is seen in one second, of a campaign and from a source, is one row, however many they are: a
flood of views is no flood of rows. A process that is killed loses the second that it had not
written. Nobody is told apart: who loads a page twice has seen it twice.
"""

import logging
import threading
from collections import Counter
from datetime import date, datetime

from django.db import DatabaseError, connections

from crm.campaigns.counting import SignatureDelta, Step
from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail, find_source, plain_source, source_of
from crm.lib.periods import local_day

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds
MOST = 1000  # kinds of views in that time
# Anybody can write any source into an address; a page that is seen makes no more than these of
# them. What comes beyond is counted to its channel.
NEW_SOURCES = 100  # an hour, for each process

Seen = tuple[int, date, int, str]
lock = threading.Lock()
waiting: Counter[Seen] = Counter()
made: Counter[int] = Counter()


def note_view(*, campaign: Campaign, trail: Trail, language: str, at: datetime) -> None:
    """Count that a page was seen; it is written within the second."""
    seen = (campaign.pk, local_day(at), source_for(trail, at=at), language)
    with lock:
        is_first = not waiting
        if seen in waiting or len(waiting) < MOST:
            waiting[seen] += 1
    if not EVERY:
        write()
    elif is_first:
        timer = threading.Timer(EVERY, write_alone)
        timer.daemon = True
        timer.start()


def source_for(trail: Trail, *, at: datetime) -> int:
    """Return the source that a view is counted to."""
    known = find_source(trail)
    if known is not None:
        return known.pk
    hour = int(at.timestamp()) // 3600
    with lock:
        made[hour] += 1
        may_make = made[hour] <= NEW_SOURCES
        for past in [each for each in made if each != hour]:
            del made[past]
    return (source_of(trail) if may_make else plain_source(trail)).pk


def write() -> None:
    """Write what was seen since the last time."""
    with lock:
        seen = list(waiting.items())
        waiting.clear()
    SignatureDelta.objects.bulk_create(
        SignatureDelta(
            campaign_id=campaign,
            day=day,
            source_id=source,
            language=language,
            step=Step.VIEW,
            number=number,
        )
        for (campaign, day, source, language), number in seen
    )


def write_alone() -> None:
    """Write in a thread of its own, which leaves no connection behind."""
    try:
        write()
    except DatabaseError:
        logger.warning("the views of a second were not counted", exc_info=True)
    finally:
        connections.close_all()
