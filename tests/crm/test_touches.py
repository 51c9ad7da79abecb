"""Where signers and donors came from, this time and the first time."""

from datetime import timedelta

import pytest

from crm.campaigns.attribution import first_source_of
from crm.campaigns.models import Signature
from crm.campaigns.operations import withdraw
from crm.donations import tallies
from crm.donations.by_hand import record_by_hand
from crm.donations.models import Gift, GiftDelta, GiftSourceTally
from crm.donations.operations import record_entry
from crm.people.merging import merge
from tests.crm.spreading import give, joined, sign
from tests.factories import CampaignFactory, GiftFactory, SourceFactory, SupporterFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def facebook(db):
    return SourceFactory(channel="facebook")


@pytest.fixture
def newsletter(db):
    return SourceFactory(channel="newsletter")


def channels(row):
    row.refresh_from_db()
    return row.source and row.source.channel, row.first_source and row.first_source.channel


def test_newcomer_came_first_from_where_they_came(petition, now):
    pia = sign(petition, "pia", now, utm_source="facebook")

    assert channels(pia) == ("facebook", None)


def test_second_petition_remembers_the_first_source(petition, now):
    joined(petition, "pia", now, utm_source="facebook")

    second = sign(CampaignFactory(), "pia", now + DAY, utm_source="newsletter")
    third = sign(CampaignFactory(), "pia", now + DAY, utm_source="facebook")

    assert [channels(second), channels(third)] == [("newsletter", "facebook"), ("facebook", None)]


def test_signature_that_was_never_confirmed_or_not_theirs_was_no_touch(petition, now):
    sign(petition, "pia", now, utm_source="facebook")
    other = joined(CampaignFactory(), "pia", now, utm_source="youtube")
    withdraw(signature=other, at=now, why=Signature.Ended.NOT_ME)

    last = sign(CampaignFactory(), "pia", now + DAY, utm_source="newsletter")

    assert channels(last) == ("newsletter", None)


def test_signing_again_changes_neither_touch(petition, now):
    pia = joined(petition, "pia", now, utm_source="facebook")

    sign(petition, "pia", now + DAY, utm_source="newsletter")

    assert channels(pia) == ("facebook", None)


def test_gift_remembers_the_petition_by_which_its_donor_came(petition, now, newsletter):
    pia = joined(petition, "pia", now, utm_source="facebook")

    gift = give(pia.supporter, now + DAY, source=newsletter)

    assert channels(gift) == ("newsletter", "facebook")


def test_money_by_bank_says_where_its_donor_once_came_from(petition, now):
    pia = joined(petition, "pia", now, utm_source="facebook")

    gift = record_by_hand(
        key="8b0cd1f4-37a9-4b7e-9a45-09a5a0e7ab68",
        supporter=pia.supporter,
        person={},
        amount=2500,
        method="bank_transfer",
        received_on=(now + 2 * DAY).date(),
        at=now + 3 * DAY,
    )

    assert channels(gift) == (None, "facebook")


def test_gift_of_a_stranger_has_no_first_source(now, facebook):
    gift = give(SupporterFactory(), now, source=facebook)

    assert channels(gift) == ("facebook", None)


def test_signature_of_a_donor_remembers_the_gift_whose_source_is_known(petition, now, facebook):
    pia = sign(petition, "pia", now).supporter
    give(pia, now - 3 * DAY, "test:bank")
    give(pia, now - 2 * DAY, "test:card", source=facebook)

    other = sign(CampaignFactory(), "pia", now, utm_source="newsletter")

    assert channels(other) == ("newsletter", "facebook")


def test_gift_written_down_late_knows_only_what_was_before_it(petition, now):
    pia = joined(petition, "pia", now, utm_source="facebook")

    assert channels(give(pia.supporter, now - DAY)) == (None, None)


def test_failed_gift_was_no_touch(now, facebook):
    pia = SupporterFactory()
    GiftFactory(
        supporter=pia, status=Gift.Status.FAILED, received_on=None, given_at=now, source=facebook
    )

    assert first_source_of(pia, at=now + DAY) is None


@pytest.mark.parametrize("times", [1, 3])
def test_first_source_is_one_query(petition, now, times, django_assert_num_queries):
    for number in range(times):
        pia = joined(CampaignFactory(), "pia", now + number * DAY, utm_source="facebook")

    with django_assert_num_queries(1):
        assert first_source_of(pia.supporter, at=now + 9 * DAY) == pia.source_id


def sums():
    """Money by its sources, folded or not: (day, source, first source, gifts, gross, refunds)."""
    columns = ("day", "source__channel", "first_source__channel", "gifts", "gross", "refunds")
    return [*GiftSourceTally.objects.order_by("day").values_list(*columns)]


def test_money_is_tallied_by_both_touches_and_refunds_with_it(petition, now, newsletter):
    pia = joined(petition, "pia", now, utm_source="facebook")
    gift = give(pia.supporter, now + DAY, source=newsletter)
    tallies.fold()
    record_entry(
        gift=gift, reference="test:1:refund", kind="refund", amount=-1000, at=now + 2 * DAY
    )
    tallies.fold()

    day = now.date()
    assert not GiftDelta.objects.exists()
    assert sums() == [
        (day + DAY, "newsletter", "facebook", 1, 2500, 0),
        (day + 2 * DAY, "newsletter", "facebook", 0, 0, -1000),
    ]


def test_merging_people_moves_no_money_between_sources(petition, now, newsletter):
    pia = joined(petition, "pia", now, utm_source="facebook")
    other = SupporterFactory()
    give(other, now + DAY, source=newsletter)
    tallies.fold()
    before = sums()

    merge(kept=pia.supporter, lost=other, at=now + 2 * DAY)
    tallies.fold()

    assert channels(Gift.objects.get()) == ("newsletter", None)
    assert sums() == before
