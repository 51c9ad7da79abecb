"""K, generations and those whose links reached the most."""

from datetime import timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns.shares import Medium, Share
from crm.donations.models import Entry
from crm.lib.periods import local_day
from crm.reports import counting, jobs, sharing
from crm.reports.counted import Counting
from tests.crm.spread_world import (
    DAY,
    START,
    TODAY,
    confirmed,
    scope,
    signed,
    spreading,
)
from tests.factories import CampaignFactory, EntryFactory, GiftFactory

pytestmark = pytest.mark.django_db
CHECKED = START + 200 * DAY


def counted(campaign=None, *, today=TODAY, window=14):
    counting.count(counting.every(), at=CHECKED)
    return sharing.sharing(scope(campaign), today=today, window=window)


def k_of(found):
    return {way.medium: way.spread.brought for way in found.channels if way.spread.brought}


def test_k_is_those_brought_in_time_by_signers_old_enough(campaign):
    """By hand: 4 signers; anna brought 2 in time and 1 too late, ben 1, who was brought herself."""
    anna = signed(campaign)
    ben = signed(campaign, START + DAY, through=anna, medium="mail")
    signed(campaign, START + 14 * DAY, through=anna)
    signed(campaign, START + 14.01 * DAY, through=anna)
    signed(campaign, START + 2 * DAY, through=ben)

    found = counted(campaign)

    total = found.total.spread
    assert (total.signers, total.brought, total.k) == (5, 3, 0.6)
    assert total.effect == pytest.approx(2.5)
    assert k_of(found) == {"whatsapp": 2, "mail": 1}
    assert [
        (each.number, each.spread.signers, each.spread.brought) for each in found.generations
    ] == [
        (0, 1, 2),
        (1, 3, 1),
        (2, 1, 0),
    ]
    assert found.counted_at == CHECKED


def test_who_signed_too_lately_is_neither_counted_nor_counts_whom_they_brought(campaign):
    anna = signed(campaign)
    late = signed(campaign, START + 10 * DAY)
    signed(campaign, START + 11 * DAY, through=late)
    signed(campaign, START + DAY, through=anna)
    day = local_day(START + 24 * DAY)

    found = counted(campaign, today=day)

    assert (found.total.spread.signers, found.total.spread.brought) == (2, 1)


def test_who_withdrew_or_signed_on_paper_neither_brings_nor_is_brought(campaign):
    anna, gone = signed(campaign), signed(campaign, status="withdrawn")
    signed(campaign, START + DAY, through=gone)
    signed(campaign, START + DAY, through=anna, status="withdrawn")
    signed(campaign, START + DAY, through=anna, way="paper")
    other = signed(CampaignFactory(), START + DAY, through=anna)
    assert other.referrer == anna

    found = counted(campaign)

    assert (found.total.spread.signers, found.total.spread.brought) == (2, 0)
    assert (found.total.spread.low, found.total.spread.high) == (None, None)


def pairs_of(campaign):
    """Who was brought by whom, as a table."""
    rows = confirmed().filter(campaign=campaign)
    frame = pd.DataFrame(
        rows.values("pk", "referrer", "generation", "confirmed_at", "source__utm_medium")
    )
    frame["day"] = frame["confirmed_at"].map(local_day)
    return frame, frame.merge(frame, left_on="referrer", right_on="pk", suffixes=("", "_of"))


@pytest.mark.parametrize("window", [7, 14, 30])
def test_k_equals_a_second_count_in_pandas(campaign, window):
    spreading(campaign)
    spreading(CampaignFactory(), seed=6)
    today = local_day(START + 50 * DAY)

    found = counted(campaign, today=today, window=window)

    signers, pairs = pairs_of(campaign)
    old = signers[signers["day"] < today - timedelta(days=window)]
    after = pairs["confirmed_at"] - pairs["confirmed_at_of"]
    in_time = pairs[pairs["pk_of"].isin(old["pk"]) & (after <= pd.Timedelta(days=window))]
    ways = in_time["source__utm_medium"].where(lambda way: way.isin(Medium.values), "other")
    assert (found.total.spread.signers, found.total.spread.brought) == (len(old), len(in_time))
    assert k_of(found) == ways.value_counts().to_dict()
    shares = Share.objects.filter(signature__in=old["pk"].tolist()).select_related("signature")
    soon = [each for each in shares if each.at - each.signature.confirmed_at <= window * DAY]
    assert found.total.shares == len(soon) > 0
    # Whose bringer withdrew was brought all the same.
    told = {each.number: each.spread[:2] for each in found.generations}
    assert told == {
        number: (len(rows), int((in_time["generation_of"] == number).sum()))
        for number, rows in old.groupby("generation")
    }


def test_all_campaigns_are_the_sum_of_each(campaign):
    other = CampaignFactory()
    spreading(campaign, number=40)
    spreading(other, number=40, seed=8)

    one, two, both = (counted(each).total.spread for each in (campaign, other, None))

    assert both.brought == one.brought + two.brought > 0
    assert both.signers == one.signers + two.signers


