"""Who gives: when, how much and by which way, once or every month."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from django.utils import timezone

from crm.demo.chance import Weighted
from crm.demo.history import Day
from crm.demo.moments import Days, giving_tuesday, moment_on
from crm.donations.models import Gift, Method, Plan

YEARS = 5
CARD, BANCONTACT, SEPA = Method.CARD.value, Method.BANCONTACT.value, Method.SEPA_DEBIT.value
IDEAL, TRANSFER, CHEQUE = Method.IDEAL.value, Method.BANK_TRANSFER.value, Method.CHEQUE.value
# Cents, and how often each comes up.
ONCE = Weighted(
    {1000: 13.0, 1500: 6, 2000: 14, 2500: 17, 3000: 7, 4000: 13, 5000: 13, 7500: 3}
    | {10000: 8, 15000: 1.6, 20000: 1.2, 25000: 1, 50000: 0.5, 100000: 0.15, 250000: 0.03}
)
MONTHLY = Weighted(
    {500: 14.0, 800: 5, 1000: 34, 1500: 16, 2000: 13, 2500: 9, 3000: 4, 5000: 4, 10000: 1}
)
YEARLY = Weighted({4000: 14.0, 5000: 22, 6000: 12, 10000: 24, 12000: 16, 15000: 7, 25000: 5})
FEES = {BANCONTACT: 39, SEPA: 35, IDEAL: 29, TRANSFER: 0, CHEQUE: 0}
ONLINE = {CARD, BANCONTACT, SEPA, IDEAL}
DISPUTE_FEE = 2000


def fee_of(method: str, amount: int) -> int:
    """What the provider keeps, in cents.

    >>> fee_of("card", 2500), fee_of("bancontact", 2500), fee_of("bank_transfer", 2500)
    (63, 39, 0)
    """
    return (amount * 15 + 500) // 1000 + 25 if method == CARD else FEES[method]


class Giving(NamedTuple):
    """A gift to come; `paid_at` is None when it failed or is on its way."""

    given_at: datetime
    paid_at: datetime | None
    failed: bool
    supporter: int
    plan: int | None
    campaign: int | None
    source: int | None
    method: str
    amount: int
    refunded_at: datetime | None = None
    refund: int = 0
    kind: str = Gift.Kind.MONEY.value
    fund: int | None = None
    is_anonymous: bool = False
    description: str = ""
    disputed_at: datetime | None = None
    is_promised: bool = False  # a part of a pledge, or what an employer adds: it is as it is


def giving_days(*, today: date, petition: list[Day]) -> Days:
    """The days of five years, by how many give once on them."""
    signing = {day.day: day.weight for day in petition}
    first = today - timedelta(days=YEARS * 365 + 1)
    return Days(
        {
            day: giving_weight(day, since / (YEARS * 365), signing.get(day, 0))
            for since in range((today - first).days)
            for day in [first + timedelta(days=since)]
        }
    )


def giving_weight(day: date, part: float, signers: float) -> float:
    weight = (1.2 + 0.15 * part) * (0.75 if day.weekday() >= 5 else 1.0)
    weight *= {7: 0.7, 8: 0.6, 11: 1.35, 12: 2.3}.get(day.month, 1.0)
    if day.day >= 25:
        weight *= 1.15  # after pay day
    if day.month == 12 and day.day >= 26:
        weight *= 2.2  # before the tax year ends
    if day == giving_tuesday(day.year):
        weight *= 7
    return weight * (1 + min(signers / 600, 1.5))


def plan_days(today: date) -> Days:
    """The days of five years, by how many begin to give every month: more from year to year."""
    length = YEARS * 365
    first = today - timedelta(days=length)
    return Days({first + timedelta(days=n): 0.55 + 1.3 * n / length for n in range(length)})


def months_after(start: datetime, months: int) -> datetime:
    """The same day and hour, so many months later.

    >>> months_after(datetime(2025, 11, 30, 9, 0, tzinfo=UTC), 3)
    datetime.datetime(2026, 2, 28, 9, 0, tzinfo=datetime.timezone.utc)
    """
    local = timezone.localtime(start)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, 28)).astimezone(UTC)


@dataclass(frozen=True)
class Course:
    """What became of a regular promise; it is paused when it goes on at `resumes_at`."""

    dates: list[datetime]
    ended_at: datetime | None = None
    past_due: bool = False
    next_at: datetime | None = None
    resumes_at: datetime | None = None

    @property
    def status(self) -> str:
        if self.ended_at:
            return Plan.Status.ENDED.value
        if self.resumes_at:
            return Plan.Status.PAUSED.value
        return (Plan.Status.PAST_DUE if self.past_due else Plan.Status.ACTIVE).value


def course(start: datetime, *, end: datetime, most: int, months: int, rng: Random) -> Course:
    """Let a promise bring `most` gifts at most, until it is ended or the demo is."""
    dates: list[datetime] = []
    early, late = (0.07, 0.036) if months == 1 else (0.12, 0.12)
    while len(dates) < most and (due := due_date(start, len(dates) * months)) < end:
        dates.append(due)
        if rng.random() < (early if len(dates) <= 3 else late):
            break
    following = due_date(start, len(dates) * months)
    if following < end:
        return Course(dates, dates[-1] + (following - dates[-1]) * rng.random())
    if months == 1 and len(dates) > 3 and rng.random() < 0.04:
        return Course(dates[:-1], resumes_at=months_after(following, rng.choice([0, 1, 2])))
    return Course(dates, past_due=len(dates) > 1 and rng.random() < 0.035, next_at=following)


def due_date(start: datetime, months: int) -> datetime:
    return months_after(start, months) if months else start


def method_for(country: str, *, at: datetime, end: datetime, rng: Random) -> str:
    """By which way a single gift comes: transfers at first, cards more and more."""
    if country == "NL" and rng.random() < 0.75:
        return IDEAL
    age = (end - at) / timedelta(days=365 * YEARS)
    transfer = 0.17 + 0.22 * age
    draw = rng.random()
    if draw < transfer and timezone.localtime(at).weekday() < 5:
        return TRANSFER
    if country != "BE":
        return CARD if rng.random() < 0.93 else SEPA
    draw = rng.random()
    return BANCONTACT if draw < 0.62 else CARD if draw < 0.96 else SEPA


def clearing(method: str, rng: Random) -> timedelta:
    """How long a payment takes until it is sure."""
    if method == SEPA:
        return timedelta(days=3 + int(3 * rng.random()), minutes=int(600 * rng.random()))
    return timedelta(0)


def gift_after(days: Days, since: datetime, *, end: datetime, rng: Random) -> datetime:
    """A moment when people give, later than `since`."""
    at = moment_on(days.draw(rng, after=timezone.localtime(since).date()), rng)
    return at if since < at < end else since + (end - since) * rng.random()
