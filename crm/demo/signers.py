"""Who signs: supporters, their signatures, what they agree to and what they say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from crm.campaigns.models import Signature
from crm.demo.chance import Lottery, Weighted, public_id, shares
from crm.demo.copying import flush
from crm.demo.data import read
from crm.demo.history import Day
from crm.demo.moments import moment_on
from crm.demo.persons import Person, Place
from crm.demo.world import World

BATCH = 10_000
CONFIRMED, PENDING = Signature.Status.CONFIRMED.value, Signature.Status.PENDING.value
WITHDRAWN = Signature.Status.WITHDRAWN.value
# How long signers take to open the mail, in seconds on average.
TO_CONFIRM = Weighted({240.0: 78.0, 4 * 3600.0: 16.0, 60 * 3600.0: 6.0})


class Signer(NamedTuple):
    """Somebody whose signature counts, and what is remembered for what they do later."""

    supporter: int
    language: str
    country: str
    region: str
    source: int
    since: datetime


@dataclass(frozen=True)
class Sheet:
    """A campaign's signatures to come: on which days, and how many of each kind."""

    campaign: int
    days: list[Day]
    confirmed: int
    pending: int = 0
    withdrawn: int = 0
    comments: int = 0
    remembered: int = 0


class Signing:
    """Lets invented people sign, until the demo's last moment."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people
        self.texts = read("comments")

    def fill(self, sheet: Sheet, rng: Random) -> list[Signer]:
        """Write a campaign's signatures, day by day; return those to remember."""
        total = sheet.confirmed + sheet.pending + sheet.withdrawn
        lots = Lots(sheet, total, rng)
        remembered: list[Signer] = []
        weights = [day.weight for day in sheet.days]
        for day, number in zip(sheet.days, shares(total, weights, sum(weights)), strict=True):
            if not number:
                continue
            places = self.world.population.where(flanders=day.flanders)
            for start in range(0, number, BATCH):
                remembered += self.sign(
                    sheet.campaign, day, places, lots, min(BATCH, number - start), rng
                )
        return remembered

    def sign(
        self,
        campaign: int,
        day: Day,
        places: Weighted[Place],
        lots: "Lots",
        number: int,
        rng: Random,
    ) -> list[Signer]:
        """Let a number of people sign on a day."""
        signers = []
        for at in sorted(moment_on(day.day, rng) for _ in range(number)):
            source = self.world.sources[day.channels.draw(rng)].draw(rng)
            person = self.world.population.person(places.draw(rng), rng)
            signer = self.add(campaign, person, source, lots, at, rng)
            if signer is not None:
                signers.append(signer)
        if len(self.people.signatures.rows) >= BATCH:
            flush(self.people.all)
        return signers

    def add(
        self,
        campaign: int,
        person: Person,
        source: int,
        lots: "Lots",
        at: datetime,
        rng: Random,
    ) -> Signer | None:
        """Write one person's signature and what goes with it; return it if it is remembered."""
        people, status = self.people, lots.status()
        confirmed_at = None if status == PENDING else self.later(at, TO_CONFIRM.draw(rng), rng)
        changed = confirmed_at or at
        if status == WITHDRAWN:
            changed = self.later(changed, 60 * 86400, rng)
        newsletter = self.world.wordings[person.language] if rng.random() < 0.34 else None
        until = None
        if newsletter and confirmed_at and rng.random() < 0.09:
            until = self.later(confirmed_at, 250 * 86400, rng)
        supporter = people.add_supporter(person, rng, at=at, changed=until or changed)
        uuid = public_id(rng)
        signature = people.signatures.add(
            uuid, campaign, supporter, status, source, person.language, person.country,
            person.region, at, confirmed_at, changed, newsletter,
        )  # fmt: skip
        if newsletter and confirmed_at:
            people.add_consent(
                supporter,
                wording=newsletter,
                source=f"signature:{uuid}",
                at=confirmed_at,
                until=until,
            )
        if status != CONFIRMED or confirmed_at is None:
            return None
        if lots.comments.draw():
            self.comment(signature, person.language, confirmed_at, rng)
        if not lots.remembered.draw():
            return None
        return Signer(
            supporter, person.language, person.country, person.region, source, confirmed_at
        )

    def comment(self, signature: int, language: str, at: datetime, rng: Random) -> None:
        texts = self.texts[language]
        said = [
            rng.choice(texts["begin"]),
            *rng.sample(texts["end"], rng.choice([0, 0, 1, 1, 1, 2])),
        ]
        public = rng.random() < 0.88
        approved = public and self.world.end - at > timedelta(days=4) and rng.random() < 0.9
        self.people.comments.add(
            signature,
            " ".join(said),
            public,
            self.later(at, 20 * 3600, rng) if approved else None,
        )

    def join(self, signer: Signer, campaign: int, source: int, rng: Random) -> None:
        """Let somebody who signed the petition join another campaign, later."""
        at = self.later(signer.since, 120 * 86400, rng)
        confirmed_at = self.later(at, TO_CONFIRM.draw(rng), rng)
        self.people.signatures.add(
            public_id(rng), campaign, signer.supporter, CONFIRMED, source, signer.language,
            signer.country, signer.region, at, confirmed_at, confirmed_at, None,
        )  # fmt: skip

    def later(self, at: datetime, mean: float, rng: Random) -> datetime:
        """A moment after `at`, by so many seconds on average, and before the end."""
        later = at + timedelta(seconds=int(rng.expovariate(1 / mean)) + 15)
        return later if later < self.world.end else at + (self.world.end - at) * rng.random()


class Lots:
    """What becomes of each signature, so that the sheet's numbers come out exactly."""

    def __init__(self, sheet: Sheet, total: int, rng: Random) -> None:
        self.pending = Lottery(rng, wins=sheet.pending, tickets=total)
        self.withdrawn = Lottery(rng, wins=sheet.withdrawn, tickets=total - sheet.pending)
        self.comments = Lottery(rng, wins=sheet.comments, tickets=sheet.confirmed)
        self.remembered = Lottery(rng, wins=sheet.remembered, tickets=sheet.confirmed)

    def status(self) -> str:
        if self.pending.draw():
            return PENDING
        return WITHDRAWN if self.withdrawn.draw() else CONFIRMED
