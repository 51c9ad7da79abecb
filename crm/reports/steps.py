"""Days summed into the steps that a chart has room for: days, weeks or months."""

from datetime import date
from enum import StrEnum

import pandas as pd

from crm.lib.periods import Period


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


FREQUENCIES = {Step.DAY: "D", Step.WEEK: "W-SUN", Step.MONTH: "M"}  # weeks end on Sunday


def step_for(period: Period) -> Step:
    """Days for a quarter, weeks for two years, months beyond.

    >>> step_for(Period(date(2026, 1, 1), date(2026, 1, 31)))
    <Step.DAY: 'day'>
    """
    if period.days <= 92:
        return Step.DAY
    return Step.WEEK if period.days <= 2 * 366 else Step.MONTH


def in_steps(
    counted: pd.DataFrame, period: Period, step: Step, *, today: date, is_open: bool = False
) -> pd.DataFrame:
    """Sum rows, indexed by their day, into steps; those without rows are there, as 0.

    Adds `start` and `last`, the days of the step, and `complete`: false for the running step and
    for those that the period cuts. It cuts no first step when nothing lies before (`is_open`).
    """
    frequency = FREQUENCIES[step]
    steps = pd.period_range(period.start, period.last_day, freq=frequency)
    sums = counted.groupby(pd.PeriodIndex(counted.index, freq=frequency)).sum()
    result = sums.reindex(steps, fill_value=0)
    starts, lasts = steps.start_time, steps.end_time.normalize()
    begun = starts >= pd.Timestamp(period.start)
    over = lasts < pd.Timestamp(min(period.end, today))
    return result.assign(start=starts.date, last=lasts.date, complete=(begun | is_open) & over)
