"""Which signatures counted at a moment, row by row, without holding them in memory.

Counted at `as_of` is what was confirmed by then and is confirmed still, or was withdrawn only
later. A row says when it was last withdrawn and nothing of what was before: who withdrew and
signed again is not counted at moments before they confirmed again. A sheet counts from when it was
entered until it was withdrawn, by the numbers that it has now. Names stand only beside signatures
that count today: who withdrew since is counted at `as_of`, and not named.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from crm.campaigns.models import Campaign

AT_A_TIME = 2000
COUNTED = """
WITH sheet AS (
    SELECT id, number, way, ends_on, country, region, valid FROM crm_sheet
    WHERE campaign_id = %(campaign)s AND entered_at <= %(as_of)s
      AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s)
), counted AS (
    SELECT (signature.confirmed_at AT TIME ZONE %(zone)s)::date AS day, signature.country,
           signature.region, signature.way, coalesce(sheet.number, '') AS sheet, 1 AS number,
           signature.confirmed_at AS at, signature.id, signature.supporter_id,
           signature.status = 'confirmed' AS is_named
    FROM crm_signature AS signature LEFT JOIN sheet ON sheet.id = signature.sheet_id
    WHERE signature.campaign_id = %(campaign)s AND signature.confirmed_at <= %(as_of)s
      AND (signature.status = 'confirmed'
           OR (signature.status = 'withdrawn' AND signature.modified_at > %(as_of)s))
      AND signature.signed_at <= %(as_of)s
      AND (signature.sheet_id IS NULL OR sheet.id IS NOT NULL)
), unnamed AS (
    SELECT ends_on AS day, country, region, way, sheet.number AS sheet,
           valid - (SELECT count(*) FROM crm_signature WHERE sheet_id = sheet.id) AS number
    FROM sheet
)
"""
NAMED = """
SELECT day, given_name, family_name, country, region, way, sheet, number FROM (
    SELECT day, CASE WHEN is_named THEN given_name ELSE '' END AS given_name,
           CASE WHEN is_named THEN family_name ELSE '' END AS family_name,
           counted.country, counted.region, way, sheet, number, at, counted.id
    FROM counted JOIN crm_supporter ON crm_supporter.id = supporter_id
    UNION ALL
    SELECT day, '', '', country, region, way, sheet, number, NULL, NULL
    FROM unnamed WHERE number > 0
) AS line ORDER BY day, at NULLS LAST, id, sheet
"""
PLACES = """
SELECT day, '', '', country, region, way, '', sum(number) FROM (
    SELECT day, country, region, way, number FROM counted
    UNION ALL
    SELECT day, country, region, way, number FROM unnamed WHERE number > 0
) AS line GROUP BY day, country, region, way ORDER BY day, country, region, way
"""


class Line(NamedTuple):
    """A signature, or several of which nobody is named."""

    day: Any
    given_name: str
    family_name: str
    country: str
    region: str
    way: str
    sheet: str
    number: int


def lines(campaign: Campaign, *, as_of: datetime, has_names: bool) -> Iterator[Line]:
    """Yield what counted at a moment, in an order that is always the same.

    With names, a line for each signature and one for what is left of each sheet; without, one for
    all of a day, place and way. One statement reads it all, as it is when it begins.
    """
    values: dict[str, Any] = {"campaign": campaign.pk, "as_of": as_of, "zone": settings.TIME_ZONE}
    with connection.chunked_cursor() as cursor:
        cursor.execute(COUNTED + (NAMED if has_names else PLACES), values)
        while rows := cursor.fetchmany(AT_A_TIME):
            yield from map(line_of, rows)


def line_of(row: tuple[Any, ...]) -> Line:
    return Line._make([*row[:-1], int(row[-1])])
