"""The members of audiences, kept in step with what happens to supporters.

Set by set, in one statement, and without a lock on anything that others read: whoever reads sees
the members of before until the statement is through. Two at once on one audience wait for each
other; rows are written in the order of their keys, so that two on different ones cannot deadlock.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from crm.people.models import Change, Supporter
from crm.people.segments import Segment
from crm.segments.members import members_of

LOCK = 4_600_028  # with a segment's key: nobody else locks by these numbers
SETTINGS = "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
# Below it, every transaction is over: what it wrote is seen, and nothing can come in front.
SETTLED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# A part that is random, yet the same whenever it is drawn: by a hash of the two identifiers.
NOBODY = "SELECT 0::bigint AS id, 0::bigint AS supporter_id WHERE false"
DRAWN = """(get_byte(hash, 0) * 256 + get_byte(hash, 1)) * 100 < %(holdout)s * 65536"""
HASH = "sha256(convert_to(%(salt)s || supporter.public_id::text, 'UTF8'))"
REFRESH = f"""
WITH inside AS MATERIALIZED ({{members}}),
looked_at AS MATERIALIZED ({{looked_at}}),
entered AS (
    INSERT INTO crm_segmentmember (segment_id, supporter_id, since, is_held_out)
    SELECT %(segment)s, drawn.id, %(at)s, {DRAWN}
    FROM (SELECT supporter.id, {HASH} AS hash FROM crm_supporter supporter
          JOIN inside ON inside.id = supporter.id) drawn
    WHERE NOT EXISTS (SELECT 1 FROM crm_segmentmember known
                      WHERE known.segment_id = %(segment)s AND known.supporter_id = drawn.id)
    ORDER BY drawn.id
    ON CONFLICT (segment_id, supporter_id) DO NOTHING
    RETURNING supporter_id
), gone AS (
    DELETE FROM crm_segmentmember known
    WHERE known.segment_id = %(segment)s AND {{of_those}}
      AND NOT EXISTS (SELECT 1 FROM inside WHERE inside.id = known.supporter_id)
    RETURNING supporter_id
), told AS (
    INSERT INTO crm_change (supporter_id, kind, at)
    SELECT supporter_id, %(entered)s, %(at)s FROM entered
    UNION ALL SELECT supporter_id, %(left)s, %(at)s FROM gone
)
SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM gone)
"""  # noqa: S608 (of constants; values are parameters)
DRAW_AGAIN = f"""
UPDATE crm_segmentmember member SET is_held_out = drawn.held_out
FROM (SELECT id, {DRAWN} AS held_out
      FROM (SELECT member.id, {HASH} AS hash FROM crm_segmentmember member
            JOIN crm_supporter supporter ON supporter.id = member.supporter_id
            WHERE member.segment_id = %(segment)s) hashed) drawn
WHERE drawn.id = member.id AND member.is_held_out <> drawn.held_out
"""  # noqa: S608 (likewise)


@dataclass(frozen=True)
class Refreshed:
    entered: int
    left: int


def refresh(*, segment_id: int, at: datetime, today: date, draw_again: bool = False) -> Refreshed:
    """Let an audience have exactly the members for whom its conditions hold now.

    What is no audience any more has none. Who enters and leaves gets a line in the change feed.
    With `draw_again`, for another part held out: the larger one contains the smaller.
    """
    return walk(segment_id, at, today, is_whole=True, draw_again=draw_again)


def catch_up(*, segment_id: int, at: datetime, today: date) -> Refreshed:
    """Look again at the supporters who changed since the members were last looked at."""
    return walk(segment_id, at, today, is_whole=False, draw_again=False)


@transaction.atomic
def walk(
    segment_id: int, at: datetime, today: date, *, is_whole: bool, draw_again: bool
) -> Refreshed:
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, segment_id])
        cursor.execute(SETTLED)
        settled = cursor.fetchone()[0]
        segment = Segment.objects.filter(pk=segment_id).first()
        if segment is None:
            return Refreshed(0, 0)
        changed = None if is_whole else changed_since(segment.read_to, settled)
        cursor.execute(*statement(segment, at, today, changed))
        done = Refreshed(*cursor.fetchone())
        if draw_again:
            cursor.execute(DRAW_AGAIN, drawing(segment))
    note(segment, settled - 1, at)
    return done


def changed_since(read_to: int | None, settled: int) -> QuerySet[Change] | None:
    """The lines of the feed about other things than segments; None where all must be looked at."""
    if read_to is None:
        return None
    news = Change.objects.filter(transaction__gt=read_to, transaction__lt=settled)
    return news.exclude(kind__startswith="segment.")


def statement(
    segment: Segment, at: datetime, today: date, changed: QuerySet[Change] | None
) -> tuple[str, dict[str, Any]]:
    """Return the one statement that renews the members: all, or of those who changed."""
    members, of_those = inside(segment, today), "true"
    if changed is not None:
        members = members.filter(pk__in=changed.values("supporter"))
        of_those = "known.supporter_id IN (SELECT supporter_id FROM looked_at)"
    sql, values = named(members.values("id"), "inside")
    looked_at, more = NOBODY, dict[str, Any]()
    if changed is not None:
        looked_at, more = named(changed.values("supporter_id"), "changed")
    own = {
        "at": at,
        "entered": f"segment.entered:{segment.pk}",
        "left": f"segment.left:{segment.pk}",
    }
    renewing = REFRESH.format(members=sql, looked_at=looked_at, of_those=of_those)
    return renewing, {**drawing(segment), **own, **values, **more}


def inside(segment: Segment, today: date) -> QuerySet[Supporter]:
    if segment.is_audience:
        return members_of(segment, today=today)
    return Supporter.objects.filter(pk__in=[])


def drawing(segment: Segment) -> dict[str, Any]:
    return {"segment": segment.pk, "holdout": segment.holdout, "salt": str(segment.public_id)}


def named(rows: QuerySet[Any, Any], prefix: str) -> tuple[str, dict[str, Any]]:
    """Return a query with names for its parameters, so that it can stand inside another."""
    try:
        sql, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, {}
    places = count()
    sql = re.sub("%s|%%", lambda m: m[0] if m[0] == "%%" else f"%({prefix}{next(places)})s", sql)
    return sql, {f"{prefix}{place}": value for place, value in enumerate(given)}


def note(segment: Segment, read_to: int, at: datetime) -> None:
    """Remember how far the feed was heeded, and how many members there are."""
    known: dict[str, Any] = {"read_to": read_to}
    if segment.is_audience:
        known |= {"counted": segment.members.count(), "counted_at": at}
    Segment.objects.filter(pk=segment.pk).update(**known)
