"""When what is kept now will be deleted: the months to come, rule by rule."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.db.models.functions import TruncMonth

from crm.lib.periods import local_day, months_later
from crm.privacy.keeping import Part, Rule, before, rows_of
from crm.privacy.retention import kept_until

MONTHS = 12


@dataclass(frozen=True)
class Line:
    """How many rows of a rule will be due in each month; the first holds what is due already."""

    rule: Rule
    numbers: list[int]

    @property
    def total(self) -> int:
        return sum(self.numbers)


def months_from(now: datetime) -> list[date]:
    """Return the first days of this month and of those that follow, a year in all."""
    first = local_day(now).replace(day=1)
    return [on(first, number) for number in range(MONTHS)]


def line(rule: Rule, now: datetime) -> Line:
    """Count what will be due, month by month, as if nothing new came and nothing was done."""
    months, found = months_from(now), Counter[date]()
    for part in rule.parts:
        found += counted(part, rule, now) if part.is_dated else counted_anew(part, rule, now)
    late = sum(number for month, number in found.items() if month <= months[0])
    return Line(rule, [late, *(found[month] for month in months[1:])])


def counted(part: Part, rule: Rule, now: datetime) -> Counter[date]:
    """Count in one query, by the month from which the term runs."""
    horizon = months_later(now, MONTHS + 1)
    rows = rows_of(part, before(rule, horizon)).order_by()
    grouped = rows.annotate(month=TruncMonth(part.declared.since)).values("month")
    found = Counter[date]()
    for month, number in grouped.annotate(number=Count("pk")).values_list("month", "number"):
        day = local_day(month) if isinstance(month, datetime) else month
        found[due_month(day, rule)] += number
    return found


def counted_anew(part: Part, rule: Rule, now: datetime) -> Counter[date]:
    """Count at the end of each month, where no single field tells."""
    found, known = Counter[date](), 0
    for number, month in enumerate(months_from(now)):
        then = before(rule, months_later(now, number))
        total = rows_of(part, then).count()
        found[month], known = max(0, total - known), max(known, total)
    return found


def due_month(since: date, rule: Rule) -> date:
    """Return the month in which what began in a month is due."""
    if not rule.declared.full_years:
        return on(since, rule.months)
    ours = since.year + -(-rule.months // 12) + 1
    return date(max(ours, kept_until(since.year).year + 1), 1, 1)


def on(month: date, number: int) -> date:
    """Return the first day of the month so many months later."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)
