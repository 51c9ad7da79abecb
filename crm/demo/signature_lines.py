"""What signing writes, as lines of COPY."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm.campaigns.models import Signature
from crm.demo.copying import Table
from crm.demo.crowd import NULL, Cast, stamps
from crm.demo.lots import ENDS, STATES, Fates
from crm.demo.spreading import MEDIA, Shared
from crm.demo.turnout import Arrivals
from crm.demo.world import EMAIL, World
from crm.people.contact_points import EmailAddress
from crm.privacy.models import Purpose

Ended, Status = Signature.Ended, EmailAddress.Status
# How it stands with the address of a signature that ended so.
ADDRESSES = {Ended.BOUNCED.value: Status.BOUNCING, Ended.COMPLAINED.value: Status.COMPLAINED}


@dataclass(frozen=True)
class Batch:
    """Signatures of one campaign, one after the other, and who gives them."""

    campaign: int
    arrivals: Arrivals
    fates: Fates
    cast: Cast
    networks: list[str]
    uuids: list[str]
    supporter_uuids: list[str]


def write(batch: Batch, world: World, *, referrers: np.ndarray, generation: np.ndarray) -> None:
    """Write people, their addresses, their signatures, and what they agree to."""
    number = len(batch.uuids)
    supporters = range(first := world.people.supporters.reserve(number), first + number)
    signed = stamps(batch.arrivals.at)
    write_people(batch, world, supporters, signed)
    boxes = {
        purpose: ticked(batch, mask, world.wordings[purpose])
        for purpose, mask in (
            (Purpose.NEWSLETTER, batch.fates.news),
            (Purpose.APPEALS, batch.fates.appeals),
        )
    }
    write_signatures(
        batch, world.people.signatures, supporters, signed,
        more=(referrers.tolist(), generation.tolist(), *boxes.values()),
    )  # fmt: skip
    for purpose, wordings in boxes.items():
        write_consents(batch, world, supporters, purpose.value, wordings)


def write_people(batch: Batch, world: World, supporters: range, signed: list[str]) -> None:
    changed = stamps(np.maximum(batch.fates.changed, batch.fates.left))
    world.people.supporters.send(
        [
            f"{pk}\t{uuid}\tperson\t{at}\t{modified}\tsignature\t\t{NULL}\t{person}\n"
            for pk, uuid, at, modified, person in zip(
                supporters, batch.supporter_uuids, signed, changed, batch.cast.lines(), strict=True
            )
        ]
    )
    standing = [ADDRESSES.get(end, Status.GOOD).value for end in ENDS]
    first = world.people.addresses.reserve(len(supporters))
    world.people.addresses.send(
        [
            f"{first + place}\t{pk}\t{email}\thome\t{standing[ended]}\tsignature\t{at}\n"
            for place, (pk, email, ended, at) in enumerate(
                zip(supporters, batch.cast.email, batch.fates.ended.tolist(), signed, strict=True)
            )
        ]
    )


def write_signatures(
    batch: Batch,
    table: Table,
    supporters: range,
    signed: list[str],
    *,
    more: tuple[list[int], list[int], list[object], list[object]],
) -> None:
    """Write the signatures; `more` are who brought them, their generation, and the boxes."""
    first, fates, cast = table.reserve(len(supporters)), batch.fates, batch.cast
    columns = zip(
        range(first, first + len(supporters)), batch.uuids, supporters, fates.state.tolist(),
        batch.arrivals.source.tolist(), fates.ended.tolist(), batch.networks, cast.language,
        cast.country, cast.region, signed, stamps(fates.confirmed), stamps(fates.changed), *more,
        strict=True,
    )  # fmt: skip
    table.send(
        [
            f"{pk}\t{uuid}\t{batch.campaign}\t{supporter}\t{STATES[state]}\t{source}\t{NULL}\t"
            f"{referrer or NULL}\t{generation}\t{ENDS[ended]}\t{network}\t{language}\t{country}\t"
            f"{region}\t{at}\t{confirmed}\t{changed}\t{news}\t{appeals}\n"
            for (
                pk, uuid, supporter, state, source, ended, network, language, country, region, at,
                confirmed, changed, referrer, generation, news, appeals,
            ) in columns
        ]
    )  # fmt: skip


def ticked(batch: Batch, mask: np.ndarray, wordings: dict[str, int]) -> list[object]:
    """Return the wording that each agreed to, or NULL."""
    return [
        wordings[language] if is_ticked else NULL
        for language, is_ticked in zip(batch.cast.language, mask.tolist(), strict=True)
    ]


def write_consents(
    batch: Batch, world: World, supporters: range, purpose: str, wordings: Sequence[object]
) -> None:
    """Write the yes of those who confirmed, and the no that came later if it did."""
    fates, lines, states = batch.fates, [], []
    is_news = purpose == Purpose.NEWSLETTER.value
    asked = fates.news if is_news else fates.appeals
    places = np.flatnonzero(asked & (fates.confirmed > 0))
    left = fates.left[places] if is_news else np.zeros(len(places), dtype=np.int64)
    consents, states_table = world.people.consents, world.people.states
    pk = consents.reserve(len(places) + int((left > 0).sum()))
    state = states_table.reserve(len(places))
    for place, at, until in zip(
        places.tolist(), stamps(fates.confirmed[places]), stamps(left), strict=True
    ):
        who = f"{supporters[place]}\t{EMAIL}\t{purpose}"
        lines.append(f"{pk}\t{who}\tt\t{wordings[place]}\tsignature:{batch.uuids[place]}\t{at}\n")
        pk += 1
        if until != NULL:
            lines.append(f"{pk}\t{who}\tf\t{NULL}\tunsubscribe\t{until}\n")
            pk += 1
        holds, since = ("t", at) if until == NULL else ("f", until)
        states.append(f"{state}\t{who}\t{holds}\t{since}\n")
        state += 1
    consents.send(lines)
    states_table.send(states)


def write_shares(table: Table, first: int, shared: Shared) -> None:
    """Write who shared; `first` is the number of the campaign's first signature."""
    pk = table.reserve(len(shared.place))
    rows = zip(shared.place.tolist(), shared.medium.tolist(), stamps(shared.at), strict=True)
    table.send(
        [
            f"{pk + row}\t{first + place}\t{MEDIA[medium]}\t{at}\n"
            for row, (place, medium, at) in enumerate(rows)
        ]
    )
