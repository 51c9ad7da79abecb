"""Money and who gave it, in euros.

Sums come from the tallies and the deltas that these do not hold yet, in one statement, so they
are exact at every moment. People cannot be summed over days: they are counted from the gifts.
"""

from datetime import date
from typing import NamedTuple

import pandas as pd
from django.conf import settings

from crm.reports.query import OF_CAMPAIGN, frame, row
from crm.reports.scope import Scope
from crm.reports.steps import Step, in_steps

CURRENCY = "EUR"
COUNTED = """(
    SELECT day, campaign_id, currency, is_recurring, gifts, gross, fees, refunds FROM crm_gifttally
    UNION ALL
    SELECT day, campaign_id, currency, is_recurring, gifts, gross, fees, refunds FROM crm_giftdelta
) AS counted"""

FIRST_DAY = f"""
SELECT min(day) FROM {COUNTED} WHERE currency = %(currency)s AND {OF_CAMPAIGN}
"""

PER_MONTH = f"""
SELECT date_trunc('month', day)::date AS month,
       coalesce(sum(gross), 0)::bigint AS gross,
       coalesce(sum(fees), 0)::bigint AS fees,
       coalesce(sum(refunds), 0)::bigint AS refunds,
       coalesce(sum(gifts), 0)::bigint AS gifts,
       coalesce(sum(gross) FILTER (WHERE is_recurring), 0)::bigint AS gross_regular,
       coalesce(sum(gifts) FILTER (WHERE is_recurring), 0)::bigint AS gifts_regular
FROM {COUNTED}
WHERE currency = %(currency)s AND day >= %(start)s AND day < %(end)s AND {OF_CAMPAIGN}
GROUP BY 1
"""

# New: their first paid gift ever, to whatever campaign, was in that month.
DONORS = f"""
WITH given AS (
    SELECT DISTINCT supporter_id, date_trunc('month', received_on)::date AS month
    FROM crm_gift
    WHERE status = 'paid' AND kind <> 'in_kind' AND currency = %(currency)s
      AND received_on >= %(start)s AND received_on < %(end)s AND {OF_CAMPAIGN}
), firsts AS (
    SELECT supporter_id, min(received_on) AS day FROM crm_gift
    WHERE status = 'paid' AND kind <> 'in_kind' AND supporter_id IN (SELECT supporter_id FROM given)
    GROUP BY supporter_id
)
SELECT month,
       count(*) FILTER (WHERE firsts.day >= month) AS new,
       count(*) FILTER (WHERE firsts.day < month) AS returning
FROM given JOIN firsts USING (supporter_id)
GROUP BY month
"""

PEOPLE = f"""
SELECT (SELECT count(DISTINCT supporter_id) FROM crm_gift
        WHERE status = 'paid' AND kind <> 'in_kind' AND currency = %(currency)s
          AND received_on >= %(start)s AND received_on < %(end)s AND {OF_CAMPAIGN}),
       (SELECT count(*) FROM crm_gift
        WHERE status = 'failed' AND currency = %(currency)s
          AND given_at >= %(start)s::timestamp AT TIME ZONE %(zone)s
          AND given_at < %(end)s::timestamp AT TIME ZONE %(zone)s AND {OF_CAMPAIGN})
"""


class People(NamedTuple):
    donors: int
    failed: int  # payments that failed, and were not paid later


def first_day(campaign: int | None) -> date | None:
    """The first day of the month of the first movement of money."""
    day = row(FIRST_DAY, {"campaign": campaign, "currency": CURRENCY})[0]
    return day and day.replace(day=1)


def per_month(scope: Scope, *, today: date) -> pd.DataFrame:
    """Cents and numbers of gifts: all, one-off and monthly; `net` is what reached the bank."""
    months = monthly(PER_MONTH, scope, today=today)
    return months.assign(
        net=months["gross"] + months["fees"] + months["refunds"],
        gross_once=months["gross"] - months["gross_regular"],
        gifts_once=months["gifts"] - months["gifts_regular"],
    )


def donors_per_month(scope: Scope, *, today: date) -> pd.DataFrame:
    """How many gave: `new` for the first time ever, `returning` not."""
    return monthly(DONORS, scope, today=today)


def people(scope: Scope) -> People:
    zone = {"zone": settings.TIME_ZONE, "currency": CURRENCY}
    return People(*row(PEOPLE, scope.parameters | zone))


def monthly(sql: str, scope: Scope, *, today: date) -> pd.DataFrame:
    found = frame(sql, scope.parameters | {"currency": CURRENCY})
    counted = found.set_index("month").astype("int64")
    return in_steps(counted, scope.period, Step.MONTH, today=today)
