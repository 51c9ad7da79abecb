"""Counting without a hot row: deltas are appended, then folded into daily tallies.

Deltas are steps of people: the counter's are those of the step "confirm". It is folded + unfolded,
read in one statement, so it is exact at every moment.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from django.db.models import Min

from crm.campaigns.counting import SignatureDelta, Step
from crm.campaigns.models import Campaign, Signature
from crm.lib.periods import local_day

# Which rows is asked once, as an array: joined to the table, whose size the planner cannot know,
# it might be asked for each row anew.
FOLD = """
WITH delta AS (
    DELETE FROM crm_signaturedelta WHERE id = ANY (ARRAY(
        SELECT id FROM crm_signaturedelta ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )) RETURNING *
), counted AS (
    SELECT * FROM delta WHERE step = 'confirm'
), by_day AS (
    INSERT INTO crm_daytally (day, campaign_id, number)
    SELECT day, campaign_id, sum(number) FROM counted GROUP BY day, campaign_id
    ORDER BY campaign_id, day
    ON CONFLICT (campaign_id, day)
    DO UPDATE SET number = crm_daytally.number + excluded.number
), by_source AS (
    INSERT INTO crm_sourcetally (day, campaign_id, source_id, number)
    SELECT day, campaign_id, source_id, sum(number) FROM counted
    GROUP BY day, campaign_id, source_id ORDER BY campaign_id, day, source_id
    ON CONFLICT (campaign_id, day, source_id)
    DO UPDATE SET number = crm_sourcetally.number + excluded.number
), by_region AS (
    INSERT INTO crm_regiontally (day, campaign_id, country, region, number)
    SELECT day, campaign_id, country, region, sum(number) FROM counted
    GROUP BY day, campaign_id, country, region ORDER BY campaign_id, day, country, region
    ON CONFLICT (campaign_id, day, country, region)
    DO UPDATE SET number = crm_regiontally.number + excluded.number
), by_language AS (
    INSERT INTO crm_languagetally (day, campaign_id, language, number)
    SELECT day, campaign_id, language, sum(number) FROM counted GROUP BY day, campaign_id, language
    ORDER BY campaign_id, day, language
    ON CONFLICT (campaign_id, day, language)
    DO UPDATE SET number = crm_languagetally.number + excluded.number
), by_way AS (
    INSERT INTO crm_waytally (day, campaign_id, way, number)
    SELECT day, campaign_id, way, sum(number) FROM counted GROUP BY day, campaign_id, way
    ORDER BY campaign_id, day, way
    ON CONFLICT (campaign_id, day, way)
    DO UPDATE SET number = crm_waytally.number + excluded.number
), by_step AS (
    INSERT INTO crm_steptally (day, campaign_id, source_id, step, number)
    SELECT day, campaign_id, source_id, step, sum(number) FROM delta
    WHERE step <> 'confirm' OR way = 'online'
    GROUP BY day, campaign_id, source_id, step ORDER BY campaign_id, step, day, source_id
    ON CONFLICT (campaign_id, step, day, source_id)
    DO UPDATE SET number = crm_steptally.number + excluded.number
)
SELECT count(*) FROM delta
"""

COUNT = """
SELECT coalesce((SELECT sum(number) FROM crm_daytally WHERE campaign_id = %(campaign)s), 0)
     + coalesce((SELECT sum(number) FROM crm_signaturedelta
                 WHERE campaign_id = %(campaign)s AND step = 'confirm'), 0)
