"""Donors and their gifts, plans and entries, written by COPY."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from crm.demo import givers
from crm.demo.chance import Lottery, Weighted, dice, public_id
from crm.demo.copying import Table
from crm.demo.givers import CARD, SEPA, TRANSFER, Course, Giving
from crm.demo.moments import Days, moment_on
from crm.demo.persons import Place
from crm.demo.reach import Telling
from crm.demo.signers import Signer
from crm.demo.world import NEWSLETTER, World
from crm.donations.models import Entry, Gift, Plan
from crm.lib.periods import local_day

EUR = "EUR"
CHANNELS = Weighted({"direct": 30.0, "newsletter": 34, "search": 14, "facebook": 14, "partner": 8})
FAILURES = 0.0165
LOYAL_AFTER = timedelta(days=40)  # who came later has not given again yet
YEARLY = 0.08  # of the plans
REFUNDS = 0.015  # of single gifts paid online, so that they are about 0.5 % of all


class Donor(NamedTuple):
    supporter: int
    country: str
    first: datetime  # gives now, for the first time
    source: int | None
    signed: bool
    monthly: bool


@dataclass(frozen=True)
class Cause:
    """A campaign that gifts are for, since it opened."""

    campaign: int
    since: datetime
    weight: float


class Accounts:
    """The tables of money, those first that others point to."""

    def __init__(self) -> None:
        self.plans = Table(
            Plan, "public_id", "reference", "supporter_id", "campaign_id", "source_id", "amount",
            "currency", "interval", "method", "status", "started_at", "next_at", "resumes_at",
            "ended_at",
        )  # fmt: skip
        self.gifts = Table(
            Gift, "public_id", "reference", "supporter_id", "plan_id", "campaign_id", "source_id",
            "status", "method", "amount", "currency", "given_at", "received_on", "modified_at",
            "kind", "fund_id", "is_anonymous", "description",
        )  # fmt: skip
        self.entries = Table(
            Entry, "reference", "gift_id", "kind", "amount", "currency", "transaction", "day", "at"
        )
        self.all = (self.plans, self.gifts, self.entries)

    def add_gift(self, giving: Giving, rng: Random) -> None:
        """Write a gift and what became of its money."""
        reference = f"demo:gift:{self.gifts.last_id + 1}"
        status = Gift.Status.PAID if giving.paid_at else Gift.Status.PROCESSING
        if giving.failed:
            status = Gift.Status.FAILED
        gift = self.gifts.add(
            public_id(rng), reference, giving.supporter, giving.plan, giving.campaign,
            giving.source, status.value, giving.method, giving.amount, EUR, giving.given_at,
            giving.paid_at and local_day(giving.paid_at), giving.paid_at or giving.given_at,
            giving.kind, giving.fund, giving.is_anonymous, giving.description,
        )  # fmt: skip
        if giving.paid_at is None or giving.kind == Gift.Kind.IN_KIND:
            return
        for movement in movements(giving, giving.paid_at):
            booked = f"txn_demo_{gift}{movement.turn}" if giving.method in givers.ONLINE else ""
            self.entries.add(
                f"{reference}:{movement.turn}{movement.kind.value}", gift, movement.kind.value,
                movement.amount, EUR, booked, local_day(movement.at), movement.at,
            )  # fmt: skip


class Movement(NamedTuple):
    """Money of a gift; what moves in the same `turn` is one line in the provider's books."""

    turn: str
    kind: Entry.Kind
    amount: int
    at: datetime


def movements(giving: Giving, paid_at: datetime) -> Iterator[Movement]:
    yield Movement("", Entry.Kind.PAYMENT, giving.amount, paid_at)
    if fee := givers.fee_of(giving.method, giving.amount):
        yield Movement("", Entry.Kind.FEE, -fee, paid_at)
    if giving.refunded_at:
        yield Movement("back:", Entry.Kind.REFUND, -giving.refund, giving.refunded_at)
    if giving.disputed_at:
        yield Movement("back:", Entry.Kind.DISPUTE, -giving.amount, giving.disputed_at)
        yield Movement("back:", Entry.Kind.FEE, -givers.DISPUTE_FEE, giving.disputed_at)


