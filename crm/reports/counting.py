"""Who brought how many, and which signers became donors: counted anew from the rows.

It costs by the number of those who were brought, and of those who gave; the rest of the
signatures are not looked at.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from crm.campaigns.models import Campaign
from crm.campaigns.shares import Medium
from crm.reports.counted import Counting
from crm.reports.query import rows

WINDOWS = (7, 14, 30)  # days after a signature in which those count whom it brought
OTHER = "other"
TOP = 50
# What is written while it is counted is counted the next time once more.
OVERLAP = timedelta(minutes=10)

ROOM = "SET LOCAL work_mem = '128MB'"

# A referrer who withdrew counts no more, and neither do those whom they brought by themselves.
REACH = """
WITH windows AS (SELECT unnest(%(windows)s::smallint[]) AS days),
brought AS (
    SELECT id, referrer_id, source_id, campaign_id, generation, confirmed_at,
           (confirmed_at AT TIME ZONE %(zone)s)::date AS day
    FROM crm_signature
    WHERE referrer_id IS NOT NULL AND campaign_id = ANY(%(campaigns)s)
      AND status = 'confirmed' AND way = 'online'
), pairs AS MATERIALIZED (
    SELECT bringer.id, bringer.campaign_id,
           (bringer.confirmed_at AT TIME ZONE %(zone)s)::date AS day,
           CASE WHEN bringer.referrer_id IS NULL THEN 0 ELSE bringer.generation END AS generation,
           CASE WHEN source.channel = 'share' AND source.utm_medium = ANY(%(media)s)
                THEN source.utm_medium ELSE %(other)s END AS medium,
           brought.confirmed_at - bringer.confirmed_at AS after
    FROM brought
    JOIN crm_signature bringer ON bringer.id = brought.referrer_id
     AND bringer.campaign_id = brought.campaign_id AND bringer.id <> brought.id
     AND bringer.status = 'confirmed' AND bringer.way = 'online'
    JOIN crm_source source ON source.id = brought.source_id
), by_generation AS (
    SELECT campaign_id, days, day, generation, brought, count(*) AS number FROM (
        SELECT campaign_id, days, day, generation, id, count(*) AS brought
        FROM pairs JOIN windows ON after <= days * interval '1 day'
        GROUP BY campaign_id, days, day, generation, id
    ) AS bringers GROUP BY campaign_id, days, day, generation, brought
), by_medium AS (
    SELECT campaign_id, days, day, medium, brought, count(*) AS number FROM (
        SELECT campaign_id, days, day, medium, id, count(*) AS brought
        FROM pairs JOIN windows ON after <= days * interval '1 day'
        GROUP BY campaign_id, days, day, medium, id
    ) AS bringers GROUP BY campaign_id, days, day, medium, brought
), nobody AS (
    SELECT signers.campaign_id, days, signers.day, signers.generation,
           signers.number - coalesce(sum(by_generation.number), 0) AS number
    FROM (SELECT campaign_id, day, generation, count(*) AS number
          FROM brought GROUP BY campaign_id, day, generation) AS signers
    CROSS JOIN windows
    LEFT JOIN by_generation USING (campaign_id, days, day, generation)
    GROUP BY signers.campaign_id, days, signers.day, signers.generation, signers.number
)
INSERT INTO crm_reach (campaign_id, "window", day, generation, medium, brought, number)
SELECT campaign_id, days, day, generation, '', brought, number FROM by_generation
UNION ALL SELECT campaign_id, days, day, generation, '', 0, number FROM nobody WHERE number > 0
UNION ALL SELECT campaign_id, days, day, NULL, medium, brought, number FROM by_medium
ORDER BY 1, 2, 3, 4, 5, 6
"""

SHARED = """
INSERT INTO crm_shared (campaign_id, "window", day, medium, number)
SELECT campaign_id, days, (confirmed_at AT TIME ZONE %(zone)s)::date, medium, count(*)
FROM crm_share share
JOIN crm_signature signature ON signature.id = share.signature_id
JOIN unnest(%(windows)s::smallint[]) AS days ON share.at - confirmed_at <= days * interval '1 day'
WHERE campaign_id = ANY(%(campaigns)s) AND status = 'confirmed' AND way = 'online'
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""

