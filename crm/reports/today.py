"""How today goes, and what waits for somebody: numbers only, never a name."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum

from crm.campaigns.comments import Comment
from crm.campaigns.counting import DayTally, SignatureDelta, Step
from crm.campaigns.models import Campaign
from crm.donations.models import Gift, GiftDelta, GiftTally, Plan
from crm.mailing.models import Mail

WEEK = timedelta(days=7)
LATELY = timedelta(days=30)
CURRENCY = "EUR"


@dataclass(frozen=True)
class Compared:
    """A day's figure beside that of the same day a week before."""

    today: int
    week_ago: int

    @property
    def change(self) -> int:
        return self.today - self.week_ago


@dataclass(frozen=True)
class Waiting:
    """What needs doing, counted."""

    failed_gifts: int
    plans_past_due: int
    comments: int
    mails_given_up: int


def signatures(day: date) -> Compared:
    """Signatures confirmed, of all campaigns."""
    return compared(day, number_by_day(day, day - WEEK))


def number_by_day(*days: date) -> dict[date, int]:
    found: dict[date, int] = {}
    unfolded = SignatureDelta.objects.filter(step=Step.CONFIRM)
    for counted in (DayTally.objects.all(), unfolded):
        rows = counted.filter(day__in=days).values_list("day").annotate(sum=Sum("number"))
        for day, number in rows:
            found[day] = found.get(day, 0) + number
    return found


def gifts(day: date) -> tuple[Compared, Compared]:
    """Gifts received, how many and how much (gross, in cents of euros)."""
    number: dict[date, int] = {}
    gross: dict[date, int] = {}
    for model in (GiftTally, GiftDelta):
        rows = model.objects.filter(day__in=[day, day - WEEK], currency=CURRENCY)
        sums = rows.values_list("day").annotate(number=Sum("gifts"), gross=Sum("gross"))
        for each, count, cents in sums:
            number[each] = number.get(each, 0) + count
            gross[each] = gross.get(each, 0) + cents
    return compared(day, number), compared(day, gross)


def compared(day: date, by_day: dict[date, int]) -> Compared:
    return Compared(by_day.get(day, 0), by_day.get(day - WEEK, 0))


def petition() -> Campaign | None:
    """The public petition with the most signatures, with its `total`."""
    petitions = Campaign.objects.listed().filter(kind=Campaign.Kind.PETITION)
    return petitions.with_totals().with_texts().order_by("-total", "pk").first()


def waiting(now: datetime) -> Waiting:
    lately = now - LATELY
    return Waiting(
        failed_gifts=Gift.objects.filter(status=Gift.Status.FAILED, given_at__gte=lately).count(),
        plans_past_due=Plan.objects.filter(status=Plan.Status.PAST_DUE).count(),
        comments=Comment.objects.to_approve().count(),
        mails_given_up=Mail.objects.filter(given_up_at__gte=lately).count(),
    )
