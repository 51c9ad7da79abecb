"""Who signs: supporters, their signatures, what they agree to and what they say."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import numpy as np

from crm.campaigns.models import Campaign, Source
from crm.demo.chance import Weighted, dice, many_dice, public_id, public_ids
from crm.demo.crowd import Crowd
from crm.demo.data import read
from crm.demo.history import Day
from crm.demo.lots import CONFIRMED, HELD, PENDING, STATES, Fates, Intake, Lots
from crm.demo.nets import RUSH, Nets
from crm.demo.signature_lines import Batch, write, write_shares
from crm.demo.spreading import MEDIA, Shared, Spread
from crm.demo.turnout import Arrivals, Turnout
from crm.demo.world import World
from crm.lib.periods import local_day
from crm.lib.progress import Countdown

KEPT = 60 * 86400  # seconds; then what nobody confirmed is deleted
TO_CONFIRM = Weighted({240.0: 78.0, 4 * 3600.0: 16.0, 60 * 3600.0: 6.0})
RUSH_BEFORE, RUSH_LASTS, MAILED = 9 * 86400 - 3 * 3600, 2900, 30


class Signer(NamedTuple):
    """Somebody whose signature counts, and what is remembered for what they do later."""

    supporter: int
    language: str
    country: str
    region: str
    source: int
    since: datetime


class Signing:
    """Lets invented people sign, until the demo's last moment."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people
        self.crowd, self.comments = Crowd(world.population), read("comments")
        self.end = int(world.end.timestamp())
        self.media = media_by_source()

    def fill(
        self, campaign: Campaign, days: list[Day], intake: Intake, told: Countdown | None = None
    ) -> "Page":
        """Write a campaign's signatures in order of time."""
        page = Page(self, campaign, intake)
        turnout = Turnout(
            days, sources=self.world.sources, population=self.world.population, rng=page.rng
        )
        for arrivals in turnout.arrive(intake.total):
            page.sign(arrivals)
            if told:
                told.add(len(arrivals.at))
        page.share_in_vain()
        return page

    def join(self, signer: Signer, campaign: int, source: int, rng: Random) -> None:
        """Let somebody who signed the petition join another campaign, later."""
        at = self.later(signer.since, 120 * 86400, rng)
        confirmed_at = self.later(at, TO_CONFIRM.draw(rng), rng)
        first = signer.source if signer.source != source else None
        self.people.signatures.add(
            public_id(rng), campaign, signer.supporter, STATES[CONFIRMED], source, first, None, 0,
            "", None, signer.language, signer.country, signer.region, at, confirmed_at,
            confirmed_at, None, None,
        )  # fmt: skip

    def later(self, at: datetime, mean: float, rng: Random) -> datetime:
        """A moment after `at`, by so many seconds on average, and before the end."""
        later = at + timedelta(seconds=int(rng.expovariate(1 / mean)) + 15)
        return later if later < self.world.end else at + (self.world.end - at) * rng.random()


def media_by_source() -> np.ndarray:
    """Return the medium of each source that is a share link, by its number; -1 for the others."""
    last = Source.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    found = np.full(last + 1, -1)
    shared = Source.objects.filter(channel="share", utm_medium__in=MEDIA)
    for pk, medium in shared.values_list("pk", "utm_medium"):
        found[pk] = MEDIA.index(medium)
    return found