# What went back in full was no gift.
CONVERTED = """
WITH lost AS (
    SELECT gift_id FROM crm_entry
    JOIN crm_gift gift ON gift.id = gift_id AND gift.currency = crm_entry.currency
    WHERE crm_entry.kind IN ('refund', 'dispute', 'reversal')
    GROUP BY gift_id, gift.amount HAVING gift.amount + sum(crm_entry.amount) <= 0
), firsts AS (
    SELECT supporter_id, min(given_at) AS given_at FROM crm_gift
    WHERE status = 'paid' AND kind <> 'in_kind' AND id NOT IN (SELECT gift_id FROM lost)
    GROUP BY supporter_id
), signers AS (
    SELECT campaign_id, (confirmed_at AT TIME ZONE %(zone)s)::date AS day,
           newsletter_id IS NOT NULL OR appeals_id IS NOT NULL AS is_mailable,
           given_at - signed_at AS after
    FROM firsts JOIN crm_signature USING (supporter_id)
    WHERE campaign_id = ANY(%(campaigns)s) AND status = 'confirmed' AND way = 'online'
)
INSERT INTO crm_converted (campaign_id, day, is_mailable, had_given, in_30, in_90, in_365)
SELECT campaign_id, day, is_mailable,
       count(*) FILTER (WHERE after <= interval '0'),
       count(*) FILTER (WHERE after > interval '0' AND after <= interval '30 days'),
       count(*) FILTER (WHERE after > interval '0' AND after <= interval '90 days'),
       count(*) FILTER (WHERE after > interval '0' AND after <= interval '365 days')
FROM signers WHERE after <= interval '365 days'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

# Everybody is below each of those who brought them, directly or through others.
SHARERS = """
WITH RECURSIVE brought AS MATERIALIZED (
    SELECT id, referrer_id, campaign_id, supporter_id, signed_at, generation, status
    FROM crm_signature WHERE referrer_id IS NOT NULL AND campaign_id = ANY(%(campaigns)s)
), below AS (
    SELECT id, campaign_id, referrer_id AS above, generation AS of_child
    FROM brought WHERE status = 'confirmed'
    UNION ALL
    SELECT below.id, below.campaign_id, brought.referrer_id, brought.generation
    FROM below JOIN brought ON brought.id = below.above AND brought.generation < below.of_child
), ranked AS (
    SELECT above AS id, campaign_id, count(*) AS reached,
           row_number() OVER (PARTITION BY campaign_id ORDER BY count(*) DESC, above) AS place
    FROM below GROUP BY above, campaign_id
), top AS (
    SELECT ranked.* FROM ranked JOIN crm_signature signature USING (id, campaign_id)
    JOIN crm_supporter supporter ON supporter.id = supporter_id
    WHERE place <= %(top)s AND status = 'confirmed' AND supporter.erased_at IS NULL
), money AS (
    SELECT top.id, count(*) AS gifts, sum(kept) AS raised
    FROM top JOIN below ON below.above = top.id JOIN brought ON brought.id = below.id
    JOIN crm_gift gift ON gift.supporter_id = brought.supporter_id
     AND gift.given_at > brought.signed_at AND gift.currency = 'EUR'
    CROSS JOIN LATERAL (
        SELECT gift.amount + coalesce(sum(amount), 0) AS kept FROM crm_entry
        WHERE gift_id = gift.id AND currency = gift.currency
          AND kind IN ('refund', 'dispute', 'reversal')
    ) AS left_over
    WHERE gift.status = 'paid' AND gift.kind <> 'in_kind' AND kept > 0
    GROUP BY top.id
)
SELECT campaign_id, coalesce(jsonb_agg(jsonb_build_array(
           id, (SELECT count(*) FROM crm_signature
                WHERE referrer_id = top.id AND status = 'confirmed'),
           reached, coalesce(gifts, 0), coalesce(raised, 0)
       ) ORDER BY place), '[]')::text
FROM top LEFT JOIN money USING (id) GROUP BY campaign_id
"""

# Of what was shared only, the night hears.
TOUCHED = """
SELECT campaign.id FROM crm_campaign campaign
LEFT JOIN crm_counting counting ON counting.campaign_id = campaign.id
WHERE counting.id IS NULL
   OR EXISTS (SELECT FROM crm_signature
              WHERE modified_at > counted_at - %(overlap)s AND campaign_id = campaign.id)
   OR EXISTS (SELECT FROM crm_gift gift JOIN crm_signature signature USING (supporter_id)
              WHERE gift.modified_at > counted_at - %(overlap)s
                AND signature.campaign_id = campaign.id)
"""


def touched() -> list[int]:
    """Return the campaigns in which something happened since they were counted."""
    return [pk for (pk,) in rows(TOUCHED, {"overlap": OVERLAP})]


def every() -> list[int]:
    return list(Campaign.objects.values_list("pk", flat=True))


@transaction.atomic
def count(campaigns: Iterable[int], *, at: datetime) -> None:
    """Count these campaigns anew; until it is done, pages show what was counted before."""
    wanted = list(campaigns)
    with connection.cursor() as cursor:
        for table in ("crm_reach", "crm_shared", "crm_converted", "crm_counting"):
            cursor.execute(f"DELETE FROM {table} WHERE campaign_id = ANY(%s)", [wanted])
        cursor.execute(ROOM)
        for statement in (REACH, SHARED, CONVERTED):
            cursor.execute(statement, parameters(wanted))
        cursor.execute(SHARERS, parameters(wanted))
        sharers = {pk: json.loads(kept) for pk, kept in cursor.fetchall()}
    Counting.objects.bulk_create(
        Counting(campaign_id=pk, counted_at=at, sharers=sharers.get(pk, [])) for pk in wanted
    )


def parameters(campaigns: list[int]) -> dict[str, Any]:
    return {
        "campaigns": campaigns,
        "windows": list(WINDOWS),
        "media": Medium.values,
        "other": OTHER,
        "zone": settings.TIME_ZONE,
        "top": TOP,
    }