"""
# Advisory locks of our own. Whoever takes somebody from a sharer is alone; those who come may come
# together, until one is the first.
LEAVES, COMES, IS_FIRST = (
    f"SELECT pg_advisory_xact_lock{how}({key}, (%(sharer)s %% 1024)::int)"
    for key, how in ((2826, ""), (2826, "_shared"), (2827, ""))
)
ALL_LEAVE = "SELECT pg_advisory_xact_lock(2826, sharer) FROM unnest(%s::int[]) AS sharer"
OTHERS = """
FROM crm_signature
WHERE referrer_id = %(sharer)s AND status = 'confirmed' AND id <> %(signature)s
"""
EARLIEST = f"""
SELECT coalesce(
    (SELECT confirmed_at {OTHERS} AND confirmed_at <= %(at)s LIMIT 1),
    (SELECT min(confirmed_at) {OTHERS})
)
"""


def append(*, signature: Signature, number: int, at: datetime) -> None:
    """Note a confirmed signature more (1) or less (-1), on the day it was confirmed."""
    row = delta_of(signature, Step.CONFIRM, at=at)
    row.number = number
    row.save()
    if signature.referrer_id is not None:
        note_bringer(signature, number, at=at)


def note_step(*, signature: Signature, step: Step, at: datetime) -> None:
    """Note that a signer took a step; whoever calls knows that it is their first of its kind."""
    delta_of(signature, step, at=at).save()


def note_bringer(signature: Signature, number: int, *, at: datetime) -> None:
    """Keep whoever brought a signature counted once: on the day of the earliest that counts.

    The step moves on, or goes, when that one is withdrawn.
    """
    others = earliest_beside(signature, LEAVES if number < 0 else COMES, at=at)
    if number > 0 and others is None:
        others = earliest_beside(signature, IS_FIRST, at=at)
    without = others and local_day(others)
    together = local_day(min(others or at, at))
    was, now = (without, together) if number > 0 else (together, without)
    if was != now and (sharer := signature.referrer) is not None:
        move_step(sharer, was, now)


def note_bringers(withdrawn: Iterable[Signature]) -> None:
    """Do the same for all who brought signatures that were withdrawn together, just now."""
    gone: dict[int, datetime] = {}
    for row in withdrawn:
        if row.referrer_id is not None and row.confirmed_at is not None:
            gone[row.referrer_id] = min(
                gone.get(row.referrer_id, row.confirmed_at), row.confirmed_at
            )
    if not gone:
        return
    with connection.cursor() as cursor:
        cursor.execute(ALL_LEAVE, [sorted({sharer % 1024 for sharer in gone})])
    others = Signature.objects.confirmed().filter(referrer__in=gone).order_by()
    left = dict(others.values_list("referrer").annotate(first=Min("confirmed_at")))
    for sharer in Signature.objects.filter(pk__in=gone).order_by("pk"):
        after = left.get(sharer.pk)
        before = min(gone[sharer.pk], after or gone[sharer.pk])
        move_step(sharer, local_day(before), after and local_day(after))


def earliest_beside(signature: Signature, lock: str, *, at: datetime) -> datetime | None:
    """Return when the first other signature that its sharer brought was confirmed.

    Of those that were by the moment `at`, any will do: through a link come thousands.
    """
    values = {"sharer": signature.referrer_id, "signature": signature.pk, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(lock, values)
        cursor.execute(EARLIEST, values)
        return cursor.fetchone()[0]


def move_step(sharer: Signature, was: date | None, now: date | None) -> None:
    """Let it be on another day that somebody brought their first, or on none."""
    for day, number in ((was, -1), (now, 1)):
        if day is not None and was != now:
            row = delta_of(sharer, Step.BRING, at=sharer.signed_at)
            row.day, row.number = day, number
            row.save()


def delta_of(signature: Signature, step: Step, *, at: datetime) -> SignatureDelta:
    """Return the row that notes a step of a signer once, not yet written."""
    return SignatureDelta(
        campaign_id=signature.campaign_id,
        day=local_day(at),
        source_id=signature.source_id,
        country=str(signature.country),
        region=signature.region,
        language=signature.language,
        way=signature.way,
        step=step,
        number=1,
    )


def fold(*, batch: int = 10_000) -> int:
    """Move up to `batch` deltas into the tallies, in one statement; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, {"batch": batch})
        return cursor.fetchone()[0]


def count(campaign: Campaign) -> int:
    """Return the confirmed signatures of a campaign, exactly, without reading a signature."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"campaign": campaign.pk})
        return int(cursor.fetchone()[0])
