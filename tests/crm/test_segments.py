"""Whom the conditions of segments select, one by one and put together."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.tags import Tag, Tagging
from crm.privacy.operations import record_consent
from crm.segments.catalogue import CONDITIONS
from crm.segments.known import Known
from crm.segments.tree import build, check, tree_of
from tests.crm.segments import NOW, TODAY, all_of, any_of, is_, none_of, tree, who
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    FundFactory,
    GiftFactory,
    InstalmentFactory,
    PlanFactory,
    SignatureFactory,
    SupporterFactory,
)
from tests.people_factories import SegmentFactory

pytestmark = pytest.mark.django_db
NO_AMOUNT = "This is not an amount, such as 25 or 12,50."
NO_CHOICE = "This cannot be chosen, or no longer."
LOWER = "The lower amount is above the higher."
LENGTH = "Both postcodes must be of the same length."
NUMBER = "A number between 1 and 1000, please."
DEEP = "Groups can stand in groups, but not deeper than this."
BACKWARDS = {"from": "2026-02-02", "to": "2026-02-01"}


def known_in(**when):
    return all_of(is_("known", when=when))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def ada(db):
    return SupporterFactory(given_name="Ada")


@pytest.fixture
def bob(db):
    return SupporterFactory(given_name="Bob")


def gift(supporter, amount=2500, day=date(2026, 3, 1), **fields):
    return GiftFactory(supporter=supporter, amount=amount, received_on=day, **fields)


def signature(supporter, campaign=None, **fields):
    more = {"campaign": campaign} if campaign else {}
    fields = {"status": "confirmed", "confirmed_at": NOW, **fields}
    return SignatureFactory(supporter=supporter, **more, **fields)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({}, ["Ada", "Bob"]),
        ({"least": 5000}, ["Ada"]),
        ({"least": 5001}, []),
        ({"most": 4999}, ["Bob"]),
        ({"one_least": 2500}, ["Ada", "Bob"]),
        ({"one_least": 2501}, []),
        ({"times": 2}, ["Ada"]),
        ({"times_most": 1}, ["Bob"]),
        ({"when": {"kind": "between", "from": "2025-01-01", "to": "2025-12-31"}}, ["Ada"]),
        ({"when": {"kind": "last_year"}}, ["Ada"]),
        ({"when": {"kind": "this_year"}}, ["Ada", "Bob"]),
        ({"when": {"kind": "last", "days": 13}}, ["Ada", "Bob"]),
        ({"when": {"kind": "last", "days": 12}}, []),
        ({"when": {"kind": "older", "days": 13}}, ["Ada"]),
        ({"methods": ["cash"]}, ["Bob"]),
        ({"currency": "USD"}, []),
    ],
)
def test_gave_counts_what_is_asked_for(ada, bob, condition, found, settings):
    settings.DONATION_CURRENCIES = ["EUR", "USD"]
    gift(ada, day=date(2025, 12, 31))
    gift(ada)
    gift(bob, method="cash")

    assert who(is_("gave", **condition)) == found


def test_gave_asks_for_campaigns_and_funds(ada, bob):
    campaign, fund = CampaignFactory(), FundFactory()
    gift(ada, campaign=campaign)
    gift(bob, fund=fund)

    assert who(is_("gave", campaigns=[campaign.pk])) == ["Ada"]
    assert who(is_("gave", funds=[fund.pk])) == ["Bob"]


def test_money_that_went_back_was_not_given(ada, bob):
    EntryFactory(gift=gift(ada), kind="refund", amount=-2500)
    EntryFactory(gift=gift(bob), kind="refund", amount=-500)

    assert who(is_("gave")) == ["Bob"]
    assert who(is_("gave", least=2001)) == []
    assert who(is_("gave", least=2000)) == ["Bob"]
    assert who(is_("never_gave")) == ["Ada"]


def test_gifts_in_kind_and_gifts_that_were_not_paid_are_no_money(ada, bob):
    gift(ada, kind="in_kind")
    gift(bob, status="failed", day=None)

    assert who(is_("gave")) == []
    assert who(is_("never_gave")) == ["Ada", "Bob"]


def test_lapsed_gave_last_year_and_not_this(ada, bob):
    cleo = SupporterFactory(given_name="Cleo")
    for supporter, year in [(ada, 2025), (bob, 2025), (bob, 2026), (cleo, 2020)]:
        gift(supporter, day=date(year, 1, 1))

    assert who(is_("lapsed", before="last")) == ["Ada"]
    assert who(is_("lapsed", before="ever")) == ["Ada", "Cleo"]


def test_first_gift_and_last_gift_are_looked_at_alone(ada, bob):
    for supporter, year in [(ada, 2024), (ada, 2026), (bob, 2026)]:
        gift(supporter, day=date(year, 2, 1))
    this_year = {"kind": "this_year"}

    assert who(is_("turn", which="first", when=this_year)) == ["Bob"]
    assert who(is_("turn", which="last", when=this_year)) == ["Ada", "Bob"]


def test_regular_gifts_and_pledges_have_states(ada, bob):
    PlanFactory(supporter=ada, amount=1000)
    PlanFactory(supporter=bob, status="ended", ended_at=NOW)
    InstalmentFactory(pledge__supporter=bob, due_on=date(2026, 3, 13))

    assert who(is_("regular", state="running")) == ["Ada"]
    assert who(is_("regular", state="running", least=1001)) == []
    assert who(is_("regular", state="ended", when={"kind": "this_year"})) == ["Bob"]
    assert who(is_("pledge", state="open")) == ["Bob"]
    assert who(is_("pledge", state="late")) == ["Bob"]
    assert who(is_("pledge", state="late"), today=date(2026, 3, 13)) == []
    assert who(is_("pledge", state="kept")) == []


def test_signed_asks_for_campaign_state_number_and_local_day(ada, bob):
    first, second = CampaignFactory(), CampaignFactory()
    # 23:30 UTC is the next day in Belgium.
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    signature(ada, first, signed_at=late)
    signature(ada, second)
    signature(bob, first, status="pending", confirmed_at=None)
    signature(bob, second, status="withdrawn")
    march = {"kind": "between", "from": "2026-03-01"}
    february = {"kind": "between", "to": "2026-02-28"}

    assert who(is_("signed")) == ["Ada"]
    assert who(is_("signed", campaigns=[first.pk], state="any")) == ["Ada", "Bob"]
    assert who(is_("signed", state="pending")) == ["Bob"]
    assert who(is_("signed", least=2)) == ["Ada"]
    assert who(is_("signed", most=1)) == []
    assert who(is_("signed", campaigns=[first.pk], when=march)) == ["Ada"]
    assert who(is_("signed", campaigns=[first.pk], when=february)) == []
    assert who(is_("never_signed")) == []


def test_withdrawn_signature_is_none(ada, bob):
    signature(bob, status="withdrawn")

    assert who(is_("never_signed")) == ["Ada", "Bob"]


def test_consent_is_yes_no_or_never_asked(ada, bob):
    cleo = SupporterFactory(given_name="Cleo")
    record_consent(supporter=ada, given=True, source="test", at=NOW)
    record_consent(supporter=bob, given=False, source="test", at=NOW)

    def found(**values):
        return who(is_("consent", purpose="newsletter", **values))

    assert cleo.pk
    assert found(answer="yes") == ["Ada"]
    assert found(answer="no") == ["Bob"]
    assert found(answer="never") == ["Cleo"]
    assert found(answer="yes", when={"kind": "older", "days": 1}) == []
    assert found(answer="yes", channel="email") == ["Ada"]


def test_consent_by_letter_is_another_than_by_mail(ada, bob):
    letter = {"purpose": "appeals", "channel": "post", "source": "test", "at": NOW}
    record_consent(supporter=ada, given=True, **letter)
    record_consent(supporter=bob, given=False, **letter)

    def found(**values):
        return who(is_("consent", purpose="appeals", **values))

    assert found(answer="no", channel="post") == ["Bob"]
    assert found(answer="never", channel="phone") == ["Ada", "Bob"]
    assert found(answer="yes") == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (is_("country", countries=["FR", "NL"]), ["Bob"]),
        (is_("region", regions=["BE-BRU"]), ["Ada"]),
        ({"is": "postcode", "from": "1000", "to": "1299"}, ["Ada"]),
        ({"is": "postcode", "from": "1000", "to": "9999", "countries": ["FR"]}, []),
        ({"is": "postcode", "from": "75001", "to": "75020"}, ["Bob"]),
        ({"is": "postcode", "from": "2000"}, []),
        (is_("language", languages=["nl"]), ["Bob"]),
        (is_("kind", kinds=["organisation"]), ["Bob"]),
        (is_("age"), ["Ada"]),
        (is_("age", least=40), ["Ada"]),
        (is_("age", most=40), ["Ada"]),
        (is_("age", least=41), []),
        (is_("age", most=39), []),
        (is_("known", when={"kind": "this_year"}), ["Bob"]),
        (is_("source", sources=["import"]), ["Ada"]),
    ],
)
def test_person_is_where_and_who_the_record_says(condition, found):
    SupporterFactory(
        given_name="Ada",
        birth_date=date(1986, 3, 14),
        created_at=datetime(2025, 12, 31, 22, 30, tzinfo=UTC),
        source="import:12",
    )
    SupporterFactory(
        given_name="Bob",
        country="FR",
        region="",
        postcode="75011",
        language="nl",
        kind="organisation",
        created_at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
        source="importer",
    )

    assert who(condition) == found


def test_reach_takes_what_works(ada, bob):
    Phone.objects.create(supporter=ada, number="+32475123456")
    Phone.objects.create(supporter=bob, number="+32475123456", status="wrong")
    PostalAddress.objects.create(supporter=ada, street="Rue Haute 1")
    PostalAddress.objects.create(supporter=bob, street="Rue Haute 1", status="bad")
    PostalAddress.objects.create(supporter=bob, street="Old", ends_on=date(2026, 3, 13))
    EmailAddress.objects.filter(supporter=bob).update(status="bouncing")
    EmailAddress.objects.create(supporter=bob, address="second@example.org")

    assert who(is_("has_phone")) == ["Ada"]
    assert who(is_("has_address")) == ["Ada"]
    assert who(is_("has_email")) == ["Ada"]  # what works must be the one we write to
    assert who(is_("bouncing")) == ["Bob"]


def test_belonging_is_by_tag_household_and_relationship(ada, bob):
    tag = Tag.objects.create(name="volunteer")
    Tagging.objects.create(supporter=ada, tag=tag, tagged_at=NOW)
    house = Household.objects.create()
    HouseholdMember.objects.create(household=house, supporter=bob)
    Relationship.objects.create(supporter=ada, other=bob, kind="contact")
    Relationship.objects.create(supporter=bob, other=ada, kind="contact", ends_on=date(2026, 3, 13))

    assert who(is_("tagged", tags=[tag.pk])) == ["Ada"]
    assert who(is_("tagged", tags=[tag.pk], when={"kind": "older", "days": 1})) == []
    assert who(is_("household")) == ["Bob"]
    assert who(is_("related", kinds=["contact"])) == ["Ada"]


def test_groups_ask_for_all_any_or_none(ada, bob):
    cleo = SupporterFactory(given_name="Cleo", language="nl")
    gift(ada)
    signature(bob)
    gift(cleo)
    gave, signed, dutch = is_("gave"), is_("signed"), is_("language", languages=["nl"])

    assert who(gave, dutch) == ["Cleo"]
    assert who(any_of(gave, signed)) == ["Ada", "Bob", "Cleo"]
    assert who(none_of(signed, dutch)) == ["Ada"]
    assert who(any_of(signed, none_of(dutch))) == ["Ada", "Bob"]
    nested = {"match": "any", "of": [signed, all_of(gave, none_of(dutch))]}
    known = Known(today=TODAY)
    found = Supporter.objects.filter(build(check(nested, known), known).where()).order_by("pk")
    assert [each.given_name for each in found] == ["Ada", "Bob"]


def test_none_holds_for_whom_nothing_is_known(ada):
    assert who(none_of(is_("age", least=18))) == ["Ada"]


def test_somebody_is_selected_once_and_only_while_current(ada, bob):
    campaign = CampaignFactory()
    gift(ada)
    gift(ada)
    signature(ada, campaign)
    gift(bob)
    SupporterFactory(given_name="Erased", erased_at=NOW)
    Supporter.objects.filter(pk=bob.pk).update(merged_into=ada)

    assert who(any_of(is_("gave"), is_("signed"), is_("language", languages=["fr"]))) == ["Ada"]


def test_segment_in_a_segment_is_read_through(ada, bob):
    gift(ada)
    inner = SegmentFactory(conditions=all_of(is_("gave")))
    outer = SegmentFactory(conditions=all_of(is_("segment", segments=[inner.pk])))

    assert who(is_("segment", segments=[outer.pk])) == ["Ada"]
    assert tree(is_("segment", segments=[outer.pk])).needs() >= {"crm.see_money", "crm.view_gift"}


def test_what_no_longer_is_there_holds_for_nobody_and_says_so(ada):
    inner = SegmentFactory()
    made = tree(is_("segment", segments=[inner.pk]))
    inner.delete()
    known = Known(today=TODAY)
    left = tree_of(SegmentFactory(conditions=all_of(is_("segment", segments=[inner.pk]))), known)

    assert made.words() == f"is in the segment {inner.name}"
    assert left.words() == "is in the segment something that is no longer there"
    assert list(Supporter.objects.filter(left.where())) == []


def test_words_say_what_is_asked(ada):
    made = tree(
        is_(
            "gave", least=10000, when={"kind": "between", "from": "2025-01-01", "to": "2025-12-31"}
        ),
        any_of(is_("language", languages=["fr", "nl"]), is_("never_signed")),
        none_of(is_("bouncing"), is_("known", when={"kind": "last", "days": 30})),
    )

    assert made.words() == (
        "gave at least €100 in all, in 2025; and (reads French or Dutch; or never signed anything);"
        " and (none of: has an e-mail address from which mail comes back;"
        " became known to us in the last 30 days)"
    )


def test_every_condition_says_itself_and_its_facts(ada):
    first = {
        "turn": {"which": "first", "when": {"kind": "this_year"}},
        "known": {"when": {"kind": "this_year"}},
        "country": {"countries": ["BE"]},
        "region": {"regions": ["BE-BRU"]},
        "language": {"languages": ["fr"]},
        "kind": {"kinds": ["person"]},
        "source": {"sources": ["staff"]},
        "related": {"kinds": ["contact"]},
        "lapsed": {"before": "last"},
        "regular": {"state": "running"},
        "pledge": {"state": "open"},
        "consent": {"answer": "yes", "purpose": "newsletter"},
        "tagged": {"tags": [Tag.objects.create(name="friend").pk]},
        "segment": {"segments": [SegmentFactory().pk]},
    }
    for name in CONDITIONS:
        leaf = next(tree(is_(name, **first.get(name, {}))).leaves())

        assert leaf.words()
        assert leaf.facts(ada)