class Giftmaking:
    """Lets donors give, until the demo's last moment."""

    def __init__(self, world: World, *, causes: list[Cause], days: Days) -> None:
        self.world, self.causes = world, causes
        self.accounts, self.rng, self.plan_rng = Accounts(), dice("gifts"), dice("plans")
        self.days, self.plan_days = days, givers.plan_days(world.today)
        self.telling = Telling(world.today)

    def donors(self, signers: list[Signer], *, number: int, plans: int) -> list[Donor]:
        """Make `number` donors, some of whom signed before; `plans` of them give every month."""
        monthly = Lottery(self.rng, wins=plans, tickets=number)
        found = [self.who_signed(signer, monthly=monthly.draw()) for signer in signers[:number]]
        strangers = sorted(
            (self.first_day(is_recurring), is_recurring)
            for is_recurring in (monthly.draw() for _ in range(number - len(found)))
        )
        places = self.world.population.where(flanders=0.75)
        return found + [self.stranger(day, places, monthly=m) for day, m in strangers]

    def who_signed(self, signer: Signer, *, monthly: bool) -> Donor:
        if self.rng.random() < 0.42:  # from the page that thanks for the signature
            gap = min(
                timedelta(seconds=60 + int(self.rng.random() * 2400)), self.world.end - signer.since
            )
            first = signer.since + gap * self.rng.uniform(0.5, 0.99)
            source: int | None = signer.source
        else:
            first = givers.gift_after(self.days, signer.since, end=self.world.end, rng=self.rng)
            source = self.source()
        return Donor(signer.supporter, signer.country, first, source, True, monthly)

    def first_day(self, monthly: bool) -> date:
        return (self.plan_days if monthly else self.days).draw(self.rng)

    def stranger(self, day: date, places: Weighted[Place], *, monthly: bool) -> Donor:
        rng = self.rng
        at = moment_on(day, rng)
        person = self.world.population.person(places.draw(rng), rng)
        supporter = self.world.people.add_supporter(
            person, rng, at=at, changed=at, source="checkout", more=self.telling.of(person)
        )
        if rng.random() < 0.3:
            wording = self.world.wordings[NEWSLETTER][person.language]
            self.world.people.add_consent(
                supporter, wording=wording, source="donation", at=at, until=None
            )
        return Donor(supporter, person.country, at, self.source(), False, monthly)

    def source(self) -> int | None:
        """Where a gift came from, if it is known."""
        rng = self.rng
        return self.world.sources[CHANNELS.draw(rng)].draw(rng) if rng.random() < 0.62 else None

    def cause(self, donor: Donor, at: datetime) -> int | None:
        """What a gift is for: often nothing in particular."""
        if self.rng.random() < (0.12 if donor.signed else 0.42):
            return None
        first = self.causes[0].campaign if donor.signed and self.rng.random() < 0.75 else None
        opened = [(cause.campaign, cause.weight) for cause in self.causes if cause.since < at]
        return first or (Weighted(opened).draw(self.rng) if opened else None)

    def gifts(self, donors: list[Donor], *, number: int, promised: list[Giving]) -> list[Giving]:
        """Exactly `number` gifts, those that were promised and at least one by each donor."""
        monthly = [donor for donor in donors if donor.monthly]
        single = [donor for donor in donors if not donor.monthly]
        made = list(promised)
        for left, donor in zip(range(len(monthly) - 1, -1, -1), monthly, strict=True):
            most = number - len(single) - left - len(made)
            made += self.regular(donor, most=most)
        made += [self.once(donor, donor.first, donor.source) for donor in single]
        long_since = self.world.end - LOYAL_AFTER
        loyal = [donor for donor in single[::3] if donor.first < long_since] or donors
        for _ in range(number - len(made)):
            donor = self.rng.choice(loyal)
            at = givers.gift_after(self.days, donor.first, end=self.world.end, rng=self.rng)
            made.append(self.once(donor, at, self.source()))
        return sorted(made, key=lambda giving: (giving.given_at, giving.supporter))

    def once(self, donor: Donor, at: datetime, source: int | None) -> Giving:
        rng = self.rng
        method = givers.method_for(donor.country, at=at, end=self.world.end, rng=rng)
        amount = givers.ONCE.draw(rng)
        failed = method != TRANSFER and rng.random() < FAILURES * 1.15
        paid_at = at + givers.clearing(method, rng)
        paid = not failed and paid_at < self.world.end
        refunded_at = self.refunded_at(paid_at, method) if paid else None
        return Giving(
            at, paid_at if paid else None, failed, donor.supporter, None, self.cause(donor, at),
            None if method == TRANSFER else source, method, amount,
            refunded_at, amount if rng.random() < 0.8 else amount // 2,
        )  # fmt: skip

    def refunded_at(self, paid_at: datetime, method: str) -> datetime | None:
        if method == TRANSFER or self.rng.random() >= REFUNDS:
            return None
        at = paid_at + timedelta(hours=2 + int(self.rng.random() * 400))
        return at if at < self.world.end else None

    def regular(self, donor: Donor, *, most: int) -> list[Giving]:
        """A plan, and the gifts that came of it."""
        rng, cause = self.rng, self.cause(donor, donor.first)
        is_yearly = self.plan_rng.random() < YEARLY
        course = givers.course(
            donor.first, end=self.world.end, most=most, months=12 if is_yearly else 1, rng=rng
        )
        amount = (givers.YEARLY if is_yearly else givers.MONTHLY).draw(rng)
        method = SEPA if rng.random() < 0.62 else CARD
        interval = Plan.Interval.YEAR if is_yearly else Plan.Interval.MONTH
        plan = self.accounts.plans.add(
            public_id(rng), f"demo:plan:{self.accounts.plans.last_id + 1}", donor.supporter, cause,
            donor.source, amount, EUR, interval.value, method, course.status, donor.first,
            course.next_at, course.resumes_at, course.ended_at,
        )  # fmt: skip
        payments = self.payments(donor, course, method)
        return [
            Giving(at, paid_at, failed, donor.supporter, plan, cause, donor.source, method, amount)
            for at, paid_at, failed in payments
        ]

    def payments(
        self, donor: Donor, course: Course, method: str
    ) -> Iterator[tuple[datetime, datetime | None, bool]]:
        """When a plan asked for money, when it came, and whether it failed."""
        for at in course.dates:
            last = at == course.dates[-1]
            failed = course.past_due if last else at != donor.first and self.rng.random() < FAILURES
            paid_at = at + givers.clearing(method, self.rng)
            paid = not failed and paid_at < self.world.end
            yield at, paid_at if paid else None, failed
