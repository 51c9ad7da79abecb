"""Pledges paid in parts and what employers add to gifts: first the gifts that came of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count

from crm.demo.chance import dice, public_id
from crm.demo.donors import Donor
from crm.demo.givers import TRANSFER, Giving
from crm.demo.moments import midnight
from crm.demo.persons import Person
from crm.demo.world import World
from crm.donations.credits import MatchingGift
from crm.donations.models import Gift
from crm.donations.pledges import Instalment, Pledge
from crm.donations.promises import Part, schedule
from crm.lib.contact import words
from crm.lib.periods import local_day, months_later, noon
from crm.people.models import Supporter

PLEDGES, PER_PLEDGE = 15, 25  # at most, and one to so many gifts
MATCHINGS, PER_MATCHING = 6, 60
BEFORE = timedelta(days=400)  # pledgers have given for so long
# Parts in all, due by now, paid of them; months between them; cents of each; days since the last.
TERMS = [
    (4, 2, 2, 3, 25_000, 20),
    (6, 4, 3, 1, 10_000, 12),
    (2, 1, 0, 6, 50_000, 25),
    (12, 5, 5, 1, 5_000, 8),
    (3, 3, 3, 3, 30_000, 40),
    (4, 2, 1, 3, 20_000, 33),
    (10, 7, 7, 1, 7_500, 15),
    (2, 0, 0, 6, 100_000, -20),
    (5, 5, 5, 2, 12_000, 18),
    (4, 1, 0, 3, 15_000, 6),
    (3, 1, 1, 6, 40_000, 50),
    (6, 3, 2, 2, 8_000, 10),
    (2, 1, 1, 12, 60_000, 70),
    (8, 2, 2, 3, 6_000, 22),
    (12, 9, 9, 1, 4_000, 3),
]
CANCELLED = {5}  # which of them was given up
EMPLOYERS = ["Exemple Logistique SA", "Voorbeeld Bouw NV", "Assurances Fictives SRL"]
# Whose employer, cents, days since it was promised, and whether the money came.
MATCHED = [
    (0, 10_000, 130, True),
    (1, 5_000, 95, True),
    (2, 2_500, 70, True),
    (0, 5_000, 26, False),
    (1, 10_000, 17, False),
    (2, 4_000, 9, False),
]


@dataclass
class Promise:
    """A pledge to be: whose it is, its parts, and when those that were paid were."""

    supporter: int
    parts: list[Part]
    paid_at: list[datetime] = field(default_factory=list)


class Promises:
    """What was promised; `givings` are the gifts by which some of it was kept."""

    def __init__(self, world: World, donors: list[Donor], *, gifts: int) -> None:
        self.world, self.rng = world, dice("promises")
        number = min(PLEDGES, gifts // PER_PLEDGE)
        long_since = world.end - BEFORE
        loyal = [each for each in donors if not each.monthly and each.first < long_since]
        pledgers = self.rng.sample(loyal, min(number, len(loyal)))
        self.pledges = [
            self.pledge(donor, *terms) for donor, terms in zip(pledgers, TERMS, strict=False)
        ]
        self.matched = MATCHED[: min(MATCHINGS, gifts // PER_MATCHING)]
        used = sorted({employer for employer, *_rest in self.matched})
        self.employers = {each: self.add_employer(EMPLOYERS[each]) for each in used}

    def pledge(
        self, donor: Donor, parts: int, due: int, paid: int, months: int, cents: int, since: int
    ) -> Promise:
        """A pledge of which so many parts are due, and the last of those since so many days."""
        last_due = self.world.today - timedelta(days=since)
        first_on = local_day(months_later(noon(last_due), -months * max(due - 1, 0)))
        promise = Promise(
            donor.supporter,
            schedule(amount=parts * cents, number=parts, months=months, first_on=first_on),
        )
        for part in promise.parts[:paid]:
            day = part.due_on + timedelta(days=self.rng.randrange(-3, 3))
            at = midnight(day) + timedelta(hours=11)
            promise.paid_at.append(min(at, self.world.end - timedelta(hours=3)))
        return promise

    def add_employer(self, name: str) -> int:
        local = ".".join(words(name)[:2])
        email, at = f"dons.{local}@example.org", self.world.end - timedelta(days=500)
        found = " ".join([*words(name), *words(email), "1000"])
        region = "BE-BRU"
        person = Person("", name, email, "fr", "1000", "BE", region, found)
        kind = Supporter.Kind.ORGANISATION.value
        return self.world.people.add(kind, person, self.rng, at=at, changed=at, source="staff")

    def givings(self) -> list[Giving]:
        """The gifts that came of all this, which count among the demo's."""
        return [*self.parts_paid(), *self.matchings_paid()]

    def parts_paid(self) -> Iterator[Giving]:
        for pledge in self.pledges:
            for part, at in zip(pledge.parts, pledge.paid_at, strict=False):
                yield transfer(at, pledge.supporter, part.amount)

    def matchings_paid(self) -> Iterator[Giving]:
        for employer, cents, days, came in self.matched:
            if came:
                yield transfer(self.came_at(days), self.employers[employer], cents)

    def came_at(self, promised: int) -> datetime:
        return self.world.end - timedelta(days=promised - 40) - timedelta(hours=13)

    def write(self) -> None:
        """Write the promises beside the gifts that are there by now."""
        gifts = Gift.objects.filter(method=TRANSFER, reference__startswith="demo:")
        asked = {each.supporter for each in self.pledges} | set(self.employers.values())
        rows = gifts.filter(supporter__in=asked).values_list("supporter", "given_at", "pk")
        found = {(supporter, at): pk for supporter, at, pk in rows}
        for place, promise in enumerate(self.pledges):
            self.write_pledge(promise, found, is_cancelled=place in CANCELLED)
        self.write_matchings(found)

    def write_pledge(
        self, promise: Promise, gifts: dict[tuple[int, datetime], int], *, is_cancelled: bool
    ) -> None:
        promised_on = promise.parts[0].due_on - timedelta(days=21)
        pledge = Pledge.objects.create(
            public_id=public_id(self.rng),
            supporter_id=promise.supporter,
            amount=sum(part.amount for part in promise.parts),
            promised_on=min(promised_on, self.world.today - timedelta(days=2)),
            cancelled_at=self.world.end - timedelta(days=4) if is_cancelled else None,
        )
        paid_by = [gifts[promise.supporter, at] for at in promise.paid_at]
        nobody = [None] * (len(promise.parts) - len(paid_by))
        Instalment.objects.bulk_create(
            Instalment(pledge=pledge, gift_id=gift, **part._asdict())
            for part, gift in zip(promise.parts, [*paid_by, *nobody], strict=True)
        )

    def write_matchings(self, gifts: dict[tuple[int, datetime], int]) -> None:
        """Each promise of an employer, to the last gift of that amount before it."""
        taken: list[int] = []
        for employer, cents, days, came in self.matched:
            promised_on = self.world.today - timedelta(days=days)
            gift = matchable(cents, promised_on).exclude(pk__in=taken).first()
            if gift is None:
                continue
            taken.append(gift.pk)
            MatchingGift.objects.create(
                gift=gift,
                employer_id=self.employers[employer],
                amount=cents,
                currency=gift.currency,
                promised_on=promised_on,
                received_id=gifts[self.employers[employer], self.came_at(days)] if came else None,
            )


def matchable(cents: int, before: date):
    """Gifts of people that an employer may have been told of, the latest first."""
    gifts = Gift.objects.paid().filter(
        kind=Gift.Kind.MONEY,
        amount=cents,
        plan=None,
        instalment=None,
        received_on__lt=before,
        supporter__kind=Supporter.Kind.PERSON,
    )
    untouched = gifts.annotate(went_back=Count("entries")).filter(went_back__lte=2)
    return untouched.order_by("-received_on", "-pk")


def transfer(at: datetime, supporter: int, amount: int) -> Giving:
    return Giving(at, at, False, supporter, None, None, None, TRANSFER, amount, is_promised=True)