class Page:
    """The signatures of one campaign, as they come in."""

    def __init__(self, signing: Signing, campaign: Campaign, intake: Intake) -> None:
        self.signing, self.campaign = signing, campaign
        self.people, self.end = signing.people, signing.end
        self.rng, self.words = many_dice(f"signatures {campaign.slug}"), dice("comments")
        self.lots = Lots(intake, end=self.end, rng=self.rng)
        self.nets = Nets(end=self.end, rng=self.rng)
        self.spread = Spread(intake.total, self.rng)
        self.first = self.people.signatures.last_id + 1
        self.remembered: list[Signer] = []

    def sign(self, arrivals: Arrivals) -> None:
        """Write those who come; who did not confirm in time is not known any more."""
        fates = self.lots.draw(arrivals.at)
        is_kept = (fates.state != PENDING) | (arrivals.at >= self.end - KEPT)
        for at, source in zip(*(each[~is_kept].tolist() for each in arrivals[:2]), strict=True):
            day = local_day(datetime.fromtimestamp(at, UTC))
            self.signing.world.gone[self.campaign.pk, day, source] += 1
        kept, fates = Arrivals(*(each[is_kept] for each in arrivals)), fates.kept(is_kept)
        batch = self.batch(kept, fates, networks=self.nets.of(kept.at))
        shared = self.spread.add(kept.at, fates.confirmed, self.signing.media[kept.source])
        self.write(batch, generation=self.spread.latest(len(kept.at)))
        self.write_shares(shared)

    def rush(self, number: int, *, source: int) -> None:
        """Let many come from one network within the hour: most are held back."""
        at = self.end - RUSH_BEFORE + np.sort(self.rng.integers(RUSH_LASTS, size=number))
        state = np.full(number, HELD)
        state[:MAILED] = PENDING
        never, none = np.zeros(number, dtype=bool), np.zeros(number, dtype=np.int64)
        fates = Fates(state, none, none, at, never, never, none, never, never)
        here = Arrivals(at, np.full(number, source), none)
        self.write(self.batch(here, fates, networks=[RUSH] * number), generation=(none - 1, none))

    def batch(self, arrivals: Arrivals, fates: Fates, *, networks: list[str]) -> Batch:
        number = len(arrivals.at)
        return Batch(
            campaign=self.campaign.pk,
            arrivals=arrivals,
            fates=fates,
            cast=self.signing.crowd.draw(arrivals.place, self.rng),
            networks=networks,
            uuids=public_ids(number, self.rng),
            supporter_uuids=public_ids(number, self.rng),
        )

    def write(self, batch: Batch, *, generation: tuple[np.ndarray, np.ndarray]) -> None:
        """Write their rows; `generation` says who brought each, by their place, and its number."""
        supporter = self.people.supporters.last_id + 1
        signature = self.people.signatures.last_id + 1
        brought_by, number = generation
        referrers = np.where(brought_by >= 0, brought_by + self.first, 0)
        write(batch, self.signing.world, referrers=referrers, generation=number)
        self.remember(batch, supporter)
        for place in np.flatnonzero(batch.fates.speaks).tolist():
            at = datetime.fromtimestamp(int(batch.fates.confirmed[place]), UTC)
            self.comment(signature + place, batch.cast.language[place], at)

    def remember(self, batch: Batch, supporter: int) -> None:
        cast, since = batch.cast, batch.fates.confirmed
        for place in np.flatnonzero(batch.fates.is_remembered).tolist():
            self.remembered.append(
                Signer(
                    supporter + place,
                    cast.language[place],
                    cast.country[place],
                    cast.region[place],
                    int(batch.arrivals.source[place]),
                    datetime.fromtimestamp(int(since[place]), UTC),
                )
            )

    def comment(self, signature: int, language: str, at: datetime) -> None:
        rng, texts = self.words, self.signing.comments[language]
        said = [
            rng.choice(texts["begin"]),
            *rng.sample(texts["end"], rng.choice([0, 0, 1, 1, 1, 2])),
        ]
        public = rng.random() < 0.88
        is_old = self.signing.world.end - at > timedelta(days=4)
        approved = self.signing.later(at, 20 * 3600, rng)
        is_approved = public and is_old and rng.random() < 0.9
        self.people.comments.add(
            signature, " ".join(said), public, approved if is_approved else None
        )

    def share_in_vain(self) -> None:
        for shared in self.spread.others(self.end):
            self.write_shares(shared)

    def write_shares(self, shared: Shared) -> None:
        write_shares(self.people.shares, self.first, shared)
