"""What may happen to households. Relationships between any two are in `relating`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people import greetings
from crm.people.contact_points import PostalAddress
from crm.people.households import Household, HouseholdMember
from crm.people.models import Supporter
from crm.people.names import family_core, family_words
from crm.people.operations import record_change
from crm.people.streets import street

MOST_NEIGHBOURS = 500  # of one postcode who are compared


class LivesElsewhere(Exception):
    """Somebody is in another household: `supporter_id` in `household_id`."""

    def __init__(self, supporter_id: int, household_id: int) -> None:
        super().__init__(supporter_id, household_id)
        self.supporter_id, self.household_id = supporter_id, household_id


class NotAPerson(Exception):
    """Organisations belong to no household, and are nobody's family."""


@transaction.atomic
def form_household(
    *,
    members: Sequence[Supporter],
    at: datetime,
    by: Any = None,
    own_name: str = "",
    own_greeting: str = "",
) -> Household:
    """Let people get one letter, greeted in this order. Raises LivesElsewhere, NotAPerson."""
    household = Household.objects.create(
        own_name=own_name, own_greeting=own_greeting, created_at=at
    )
    for member in members:
        join(household=household, supporter=member, at=at, by=by)
    return household


@transaction.atomic
def join(
    *,
    household: Household,
    supporter: Supporter,
    at: datetime,
    by: Any = None,
    is_greeted: bool = True,
) -> HouseholdMember:
    """Take somebody into a household, named last. Twice changes nothing.

    Raises LivesElsewhere, NotAPerson.
    """
    if supporter.kind != Supporter.Kind.PERSON:
        raise NotAPerson(supporter.pk)
    positions = locked(household).members.values_list("position", flat=True)
    place, is_new = HouseholdMember.objects.get_or_create(
        supporter=supporter,
        defaults={
            "household": household,
            "position": max(positions, default=-1) + 1,
            "is_greeted": is_greeted,
        },
    )
    if place.household_id != household.pk:
        raise LivesElsewhere(supporter.pk, place.household_id)
    if is_new:
        tell("household.joined", supporter, household, at=at, by=by)
    return place


@transaction.atomic
def leave(*, supporter: Supporter, at: datetime, by: Any = None) -> None:
    """Take somebody out of their household; one person left alone is no household."""
    place = HouseholdMember.objects.filter(supporter=supporter).first()
    if place is None:
        return
    household = locked(place.household)
    place.delete()
    tell("household.left", supporter, household, at=at, by=by)
    if household.members.count() < 2:
        dissolve(household=household, at=at, by=by)


@transaction.atomic
def dissolve(*, household: Household, at: datetime, by: Any = None) -> None:
    """Let everybody get letters of their own again."""
    for place in locked(household).members.select_related("supporter"):
        place.delete()
        tell("household.left", place.supporter, household, at=at, by=by)
    household.delete()


@transaction.atomic
def arrange(
    *,
    household: Household,
    order: Sequence[int],
    greeted: Collection[int],
    at: datetime,
    by: Any = None,
) -> None:
    """Say in which order its members are named, and who is; both by the keys of supporters."""
    for place in locked(household).members.select_related("supporter"):
        key = place.supporter_id
        wanted = (order.index(key) if key in order else len(order), key in greeted)
        if (place.position, place.is_greeted) != wanted:
            place.position, place.is_greeted = wanted
            place.save(update_fields=["position", "is_greeted"])
            tell("household.arranged", place.supporter, household, at=at, by=by)


@transaction.atomic
def rename(
    *, household: Household, own_name: str, own_greeting: str, at: datetime, by: Any = None
) -> Household:
    """Give a household a name and a greeting of its own; empty ones are made from its members."""
    if (household.own_name, household.own_greeting) == (own_name, own_greeting):
        return household
    household.own_name, household.own_greeting = own_name, own_greeting
    household.save(update_fields=["own_name", "own_greeting"])
    for place in household.members.select_related("supporter"):
        tell("household.renamed", place.supporter, household, at=at, by=by)
    return household


def members_of(household: Household) -> list[HouseholdMember]:
    """Return its members with their supporters, in the order in which they are named."""
    return list(household.members.select_related("supporter").order_by("position", "pk"))


def greeted(members: Sequence[HouseholdMember]) -> list[Supporter]:
    """Return who is named; where nobody is, everybody is."""
    named = [member.supporter for member in members if member.is_greeted]
    return named or [member.supporter for member in members]


def greeting_of(household: Household, language: str, *, formal: bool = True) -> str:
    """Return how a letter to a household begins."""
    greet = greetings.formal if formal else greetings.informal
    return greet(greeted(members_of(household)), language, own=household.own_greeting)


def name_of(household: Household, language: str) -> str:
    """Return the name of a household as it stands on an envelope."""
    people = greeted(members_of(household))
    return greetings.name_line(people, language, own=household.own_name)


def suggested_members(supporter: Supporter) -> list[Supporter]:
    """Return people of one family name at one address who are not in this one's household yet.

    Who is in another household is among them: `membership` tells.
    """
    home = supporter.addresses.filter(is_preferred=True).first()
    if home is None or not home.street or supporter.kind != Supporter.Kind.PERSON:
        return []
    people = Supporter.objects.current().filter(kind=Supporter.Kind.PERSON)
    places = PostalAddress.objects.exclude(status=PostalAddress.Status.PAST)
    near = places.filter(postcode=home.postcode, country=home.country, supporter__in=people)
    near = near.exclude(supporter=supporter).select_related("supporter__membership")
    ours = HouseholdMember.objects.filter(supporter=supporter).values("household")
    near = near.exclude(supporter__membership__household__in=ours).order_by("pk")
    found = {
        each.supporter_id: each.supporter
        for each in near[:MOST_NEIGHBOURS]
        if street(each.street) == street(home.street) and same_family(each.supporter, supporter)
    }
    return list(found.values())


def same_family(one: Supporter, other: Supporter) -> bool:
    """Whether they share a family name, in whatever spelling."""
    names, others = families(one), families(other)
    return bool(names & others)


def families(person: Supporter) -> set[str]:
    return {family_core(person.family_name), *family_words(person.family_name)} - {""}


def locked(household: Household) -> Household:
    """Let nobody else come or go before the commit."""
    Household.objects.select_for_update().get(pk=household.pk)
    return household


def tell(kind: str, supporter: Supporter, household: Household, *, at: datetime, by: Any) -> None:
    """Tell the feed and the audit trail."""
    record_change(supporter=supporter, kind=kind, at=at)
    audit.log(kind, supporter, by=by, at=at, household=household.pk)
