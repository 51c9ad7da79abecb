"""Households and relationships: who belongs together, and how that is told from either side."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from crm.audit import AuditEntry
from crm.people import addressing, belonging, relating
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.models import Change
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 14)


def person(given, family="Dupont", form="", **fields):
    return SupporterFactory(
        given_name=given, family_name=family, form_of_address=form, language="fr", **fields
    )


@pytest.fixture
def marie(db):
    return person("Marie", form="madam")


@pytest.fixture
def jean(db):
    return person("Jean", form="sir")


@pytest.fixture
def bakery(db):
    return SupporterFactory(kind="organisation", given_name="", family_name="Bakkerij Maes")


def feed(supporter):
    return list(Change.objects.filter(supporter=supporter).values_list("kind", flat=True))


def test_household_is_named_and_greeted_in_the_order_of_its_members(marie, jean, now, staff):
    household = belonging.form_household(members=[jean, marie], at=now, by=staff())

    assert belonging.name_of(household, "fr") == "Monsieur et Madame Dupont"
    assert belonging.greeting_of(household, "fr") == "Chers Monsieur et Madame Dupont,"
    assert belonging.greeting_of(household, "fr", formal=False) == "Bonjour Jean et Marie,"
    assert (feed(marie), feed(jean)) == (["household.joined"], ["household.joined"])
    assert (
        list(AuditEntry.objects.values_list("action", "details"))
        == [("household.joined", {"household": household.pk})] * 2
    )


def test_children_and_an_other_order_change_the_greeting(marie, jean, now):
    zoe = person("Zoé")
    household = belonging.form_household(members=[jean, marie, zoe], at=now)
    before = belonging.greeting_of(household, "fr")

    order = [marie.pk, jean.pk, zoe.pk]
    belonging.arrange(household=household, order=order, greeted={marie.pk, jean.pk}, at=now)

    assert before == "Chère famille Dupont,"
    assert belonging.greeting_of(household, "fr") == "Chers Madame et Monsieur Dupont,"


def test_household_may_have_a_name_and_greeting_of_its_own(marie, jean, now):
    household = belonging.form_household(members=[marie, jean], at=now)

    belonging.rename(
        household=household, own_name="Les Dupont", own_greeting="Chers voisins", at=now
    )

    assert belonging.name_of(household, "fr") == "Les Dupont"
    assert belonging.greeting_of(household, "fr") == "Chers voisins,"


def test_joining_twice_changes_nothing(marie, jean, now):
    household = belonging.form_household(members=[marie, jean], at=now)

    belonging.join(household=household, supporter=marie, at=now)

    assert (household.members.count(), feed(marie)) == (2, ["household.joined"])


def test_who_lives_in_another_household_is_refused_and_nothing_is_formed(marie, jean, now):
    first = belonging.form_household(members=[marie, jean], at=now)

    with pytest.raises(belonging.LivesElsewhere) as refusal:
        belonging.form_household(members=[person("Luc"), marie], at=now)

    assert (refusal.value.supporter_id, refusal.value.household_id) == (marie.pk, first.pk)
    assert list(Household.objects.all()) == [first]


def test_organisation_belongs_to_no_household(marie, bakery, now):
    with pytest.raises(belonging.NotAPerson):
        belonging.form_household(members=[marie, bakery], at=now)

    assert not Household.objects.exists()


def test_household_of_three_that_one_leaves_stays(marie, jean, now):
    zoe = person("Zoé")
    household = belonging.form_household(members=[jean, marie, zoe], at=now)

    belonging.leave(supporter=zoe, at=now)
    belonging.leave(supporter=zoe, at=now)

    assert [member.supporter for member in belonging.members_of(household)] == [jean, marie]
    assert feed(zoe) == ["household.joined", "household.left"]


def test_one_person_left_alone_is_no_household(marie, jean, now):
    belonging.form_household(members=[jean, marie], at=now)

    belonging.leave(supporter=jean, at=now)

    assert (Household.objects.count(), HouseholdMember.objects.count()) == (0, 0)
    assert feed(marie) == ["household.joined", "household.left"]


def settle(supporter, at, street="Rue Haute 12", postcode="1000"):
    addressing.add_address(
        supporter=supporter,
        street=street,
        postcode=postcode,
        town="Bruxelles",
        country="BE",
        source="staff",
        at=at,
    )


def test_people_of_one_name_at_one_address_are_suggested_for_a_household(marie, jean, now):
    settle(marie, now)
    settle(jean, now, street="12, r. Haute")
    hyphenated = person("Luc", family="Dupont-Claes")
    settle(hyphenated, now)
    elsewhere, stranger, past = person("Eva"), person("Bob", family="Claessens"), person("Leo")
    settle(elsewhere, now, street="Rue Haute 14")
    settle(stranger, now)
    settle(past, now)
    addressing.retire_address(address=past.addresses.get(), ends_on=TODAY, at=now)

    assert belonging.suggested_members(marie) == [jean, hyphenated]


def test_nobody_is_suggested_who_is_in_the_household_already_or_without_an_address(
    marie, jean, now
):
    without = belonging.suggested_members(marie)
    settle(marie, now)
    settle(jean, now)
    belonging.form_household(members=[marie, jean], at=now)

    assert (without, belonging.suggested_members(marie)) == ([], [])


@pytest.mark.parametrize("number", [1, 3])
def test_suggesting_costs_the_same_whatever_the_number(
    marie, now, number, django_assert_num_queries
):
    settle(marie, now)
    for index in range(number):
        settle(person(f"P{index}"), now)

    with django_assert_num_queries(2):
        found = belonging.suggested_members(marie)

    assert len(found) == number


@pytest.mark.parametrize(
    ("kind", "words", "inverse"),
    [
        ("partner", "partner of", "partner of"),
        ("parent", "parent of", "child of"),
        ("sibling", "brother or sister of", "brother or sister of"),
        ("friend", "friend of", "friend of"),
        ("introduced", "introduced", "was introduced by"),
    ],
)
def test_relationship_is_worded_from_either_side(marie, jean, now, kind, words, inverse):
    relating.relate(supporter=marie, other=jean, kind=kind, at=now)

    with translation.override("en"):
        [from_marie], [from_jean] = (
            relating.relationships_of(marie),
            relating.relationships_of(jean),
        )
    assert (from_marie.words, from_marie.other) == (words, jean)
    assert (from_jean.words, from_jean.other) == (inverse, marie)


@pytest.mark.parametrize(
    ("kind", "inverse"),
    [
        ("contact", "has as contact person"),
        ("staff", "employs"),
        ("member", "has as member"),
    ],
)
def test_organisation_tells_who_its_people_are(marie, bakery, now, kind, inverse):
    relating.relate(supporter=marie, other=bakery, kind=kind, role="Baker", at=now)

    with translation.override("en"):
        [told] = relating.relationships_of(bakery)
    assert (told.words, told.other, told.relationship.role) == (inverse, marie, "Baker")
    assert feed(bakery) == feed(marie) == ["relationship.added"]


def test_every_kind_of_relationship_has_words_for_the_other_side():
    assert set(relating.INVERSE) == set(Relationship.Kind)


def test_relationship_said_twice_or_from_the_other_side_is_one(marie, jean, now):
    first = relating.relate(supporter=marie, other=jean, kind="partner", at=now)

    assert relating.relate(supporter=marie, other=jean, kind="partner", at=now) == first
    assert relating.relate(supporter=jean, other=marie, kind="partner", at=now) == first
    assert relating.relate(supporter=jean, other=marie, kind="parent", at=now) != first
    assert relating.relate(supporter=marie, other=jean, kind="parent", at=now) != first


def test_nonsense_is_refused(marie, jean, bakery, now):
    with pytest.raises(relating.NotAnOrganisation):
        relating.relate(supporter=marie, other=jean, kind="contact", at=now)
    with pytest.raises(belonging.NotAPerson):
        relating.relate(supporter=marie, other=bakery, kind="partner", at=now)
    with pytest.raises(ValueError, match=str(marie.pk)):
        relating.relate(supporter=marie, other=marie, kind="friend", at=now)

    assert not Relationship.objects.exists()


def test_organisation_has_one_main_contact_and_it_comes_first(marie, jean, bakery, now):
    about = {"other": bakery, "kind": "contact", "at": now}
    relating.relate(supporter=marie, is_main_contact=True, **about)
    relating.relate(supporter=jean, **about)
    before = relating.contacts_of(bakery, today=TODAY)

    relating.relate(supporter=person("Luc"), is_main_contact=True, **about)

    after = relating.contacts_of(bakery, today=TODAY)
    assert [each.supporter.given_name for each in before] == ["Marie", "Jean"]
    assert [(each.supporter.given_name, each.is_main_contact) for each in after] == [
        ("Luc", True),
        ("Marie", False),
        ("Jean", False),
    ]


def test_relationship_that_ended_is_told_last_and_may_begin_again(marie, jean, bakery, now):
    first = relating.relate(
        supporter=marie, other=bakery, kind="contact", is_main_contact=True, at=now
    )
    relating.relate(supporter=marie, other=jean, kind="friend", at=now)

    relating.end_relationship(relationship=first, ends_on=TODAY, at=now)

    told = relating.relationships_of(marie)
    assert [each.other for each in told] == [jean, bakery]
    assert told[1].relationship.ends_on == TODAY
    assert relating.contacts_of(bakery, today=TODAY + timedelta(days=1)) == []
    assert not first.is_main_contact
    again = relating.relate(supporter=marie, other=bakery, kind="contact", at=now)
    assert again != first


def test_mistaken_relationship_goes(marie, jean, now):
    relating.remove_relationship(
        relationship=relating.relate(supporter=marie, other=jean, kind="friend", at=now), at=now
    )

    assert not Relationship.objects.exists()
    assert feed(jean) == ["relationship.added", "relationship.removed"]


@pytest.mark.parametrize("number", [1, 3])
def test_relationships_cost_one_query_whatever_their_number(
    marie, now, number, django_assert_num_queries
):
    for index in range(number):
        relating.relate(supporter=person(f"P{index}"), other=marie, kind="friend", at=now)

    with django_assert_num_queries(1):
        told = [(each.words, str(each.other)) for each in relating.relationships_of(marie)]

    assert len(told) == number
