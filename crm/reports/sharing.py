"""How a campaign spreads: whom signers bring, by which way of sharing, and how sure that is.

K = verified signers brought within some days / signers who signed at least as many days ago. It
comes from the rows that a job counts (crm.reports.counting): a page looks at no signature.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from crm.campaigns.shares import Medium
from crm.reports.counted import Counting
from crm.reports.counting import OTHER
from crm.reports.query import OF_CAMPAIGN, row, rows
from crm.reports.scope import Scope
from crm.reports.sources import CAMPAIGNS

WINDOW = 14
DRAWS, SEED = 1000, 1710
OLD_ENOUGH = "day >= %(start)s AND day < least(%(end)s, %(today)s::date - %(window)s::int)"

SIGNERS = f"""
SELECT coalesce(sum(number), 0)::bigint,
       (SELECT min(counted_at) FROM crm_counting WHERE {OF_CAMPAIGN})
FROM (
    SELECT number FROM crm_steptally
    WHERE campaign_id = ANY({CAMPAIGNS}) AND step = 'confirm' AND {OLD_ENOUGH}
    UNION ALL
    SELECT number FROM crm_signaturedelta
    WHERE step = 'confirm' AND way = 'online' AND {OLD_ENOUGH} AND {OF_CAMPAIGN}
) AS confirmed
"""
REACHED = f"""
SELECT generation, medium, brought, sum(number)::bigint FROM crm_reach
WHERE campaign_id = ANY({CAMPAIGNS}) AND "window" = %(window)s AND {OLD_ENOUGH}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
SHARED = f"""
SELECT medium, sum(number)::bigint FROM crm_shared
WHERE campaign_id = ANY({CAMPAIGNS}) AND "window" = %(window)s AND {OLD_ENOUGH}
GROUP BY 1
"""

Bringers = dict[int, int]  # how many signers brought how many


class Spread(NamedTuple):
    """What some signers brought, and between which numbers K would lie in 95 of 100 cases."""

    signers: int
    brought: int
    k: float | None
    low: float | None
    high: float | None

    @property
    def effect(self) -> float | None:
        """How many signatures one is in the end, with those it brings, and whom these bring…"""
        return None if self.k is None or self.k >= 1 else 1 / (1 - self.k)


class Channel(NamedTuple):
    """A way of sharing: K = shares per signer × signers brought per share."""

    medium: str
    shares: int
    spread: Spread

    @property
    def per_signer(self) -> float | None:
        return self.shares / self.spread.signers if self.spread.signers else None

    @property
    def per_share(self) -> float | None:
        return self.spread.brought / self.shares if self.shares else None


class Generation(NamedTuple):
    """How far signers are from somebody whom nobody brought, who is of generation 0."""

    number: int
    spread: Spread


class Sharing(NamedTuple):
    counted_at: datetime | None  # None: nothing was counted yet
    window: int
    total: Channel
    channels: list[Channel]
    generations: list[Generation]


class Sharer(NamedTuple):
    """A signer whose link reached many; money is in cents of euros, what went back taken off."""

    signature: int
    brought: int  # by themselves
    reached: int  # with all whom these brought, and so on
    gifts: int
    raised: int


def sharing(scope: Scope, *, today: date, window: int = WINDOW) -> Sharing:
    """How the signers of a period spread the word, those aside who signed too lately to tell."""
    asked = scope.parameters | {"today": today, "window": window}
    signers, counted_at = row(SIGNERS, asked)
    by_generation, by_medium = reached(rows(REACHED, asked))
    shares: dict[str, int] = dict(rows(SHARED, asked))
    everybody = together(by_generation.values())
    return Sharing(
        counted_at,
        window,
        Channel("", sum(shares.values()), spread(everybody, signers)),
        [
            Channel(medium, shares.get(medium, 0), spread(by_medium.get(medium, {}), signers))
            for medium in (*Medium.values, OTHER)
            if medium in Medium.values or medium in by_medium
        ],
        list(generations(by_generation, signers)),
    )


def reached(
    found: Iterable[tuple[int | None, str, int, int]],
) -> tuple[dict[int, Bringers], dict[str, Bringers]]:
    by_generation: dict[int, Bringers] = {}
    by_medium: dict[str, Bringers] = {}
    for generation, medium, brought, number in found:
        if generation is None:
            by_medium.setdefault(medium, {})[brought] = number
        else:
            by_generation.setdefault(generation, {})[brought] = number
    return by_generation, by_medium


def together(many: Iterable[Bringers]) -> Bringers:
    total: Bringers = {}
    for bringers in many:
        for brought, number in bringers.items():
            total[brought] = total.get(brought, 0) + number
    return total


def generations(by_generation: dict[int, Bringers], signers: int) -> Iterable[Generation]:
    """Of those whom somebody brought all are counted; whoever is left was brought by nobody."""
    later = {number: sum(each.values()) for number, each in by_generation.items() if number}
    first = by_generation.get(0, {})
    if signers:
        yield Generation(0, spread(first, signers - sum(later.values())))
    for number in sorted(later):
        yield Generation(number, spread(by_generation[number], later[number]))


def spread(bringers: Bringers, signers: int) -> Spread:
    """K of some signers, of whom those who brought anybody are counted by how many."""
    signers = max(signers, sum(bringers.values()))  # of an hour ago, and of now
    brought = sum(each * number for each, number in bringers.items())
    if not signers:
        return Spread(0, 0, None, None, None)
    return Spread(signers, brought, brought / signers, *interval(bringers, signers))


def interval(bringers: Bringers, signers: int) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of 95 % of what a signer brings: signers are drawn anew.

    To draw as many signers as there are, with whom each brought, is to draw how many of them
    brought 0, 1, 2…: however many signers there are, it is as quick. Where nobody was brought,
    there is nothing to draw from.
    """
    counts = {brought: number for brought, number in bringers.items() if brought}
    if not counts:
        return None, None
    each = np.array([0, *counts])
    numbers = np.array([signers - sum(counts.values()), *counts.values()])
    chance = np.random.default_rng(SEED)
    draws = chance.multinomial(signers, numbers / signers, size=DRAWS)
    low, high = np.quantile(draws @ each / signers, [0.025, 0.975])
    return float(low), float(high)


def sharers(campaign: int | None, *, most: int = 20) -> list[Sharer]:
    """Those whose links reached the most, since the beginning."""
    counted = (
        Counting.objects.all() if campaign is None else Counting.objects.filter(campaign=campaign)
    )
    found = [Sharer(*each) for kept in counted.values_list("sharers", flat=True) for each in kept]
    return sorted(found, key=lambda each: (-each.reached, each.signature))[:most]
