"""Rates of the steps, how sure they are, and how many signers became donors."""

from datetime import date, timedelta
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.donations.models import Entry
from crm.lib.periods import Period, local_day
from crm.reports import counting, funnel, sources
from crm.reports.rates import Z, hidden, rate, wilson
from tests.crm.spread_world import DAY, START, TODAY, note, scope, signed, source_of
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
    WordingFactory,
)

pytestmark = pytest.mark.django_db
CHECKED = START + 300 * DAY
SINCE = Period(date(2025, 12, 1), date(2026, 12, 1))


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_ends_of_the_interval_are_the_shares_from_which_the_part_is_as_far(whole, share):
    part = round(share * whole)

    low, high = wilson(part, whole)

    assert 0 <= low <= part / whole <= high <= 1
    for end in {low, high} - {0.0, 1.0}:
        assert abs(part / whole - end) == pytest.approx(
            Z * sqrt(end * (1 - end) / whole), rel=1e-6, abs=1e-9
        )


def test_rate_of_more_than_the_whole_has_no_interval_and_of_nothing_none():
    assert rate(12, 10)[2:] == (1.2, None, None)
    assert rate(0, 0) is None
    assert rate(3, None) is None


def test_each_rate_is_of_its_own_step(campaign):
    direct = source_of("direct")
    figures = {"view": 1000, "submit": 200, "repeat": 10, "confirm": 160, "consent": 80}
    for step, number in (figures | {"share": 40, "bring": 10, "give": 8, "monthly": 2}).items():
        note(campaign, direct, step, number)

    found = funnel.rates(sources.steps(scope(campaign)).total)

    assert {step: each.value for step, each in found.items()} == {
        "submit": 0.2,
        "confirm": 0.8,
        "repeat": 0.05,
        "consent": 0.5,
        "share": 0.25,
        "bring": 0.25,
        "give": 0.05,
        "monthly": 0.25,
    }


def gift(signature, days, **fields):
    """A paid gift so many days after signing."""
    given_at = signature.signed_at + timedelta(days=days)
    told = {"received_on": given_at.date()} | fields
    return GiftFactory(supporter=signature.supporter, given_at=given_at, **told)


def converted(campaign=None, *, today=TODAY, period=SINCE):
    counting.count(counting.every(), at=CHECKED)
    return {
        each.days: each.everybody and (each.everybody.part, each.everybody.whole)
        for each in funnel.conversions(scope(campaign, period), today=today)
    }


def test_donors_are_those_who_first_gave_after_signing_and_in_time(campaign):
    soon, later, before, nobody, much_later = (signed(campaign) for _count in range(5))
    gift(soon, 30)
    gift(soon, 60)
    gift(later, 30.1)
    gift(before, -1)
    gift(before, 5)
    gift(much_later, 91)
    gift(nobody, 3, kind="in_kind")
    gift(nobody, 4, status="failed", received_on=None)

    found = converted(campaign)

    assert found == {30: (1, 4), 90: (2, 4), 365: None}


def test_gift_that_went_back_in_full_is_none_and_one_that_did_in_part_is(campaign):
    whole, part = signed(campaign), signed(campaign)
    for signature, amount in ((whole, -2500), (part, -2400)):
        refunded = gift(signature, 3)
        EntryFactory(gift=refunded)
        EntryFactory(gift=refunded, kind=Entry.Kind.REFUND, amount=amount)
    gift(whole, 45)

    assert converted(campaign) == {30: (1, 2), 90: (2, 2), 365: None}


def test_signers_whose_days_are_not_over_are_left_out(campaign):
    for days in (89, 90, 91):
        gift(signed(campaign, START + (150 - days) * DAY), 2)
    last = local_day(START + 150 * DAY)

    assert converted(campaign, today=last) == {30: (3, 3), 90: (1, 1), 365: None}


def test_mailable_signers_are_a_rate_of_their_own(campaign):
    wording = WordingFactory()
    willing = [signed(campaign, newsletter=wording) for _count in range(3)]
    appealed = signed(campaign, appeals=wording)
    for signature in (*willing, appealed):
        note(campaign, source_of("direct"), "consent", day=local_day(signature.confirmed_at))
    gift(willing[0], 1)
    gift(willing[1], -1)
    gift(appealed, 2)
    gift(signed(campaign), 1)
    counting.count(counting.every(), at=CHECKED)

    found = funnel.conversions(scope(campaign, SINCE), today=TODAY)[0]

    assert (found.mailable.part, found.mailable.whole) == (2, 3)
    assert (found.everybody.part, found.everybody.whole) == (3, 4)


def test_signers_on_paper_and_those_who_withdrew_are_none(campaign):
    gift(signed(campaign), 2)
    gift(signed(campaign, status="withdrawn"), 2)
    gift(signed(campaign, way="paper"), 2)

    assert converted(campaign) == {30: (1, 1), 90: (1, 1), 365: None}


def test_donors_equal_a_second_count_person_by_person(campaign):
    """From each signer's own gifts, in Python, for two campaigns that share people."""
    chance, people = Random(11), SupporterFactory.create_batch(40)
    campaigns, signatures, gifts = [campaign, CampaignFactory()], [], []
    for person in people:
        for each in chance.sample(campaigns, chance.randint(1, 2)):
            at = START + chance.uniform(0, 60) * DAY
            signatures.append(signed(each, at, supporter=person))
        for _count in range(chance.randint(0, 2)):
            days = chance.uniform(-20, 120)
            gifts.append((person.pk, gift(signatures[-1], days).given_at))

    assert converted(campaign) == by_person(campaign, signatures, gifts)
    assert converted() == by_person(None, signatures, gifts)


def by_person(campaign, signatures, gifts):
    result = {}
    for days in (30, 90, 365):
        gave = never = 0
        for signature in signatures:
            is_old = local_day(signature.confirmed_at) < TODAY - timedelta(days=days)
            if not is_old or (campaign and signature.campaign_id != campaign.pk):
                continue
            own = [at for person, at in gifts if person == signature.supporter_id]
            if any(at <= signature.signed_at for at in own):
                continue
            never += 1
            gave += any(at <= signature.signed_at + timedelta(days=days) for at in own)
        result[days] = (gave, never) if never else None
    return result


def test_counting_again_replaces_what_was_counted(campaign):
    signature = signed(campaign)
    gift(signature, 2)
    assert converted(campaign)[30] == (1, 1)

    signature.supporter.gifts.update(status="failed", received_on=None)

    assert converted(campaign)[30] == (0, 1)


def test_hidden_numbers_are_the_few_and_one_that_would_tell_them():
    assert hidden([4]) == {0}
    assert hidden([0, 5, 100]) == set()
    assert hidden([1, 100, 5]) == {0, 2}


def test_signature_without_confirmation_is_no_signer(campaign):
    waiting = SignatureFactory(campaign=campaign, signed_at=START)
    gift(waiting, 1)

    assert converted(campaign) == {30: None, 90: None, 365: None}
