"""The networks that the organisation belongs to, and its institutional partners."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import override
from django_countries import countries

from crm.demo import organisations
from crm.demo.chance import dice
from crm.demo.data import read
from crm.demo.moments import midnight
from crm.demo.organisations import Told
from crm.demo.world import World
from crm.programmes.networks import Affiliation, Network

INTERNATIONAL, FOUNDED, LATEST = "ECPAT International", 1991, 2023
KNOWN = timedelta(days=700)  # ago, since when we know them
Kind = Affiliation.Kind


def write(world: World) -> None:
    """Write the networks with their members, and the partners."""
    told = read("networks")
    international = Network.objects.create(
        name=INTERNATIONAL, is_international=True, created_at=world.end - KNOWN
    )
    rows = members(world, international, told)
    for each in told["network"]:
        network = Network.objects.create(name=each["name"], created_at=world.end - KNOWN)
        rows += joined(world, each["members"], kind=Kind.MEMBER, network=network)
    for kind, partners in told["institutional"].items():
        rows += joined(world, partners, kind=kind, network=None)
    Affiliation.objects.bulk_create(rows)


def members(world: World, network: Network, told: dict[str, Any]) -> list[Affiliation]:
    """The members of the international network, and the groups that were members once."""
    rng = dice("networks")
    current = [national(world, told, code, "one") for code in told["countries"].split()]
    current += [national(world, told, code, "second") for code in told["second"]]
    former = [national(world, told, code, "former") for code in told["former"]]
    rows = [
        Affiliation(
            organisation=each,
            kind=Kind.MEMBER,
            network=network,
            begins_on=date(rng.randint(FOUNDED, LATEST), rng.randint(1, 12), 1),
            modified_at=world.end - KNOWN,
        )
        for each in organisations.write([*current, *former])
    ]
    for row in rows[len(current) :]:
        row.begins_on, row.ends_on = date(2001, 1, 1), date(rng.randint(2012, 2020), 7, 1)
    return rows


def national(world: World, told: dict[str, Any], code: str, name: str) -> Told:
    """A national group, named after its country."""
    language = next((each for each in ("fr", "nl") if code in told[each].split()), "en")
    with override("en"):
        named = told["names"][name].format(country=countries.name(code))
    return Told(named, language, "", world.end - KNOWN, code)


def joined(
    world: World, told: list[tuple[str, str, str]], *, kind: str, network: Network | None
) -> list[Affiliation]:
    rng = dice(f"affiliations {kind} {network}")
    found = organisations.write(Told(*each, world.end - KNOWN) for each in told)
    return [
        Affiliation(
            organisation=each,
            kind=kind,
            network=network,
            begins_on=(midnight(world.today) - timedelta(days=rng.randint(900, 5000))).date(),
            modified_at=world.end - KNOWN,
        )
        for each in found
    ]
