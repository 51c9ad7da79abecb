"""The daily tallies, counted from the raw rows at once."""

from collections import Counter
from datetime import date

from django.db import connection

from crm.demo import steps

# One pass over the signatures; the tallies are taken from what it leaves. Sheets count, too.
SIGNED = """
CREATE TEMPORARY TABLE demo_signed ON COMMIT DROP AS
SELECT (confirmed_at AT TIME ZONE 'Europe/Brussels')::date AS day,
       campaign_id, source_id, country, region, language, way, count(*)::int AS number,
       count(*) FILTER (WHERE newsletter_id IS NOT NULL OR appeals_id IS NOT NULL)::int AS agreed
FROM crm_signature WHERE status = 'confirmed'
GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT ends_on, campaign_id, source_id, country, region, language, way, valid, 0
FROM crm_sheet WHERE withdrawn_at IS NULL
"""
DAYS = """
INSERT INTO crm_daytally (day, campaign_id, number)
SELECT day, campaign_id, sum(number) FROM demo_signed GROUP BY 1, 2 ORDER BY 1, 2
"""
SOURCES = """
INSERT INTO crm_sourcetally (day, campaign_id, source_id, number)
SELECT day, campaign_id, source_id, sum(number) FROM demo_signed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
REGIONS = """
INSERT INTO crm_regiontally (day, campaign_id, country, region, number)
SELECT day, campaign_id, country, region, sum(number) FROM demo_signed
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
LANGUAGES = """
INSERT INTO crm_languagetally (day, campaign_id, language, number)
SELECT day, campaign_id, language, sum(number) FROM demo_signed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
WAYS = """
INSERT INTO crm_waytally (day, campaign_id, way, number)
SELECT day, campaign_id, way, sum(number) FROM demo_signed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
GIVEN = """
INSERT INTO crm_gifttally (day, campaign_id, currency, is_recurring, gifts, gross, fees, refunds)
SELECT entry.day, gift.campaign_id, entry.currency, gift.plan_id IS NOT NULL,
       count(*) FILTER (WHERE entry.kind = 'payment'),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'payment'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'fee'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind NOT IN ('payment', 'fee')), 0)
FROM crm_entry entry JOIN crm_gift gift ON gift.id = entry.gift_id
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
GIVEN_THROUGH = """
INSERT INTO crm_giftsourcetally (day, campaign_id, source_id, first_source_id, currency,
                                 is_recurring, gifts, gross, fees, refunds)
SELECT entry.day, gift.campaign_id, gift.source_id, gift.first_source_id, entry.currency,
       gift.plan_id IS NOT NULL,
       count(*) FILTER (WHERE entry.kind = 'payment'),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'payment'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'fee'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE entry.kind NOT IN ('payment', 'fee')), 0)
FROM crm_entry entry JOIN crm_gift gift ON gift.id = entry.gift_id
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
"""
# Where each donor first came from: by the earliest of their signatures, or of their gifts whose
# source is known; nothing where that is the gift's own.
FIRST_TOUCH = """
UPDATE crm_gift SET first_source_id = first.origin
FROM (
    SELECT gift.id, gift.source_id, (
        SELECT origin FROM (
            SELECT coalesce(first_source_id, source_id) AS origin, signed_at AS at
            FROM crm_signature
            WHERE supporter_id = gift.supporter_id AND confirmed_at IS NOT NULL
              AND ended <> 'not-me'
            UNION ALL
            SELECT source_id, given_at FROM crm_gift
            WHERE supporter_id = gift.supporter_id AND status = 'paid' AND source_id IS NOT NULL
        ) AS did WHERE at < gift.given_at ORDER BY at LIMIT 1
    ) AS origin
    FROM crm_gift gift
) AS first
WHERE first.id = crm_gift.id AND first.origin IS DISTINCT FROM first.source_id
"""
# A supporter's last change is the last thing they did, whichever it was.
TOUCHED = """
UPDATE crm_supporter SET modified_at = latest.at
FROM (
    SELECT supporter_id, max(modified_at) AS at FROM (
        SELECT supporter_id, modified_at FROM crm_gift
        UNION ALL
        SELECT supporter_id, modified_at FROM crm_signature WHERE campaign_id <> %(petition)s
    ) AS did GROUP BY supporter_id
) AS latest
WHERE latest.supporter_id = crm_supporter.id AND latest.at > crm_supporter.modified_at
"""
ANALYZE = """
ANALYZE crm_supporter, crm_signature, crm_consent, crm_consentstate, crm_comment, crm_plan,
        crm_gift, crm_entry, crm_daytally, crm_sourcetally, crm_regiontally, crm_languagetally,
        crm_gifttally, crm_source, crm_campaign, crm_receipt, crm_emailaddress, crm_phone,
        crm_postaladdress, crm_share, crm_waytally, crm_steptally, crm_giftsourcetally
"""


def count(*, gone: Counter[tuple[int, date, int]]) -> None:
    """Fill the tallies, which are empty, so that they equal the rows.

    `gone` are signatures that nobody confirmed in time, and that are deleted: they were sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE)
        for statement in (SIGNED, DAYS, SOURCES, REGIONS, LANGUAGES, WAYS, FIRST_TOUCH, GIVEN):
            cursor.execute(statement)
        cursor.execute(GIVEN_THROUGH)
    steps.count(gone=gone)


def settle(*, petition: int) -> None:
    """Date each supporter's last change, and let the planner know what came in."""
    touch(petition=petition)
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE)


def touch(*, petition: int) -> None:
    """Date each supporter's last change by what they did, where that is later."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"petition": petition})
