"""Who belongs together: households, organisations and their contacts, families and friends."""

from datetime import timedelta

from crm.demo.chance import dice, public_id
from crm.demo.copying import Table
from crm.demo.data import read
from crm.demo.reach import NUMBERS, Homes
from crm.demo.world import World
from crm.lib.contact import words
from crm.people import addressing, relating
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.models import Change, Supporter
from crm.people.operations import address_of, newcomer

Kind = Relationship.Kind
BEFORE = timedelta(
    days=420, hours=13
)  # since when organisations are known, and a day less for each
FIRST_NUMBER = 90_000  # of organisations, so that theirs are nobody else's
ACQUAINTED = [Kind.PARENT, Kind.SIBLING, Kind.FRIEND, Kind.INTRODUCED] * 5
PER_ORGANISATION = 10  # one for so many donors, at most


def write(world: World, couples: list[tuple[int, int]], *, donors: int) -> list[Supporter]:
    """Write all of it; return the organisations."""
    write_households(world, couples)
    found = [
        write_organisation(world, place, told)
        for place, told in enumerate(read("organisations")["organisation"])
        if place < donors // PER_ORGANISATION
    ]
    people = some_people(len(found) * 2 + len(ACQUAINTED) * 2)
    write_contacts(world, found, people[: len(found) * 2])
    write_acquaintances(world, people[len(found) * 2 :])
    return found


def some_people(number: int) -> list[Supporter]:
    """Return donors from here and there who live in no household, so many at most."""
    found = Supporter.objects.filter(kind=Supporter.Kind.PERSON, membership=None)
    keys = list(
        found.filter(gifts__isnull=False).order_by("pk").distinct().values_list("pk", flat=True)
    )
    chosen = dice("acquainted").sample(keys, min(number, len(keys)))
    return list(Supporter.objects.filter(pk__in=chosen).order_by("pk"))


def write_households(world: World, couples: list[tuple[int, int]]) -> None:
    """Let couples get one letter. They are partners, too, as far as somebody wrote it down."""
    rng, at = dice("households"), world.end - timedelta(days=30, hours=12)
    households = Table(Household, "public_id", "own_name", "own_greeting", "created_at")
    members = Table(HouseholdMember, "household_id", "supporter_id", "position", "is_greeted")
    partners = Table(
        Relationship, "supporter_id", "other_id", "kind", "role", "is_main_contact", "added_at"
    )
    for couple in couples:
        household = households.add(public_id(rng), "", "", at)
        for position, supporter in enumerate(couple):
            members.add(household, supporter, position, True)
        if rng.random() < 0.3:
            partners.add(*couple, Kind.PARTNER.value, "", False, at)
    for table in (households, members, partners):
        table.finish()


def write_organisation(world: World, place: int, told: dict[str, str]) -> Supporter:
    """Write an organisation with its address and telephone."""
    at = world.end - BEFORE + timedelta(days=7 * place)
    local = ".".join(words(told["name"])[:3])
    new = newcomer(
        at=at,
        kind=Supporter.Kind.ORGANISATION,
        family_name=told["name"],
        email=f"info.{local}@example.org",
        language=told["language"],
        postcode=told["postcode"],
        country="BE",
        source="staff",
    )
    new.public_id = public_id(dice(told["name"]))
    new.save(force_insert=True)
    address = address_of(new)
    address.use = "work"
    address.save(force_insert=True)
    Change.objects.create(supporter=new, kind="registered", at=at)
    homes = Homes(dice("organisations"))
    addressing.add_address(
        supporter=new,
        source="staff",
        at=at,
        street=told["street"],
        postcode=told["postcode"],
        town=homes.town(told["postcode"], told["language"]),
        country="BE",
        use="work",
    )
    number = NUMBERS.format(FIRST_NUMBER + place)
    addressing.add_phone(supporter=new, number=number, source="staff", at=at, use="work")
    return new


def write_contacts(world: World, organisations: list[Supporter], people: list[Supporter]) -> None:
    """Give each organisation a main contact, and some of them somebody else who works there."""
    roles = [each["role"] for each in read("organisations")["organisation"]]
    at = world.end - timedelta(days=90, hours=14)
    for place, (organisation, person) in enumerate(zip(organisations, people[::2], strict=False)):
        relating.relate(
            supporter=person,
            other=organisation,
            kind=Kind.CONTACT,
            at=at,
            role=roles[place],
            is_main_contact=True,
            begins_on=(at - BEFORE).date(),
        )
    for organisation, person in list(zip(organisations, people[1::2], strict=False))[::3]:
        relating.relate(supporter=person, other=organisation, kind=Kind.STAFF, at=at)


def write_acquaintances(world: World, people: list[Supporter]) -> None:
    """Relate some people to one another."""
    at = world.end - timedelta(days=60, hours=9)
    for kind, one, other in zip(ACQUAINTED, people[::2], people[1::2], strict=False):
        relating.relate(supporter=one, other=other, kind=kind, at=at)
