"""The daily tallies, counted from the raw rows at once."""

from django.db import connection

# One pass over the signatures; the four tallies are taken from what it leaves.
SIGNED = """
CREATE TEMPORARY TABLE demo_signed ON COMMIT DROP AS
SELECT (confirmed_at AT TIME ZONE 'Europe/Brussels')::date AS day,
       campaign_id, source_id, country, region, language, count(*)::int AS number
FROM crm_signature WHERE status = 'confirmed'
GROUP BY 1, 2, 3, 4, 5, 6
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
        crm_postaladdress
"""


def count() -> None:
    """Fill the tallies, which are empty, so that they equal the rows."""
    with connection.cursor() as cursor:
        for statement in (SIGNED, DAYS, SOURCES, REGIONS, LANGUAGES, GIVEN):
            cursor.execute(statement)


def settle(*, petition: int) -> None:
    """Date each supporter's last change, and let the planner know what came in."""
    touch(petition=petition)
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE)


def touch(*, petition: int) -> None:
    """Date each supporter's last change by what they did, where that is later."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"petition": petition})
