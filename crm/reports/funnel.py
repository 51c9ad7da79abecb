"""From who sees a page to who gives every month, and how many signers become donors."""

from datetime import date
from typing import NamedTuple

from crm.campaigns.counting import Step
from crm.reports.query import OF_CAMPAIGN, rows
from crm.reports.rates import Rate, rate
from crm.reports.scope import Scope
from crm.reports.sources import CAMPAIGNS, DAYS, Line

HORIZONS = (30, 90, 365)  # days after signing
# Each step that has a rate: a part of which other step.
RATES = {
    Step.SUBMIT: Step.VIEW,
    Step.CONFIRM: Step.SUBMIT,
    Step.REPEAT: Step.SUBMIT,
    Step.CONSENT: Step.CONFIRM,
    Step.SHARE: Step.CONFIRM,
    Step.BRING: Step.SHARE,
    Step.GIVE: Step.CONFIRM,
    Step.MONTHLY: Step.GIVE,
}

# Signers of days that lie far enough back: all, and those whom we may write to.
SIGNED = f"""
SELECT days,
       coalesce(sum(number) FILTER (WHERE step = 'confirm'), 0)::bigint,
       coalesce(sum(number) FILTER (WHERE step = 'consent'), 0)::bigint
FROM unnest(%(horizons)s::int[]) AS days LEFT JOIN (
    SELECT day, step, sum(number) AS number FROM (
        SELECT day, step, number FROM crm_steptally
        WHERE campaign_id = ANY({CAMPAIGNS}) AND step = ANY(%(steps)s) AND {DAYS}
        UNION ALL
        SELECT day, step, number FROM crm_signaturedelta
        WHERE step = ANY(%(steps)s) AND way = 'online' AND {DAYS} AND {OF_CAMPAIGN}
    ) AS noted GROUP BY day, step
) AS signed ON day < %(today)s::date - days
GROUP BY days ORDER BY days
"""
GAVE = f"""
SELECT days, is_mailable, sum(had_given)::bigint,
       sum(CASE days WHEN 30 THEN in_30 WHEN 90 THEN in_90 ELSE in_365 END)::bigint
FROM unnest(%(horizons)s::int[]) AS days JOIN crm_converted ON day < %(today)s::date - days
WHERE campaign_id = ANY({CAMPAIGNS}) AND {DAYS}
GROUP BY 1, 2
"""


class Conversion(NamedTuple):
    """How many signers who had never given gave within some days; None: nobody signed so early."""

    days: int
    everybody: Rate | None
    mailable: Rate | None  # of those only whom we may write to


def rates(line: Line) -> dict[str, Rate | None]:
    """Return the rate of each step that has one."""
    return {str(part): rate(line(part), line(whole)) for part, whole in RATES.items()}


def conversions(scope: Scope, *, today: date) -> list[Conversion]:
    """Of each horizon, only of signers whose days are over."""
    asked = scope.parameters | {
        "today": today,
        "horizons": list(HORIZONS),
        "steps": [Step.CONFIRM.value, Step.CONSENT.value],
    }
    gave: dict[tuple[int, bool], tuple[int, int]] = {
        (days, is_mailable): (before, after)
        for days, is_mailable, before, after in rows(GAVE, asked)
    }
    return [
        converted(days, everybody, mailable, gave)
        for days, everybody, mailable in rows(SIGNED, asked)
    ]


def converted(
    days: int, everybody: int, mailable: int, gave: dict[tuple[int, bool], tuple[int, int]]
) -> Conversion:
    before, after = gave.get((days, True), (0, 0))
    other_before, other_after = gave.get((days, False), (0, 0))
    return Conversion(
        days,
        rate(after + other_after, everybody - before - other_before),
        rate(after, mailable - before),
    )
