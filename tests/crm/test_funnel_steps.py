"""The steps after signing: sharing, bringing somebody, giving, giving every month."""

from datetime import timedelta

import pytest
from django.db import transaction

from crm.campaigns import sharing
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.shares import Medium, Share
from crm.donations.models import Gift
from crm.donations.operations import record_entry
from tests.crm.spreading import give, joined, sign, steps
from tests.factories import CampaignFactory, PlanFactory
from tests.threads import at_once, meanwhile

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def anna(petition, now):
    return joined(petition, "anna", now, utm_source="facebook")


def step(signature, name, at, number=1):
    return (signature.campaign_id, name, at.date(), signature.source_id, number)


def test_sharing_is_noted_once_however_many_ways_are_used(anna, now):
    told = [
        sharing.share(signature=anna, medium=medium, at=now + DAY)
        for medium in (Medium.WHATSAPP, Medium.MAIL, Medium.MAIL)
    ]

    assert told == [True, True, False]
    assert list(Share.objects.order_by("pk").values_list("medium", flat=True)) == [
        "whatsapp",
        "mail",
    ]
    assert steps("share") == [step(anna, "share", now + DAY)]


def test_who_has_not_confirmed_or_withdrew_shares_nothing(petition, anna, now):
    pending = sign(petition, "ben", now)
    withdraw(signature=anna, at=now)

    for signature in (pending, anna):
        assert not sharing.share(signature=signature, medium=Medium.X, at=now)
    assert (Share.objects.count(), steps("share")) == (0, [])


def test_first_friend_who_confirms_is_noted_with_the_sharer(petition, anna, now):
    for number in (1, 2):
        joined(petition, f"ben{number}", now + number * DAY, through=anna)
    sign(petition, "pending", now, through=anna)

    assert steps("bring") == [step(anna, "bring", now + DAY)]


def test_each_sharer_is_noted(petition, anna, now):
    ben = joined(petition, "ben", now, through=anna)
    joined(petition, "cleo", now, through=ben)

    assert steps("bring") == sorted([step(anna, "bring", now), step(ben, "bring", now)])


def test_sharer_whose_friends_withdrew_brought_nobody(petition, anna, now):
    friends = [joined(petition, f"ben{n}", now + n * DAY, through=anna) for n in (1, 2)]

    withdraw(signature=friends[0], at=now + 3 * DAY)
    moved = steps("bring")
    withdraw(signature=friends[1], at=now + 3 * DAY)

    assert moved == [step(anna, "bring", now + 2 * DAY)]
    assert steps("bring") == []


def test_friend_who_comes_back_is_noted_again(petition, anna, now):
    withdraw(signature=joined(petition, "ben", now, through=anna), at=now)

    joined(petition, "ben", now + DAY)

    assert steps("bring") == [step(anna, "bring", now + DAY)]


def test_first_gift_is_noted_with_each_campaign_that_was_signed(petition, anna, now):
    other = joined(CampaignFactory(), "anna", now + DAY, utm_source="newsletter")
    joined(CampaignFactory(), "anna", now + 3 * DAY)
    sign(CampaignFactory(), "anna", now)

    give(anna.supporter, now + 2 * DAY)
    give(anna.supporter, now + 3 * DAY, "test:2")

    days = [step(each, "give", now + 2 * DAY) for each in (anna, other)]
    assert steps("give", "monthly") == sorted(days)


def test_donor_who_signs_later_does_not_become_a_donor_by_it(petition, now):
    anna = sign(petition, "anna", now)
    give(anna.supporter, now - DAY)
    joined(petition, "anna", now)

    give(anna.supporter, now + DAY, "test:2")

    assert steps("give") == []


def test_gift_that_failed_or_is_no_money_is_no_step(anna, now):
    give(anna.supporter, now + DAY, status=Gift.Status.FAILED)
    give(anna.supporter, now + DAY, "test:2", kind=Gift.Kind.IN_KIND)

    assert steps("give") == []


def test_step_stays_when_the_money_goes_back(anna, now):
    gift = give(anna.supporter, now + DAY)

    record_entry(gift=gift, reference="back", kind="refund", amount=-2500, at=now + 2 * DAY)

    assert steps("give") == [step(anna, "give", now + DAY)]


def test_first_payment_of_a_plan_is_a_step_of_its_own(anna, now):
    plans = [PlanFactory(supporter=anna.supporter) for _ in range(2)]
    give(anna.supporter, now + DAY)
    for month, plan in enumerate([plans[0], plans[0], plans[1]], start=2):
        give(anna.supporter, now + month * DAY, f"test:{month}", plan=plan)

    assert steps("give", "monthly") == [
        step(anna, "give", now + DAY),
        step(anna, "monthly", now + 2 * DAY),
    ]


def test_gift_that_is_told_twice_is_one_step(anna, now):
    give(anna.supporter, now + DAY, status=Gift.Status.PROCESSING)
    for _ in range(2):
        give(anna.supporter, now + DAY)

    assert steps("give") == [step(anna, "give", now + DAY)]


@pytest.mark.django_db(transaction=True)
def test_ways_used_and_friends_confirmed_at_once_are_one_step_each(petition, now):
    anna = joined(petition, "anna", now)
    friends = [f"ben{number}" for number in range(6)]

    at_once(lambda medium: sharing.share(signature=anna, medium=medium, at=now), list(Medium))
    at_once(lambda name: joined(petition, name, now, through=anna), friends)

    assert Share.objects.count() == len(Medium)
    assert steps("share", "bring") == [step(anna, "bring", now), step(anna, "share", now)]


@pytest.mark.django_db(transaction=True)
def test_friend_who_comes_while_the_last_one_leaves_waits_and_is_the_first(petition, now):
    anna = joined(petition, "anna", now)
    leaving = joined(petition, "leaving", now, through=anna)
    coming = sign(petition, "coming", now, through=anna)

    with transaction.atomic():
        withdraw(signature=leaving, at=now)
        confirming = meanwhile(lambda: confirm(signature=coming, at=now + DAY))
        is_waiting = not confirming.done()
    confirming.result()

    assert is_waiting
    assert steps("bring") == [step(anna, "bring", now + DAY)]


@pytest.mark.django_db(transaction=True)
def test_friends_after_the_first_do_not_wait_for_each_other(petition, now):
    anna = joined(petition, "anna", now)
    joined(petition, "first", now, through=anna)
    second, third = (sign(petition, name, now, through=anna) for name in ("second", "third"))

    with transaction.atomic():
        confirm(signature=second, at=now)
        confirming = meanwhile(lambda: confirm(signature=third, at=now))
        is_done = confirming.done()
    confirming.result()

    assert is_done