@given(st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
@pytest.mark.django_db
def test_k_of_the_ways_adds_up_to_k(seed):
    spreading(CampaignFactory(), number=30, seed=seed)

    found = counted()

    assert sum(way.spread.k for way in found.channels) == pytest.approx(found.total.spread.k)
    for way in found.channels:
        if way.shares:
            assert way.per_signer * way.per_share == pytest.approx(way.spread.k)
    by_generation = sum(each.spread.brought for each in found.generations)
    assert by_generation == found.total.spread.brought


def test_interval_is_what_drawing_signers_anew_gives():
    """The plain bootstrap: as many signers as there are, drawn with whom each brought."""
    bringers, signers = {1: 40, 2: 12, 9: 3}, 500
    each = np.array([1] * 40 + [2] * 12 + [9] * 3 + [0] * 445)
    drawn = np.random.default_rng(2).choice(each, size=(4000, signers)).mean(axis=1)

    found = sharing.spread(bringers, signers)

    assert found.k == each.mean()
    assert found.low == pytest.approx(np.quantile(drawn, 0.025), abs=0.012)
    assert found.high == pytest.approx(np.quantile(drawn, 0.975), abs=0.012)
    assert sharing.spread(bringers, signers) == found


def test_interval_covers_the_truth_nineteen_times_of_twenty():
    """Of many campaigns in which each signer brings 0.3 on average, as a Poisson variable."""
    chance, within = np.random.default_rng(4), 0
    for _count in range(300):
        brought, number = np.unique(chance.poisson(0.3, size=400), return_counts=True)
        told = dict(zip(brought.tolist(), number.tolist(), strict=True))
        found = sharing.spread(told, 400)
        within += found.low <= 0.3 <= found.high

    assert 270 <= within <= 298


def test_spread_that_feeds_itself_has_no_end():
    assert sharing.spread({2: 10}, 10).effect is None


def reached_by(signature, children):
    return sum(
        (child.status == "confirmed") + reached_by(child, children)
        for child in children.get(signature.pk, [])
    )


def test_sharers_are_those_who_reached_most_in_all_generations(campaign):
    made, children = spreading(campaign), {}
    for signature in made:
        children.setdefault(signature.referrer_id, []).append(signature)
    expected = {
        each.pk: (
            sum(child.status == "confirmed" for child in children[each.pk]),
            reached_by(each, children),
        )
        for each in made
        if each.status == "confirmed" and each.pk in children and reached_by(each, children)
    }
    counting.count([campaign.pk], at=CHECKED)

    found = sharing.sharers(campaign.pk, most=200)

    assert {each.signature: (each.brought, each.reached) for each in found} == expected
    assert [each.reached for each in found] == sorted(
        (reached for _brought, reached in expected.values()), reverse=True
    )


def test_money_raised_is_what_those_below_gave_after_they_signed(campaign):
    anna = signed(campaign)
    ben = signed(campaign, START + DAY, through=anna)
    carl = signed(campaign, START + 2 * DAY, through=ben)
    for signature, days, amount in (
        (ben, 1, 1000),
        (carl, 2, 2000),
        (carl, -9, 4000),
        (anna, 3, 99),
    ):
        GiftFactory(
            supporter=signature.supporter,
            given_at=signature.signed_at + days * DAY,
            amount=amount,
        )
    back = GiftFactory(supporter=carl.supporter, given_at=START + 9 * DAY, amount=5000)
    EntryFactory(gift=back, amount=5000)
    EntryFactory(gift=back, kind=Entry.Kind.REFUND, amount=-4500)
    GiftFactory(supporter=carl.supporter, given_at=START + 9 * DAY, currency="USD")
    counting.count([campaign.pk], at=CHECKED)

    found = {each.signature: (each.gifts, each.raised) for each in sharing.sharers(None)}

    assert found == {anna.pk: (3, 3500), ben.pk: (2, 2500)}


def test_only_campaigns_where_something_happened_are_counted_again(campaign):
    quiet, other = CampaignFactory(), CampaignFactory()
    for each in (quiet, other, campaign):
        signed(each)
    GiftFactory(supporter=quiet.signatures.get().supporter)
    assert set(counting.touched()) == {campaign.pk, quiet.pk, other.pk}
    counting.count(counting.every(), at=CHECKED)
    assert counting.touched() == []

    signed(campaign, CHECKED + DAY)
    giver = other.signatures.get().supporter
    GiftFactory(supporter=giver, modified_at=CHECKED + DAY)

    assert set(counting.touched()) == {campaign.pk, other.pk}


def test_jobs_count_what_was_touched_and_at_night_everything(campaign):
    signed(campaign)

    jobs.count_touched(0)
    first = Counting.objects.get().counted_at
    jobs.count_touched(0)
    assert Counting.objects.get().counted_at == first
    jobs.count_all(0)

    assert Counting.objects.get().counted_at > first


def test_nothing_counted_yet_says_so(campaign):
    signed(campaign)

    found = sharing.sharing(scope(campaign), today=TODAY)

    assert (found.counted_at, found.total.spread.signers) == (None, 1)


def test_days_of_a_spring_are_those_of_the_signer_who_brought(campaign):
    before = signed(campaign, START - 5 * DAY)
    signed(campaign, START, through=before)

    found = counted(campaign)

    assert (found.total.spread.signers, found.total.spread.brought) == (1, 0)


def test_longest_of_the_campaigns_comes_first(campaign):
    chance = Random(1)
    other = CampaignFactory()
    for each, number in ((campaign, 2), (other, 4)):
        first = signed(each)
        for _count in range(number):
            signed(each, START + chance.random() * DAY, through=first)
    counting.count(counting.every(), at=CHECKED)

    assert [each.reached for each in sharing.sharers(None)] == [4, 2]
    assert [each.reached for each in sharing.sharers(campaign.pk)] == [2]
