"""Confirmed signatures, from the tallies and the deltas that they do not hold yet.

Both are read in one statement, so each figure is exact at every moment.
"""

from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd
from django.utils.translation import gettext
from django_countries import countries

from crm.campaigns.sources import CHANNELS
from crm.lib.regions import PROVINCES
from crm.people.models import LANGUAGES
from crm.reports.query import OF_CAMPAIGN, frame, row
from crm.reports.scope import Scope
from crm.reports.steps import Step, in_steps, step_for

# The counter's part of the deltas.
UNFOLDED = "crm_signaturedelta WHERE step = 'confirm'"
COUNTED = f"""(
    SELECT day, campaign_id, number FROM crm_daytally
    UNION ALL SELECT day, campaign_id, number FROM {UNFOLDED}
) AS counted"""

FIRST_DAY = f"SELECT min(day) FROM {COUNTED} WHERE {OF_CAMPAIGN}"

TOTALS = f"""
SELECT coalesce(sum(number), 0)::bigint,
       coalesce(sum(number) FILTER (WHERE day >= %(start)s AND day < %(end)s), 0)::bigint,
       coalesce(sum(number) FILTER (WHERE day >= %(week)s AND day < %(today)s), 0)::bigint,
       coalesce(sum(number) FILTER (WHERE day >= %(fortnight)s AND day < %(week)s), 0)::bigint
FROM {COUNTED} WHERE {OF_CAMPAIGN}
"""

# What was counted before the period comes as one row without a day.
DAILY = f"""
SELECT CASE WHEN day >= %(start)s THEN day END AS day, sum(number)::bigint AS number
FROM {COUNTED} WHERE day < %(end)s AND {OF_CAMPAIGN}
GROUP BY 1 ORDER BY 1
"""

BY_CHANNEL = f"""
SELECT channel AS code, sum(number)::bigint AS number FROM (
    SELECT day, campaign_id, source_id, number FROM crm_sourcetally
    UNION ALL SELECT day, campaign_id, source_id, number FROM {UNFOLDED}
) AS counted JOIN crm_source ON crm_source.id = source_id
WHERE day >= %(start)s AND day < %(end)s AND {OF_CAMPAIGN}
GROUP BY 1 HAVING sum(number) <> 0
"""

BY_REGION = f"""
SELECT country, region, sum(number)::bigint AS number FROM (
    SELECT day, campaign_id, country, region, number FROM crm_regiontally
    UNION ALL SELECT day, campaign_id, country, region, number FROM {UNFOLDED}
) AS counted
WHERE day >= %(start)s AND day < %(end)s AND {OF_CAMPAIGN}
GROUP BY 1, 2 HAVING sum(number) <> 0
"""

BY_LANGUAGE = f"""
SELECT language AS code, sum(number)::bigint AS number FROM (
    SELECT day, campaign_id, language, number FROM crm_languagetally
    UNION ALL SELECT day, campaign_id, language, number FROM {UNFOLDED}
) AS counted
WHERE day >= %(start)s AND day < %(end)s AND {OF_CAMPAIGN}
GROUP BY 1 HAVING sum(number) <> 0
"""


class Totals(NamedTuple):
    ever: int
    in_period: int
    last_week: int  # the last seven days that are over
    week_before: int


class OverTime(NamedTuple):
    step: Step
    before: int  # what was counted before the period
    steps: pd.DataFrame  # start, last, number, total, complete


class Share(NamedTuple):
    label: str
    number: int


def first_day(campaign: int | None) -> date | None:
    return row(FIRST_DAY, {"campaign": campaign})[0]


def totals(scope: Scope, *, today: date) -> Totals:
    weeks = {
        "today": today,
        "week": today - timedelta(days=7),
        "fortnight": today - timedelta(days=14),
    }
    return Totals(*row(TOTALS, scope.parameters | weeks))


def over_time(scope: Scope, *, today: date) -> OverTime:
    """New signatures per step, and all there were by the end of each."""
    days = frame(DAILY, scope.parameters)
    before = int(days.loc[days["day"].isna(), "number"].sum())
    counted = days.dropna(subset="day").astype({"number": "int64"}).set_index("day")
    step = step_for(scope.period)
    steps = in_steps(counted, scope.period, step, today=today, is_open=before == 0)
    return OverTime(step, before, steps.assign(total=before + steps["number"].cumsum()))


def by_channel(scope: Scope) -> list[Share]:
    return shares(frame(BY_CHANNEL, scope.parameters), CHANNELS)


def by_language(scope: Scope) -> list[Share]:
    return shares(frame(BY_LANGUAGE, scope.parameters), dict(LANGUAGES))


def by_region(scope: Scope) -> pd.DataFrame:
    """Signatures per country and region; `countries_of` and `provinces_of` read it."""
    return frame(BY_REGION, scope.parameters)


def countries_of(regions: pd.DataFrame) -> list[Share]:
    codes = regions.groupby("country", as_index=False)["number"].sum()
    named = {code: countries.name(code) for code in codes["country"]}
    return shares(codes.rename(columns={"country": "code"}), named)


def provinces_of(regions: pd.DataFrame) -> list[Share]:
    """The Belgian part."""
    belgian = regions[regions["country"] == "BE"]
    return shares(belgian.rename(columns={"region": "code"})[["code", "number"]], PROVINCES)


def shares(codes: pd.DataFrame, names: dict) -> list[Share]:
    """Codes and numbers under their names, the most first."""
    found = [
        Share(str(names.get(code) or code or gettext("Unknown")), int(number))
        for code, number in codes.itertuples(index=False)
    ]
    return sorted(found, key=lambda share: (-share.number, share.label))
