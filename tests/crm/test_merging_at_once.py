"""Merging while others write: on connections of their own."""

import pytest

from crm.donations.operations import record_gift
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, merge
from crm.people.unmerging import unmerge
from crm.privacy.models import ConsentState
from crm.privacy.operations import record_consent
from tests.factories import SupporterFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair():
    return SupporterFactory(), SupporterFactory()


def test_two_who_merge_a_pair_at_once_merge_it_once(pair, now):
    def work(is_first):
        kept, lost = pair if is_first else reversed(pair)
        try:
            merge(kept=kept, lost=lost, at=now)
        except NotMergeable as refused:
            return refused.reason
        return "done"

    assert sorted(at_once(work, [True, False])) == ["done", "merged"]
    assert Merge.objects.count() == 1


def test_a_gift_that_arrives_during_a_merge_is_the_kept_records(pair, now):
    kept, lost = pair

    def give(number):
        return record_gift(
            reference=f"stripe:pi_{number}",
            supporter=lost,
            amount=1000,
            currency="EUR",
            method="card",
            status="paid",
            given_at=now,
            at=now,
        )

    def work(number):
        return merge(kept=kept, lost=lost, at=now) if number == 0 else give(number)

    at_once(work, [0, 1, 2])

    assert (kept.gifts.count(), lost.gifts.count()) == (2, 0)


def test_a_no_that_is_said_during_a_merge_is_the_kept_records(pair, now):
    kept, lost = pair

    def work(merges):
        if merges:
            merge(kept=kept, lost=lost, at=now)
        else:
            record_consent(supporter=lost, given=False, source="mail", at=now)

    at_once(work, [True, False])

    assert list(ConsentState.objects.values_list("supporter", "given")) == [(kept.pk, False)]


def test_two_who_undo_at_once_undo_once(pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)

    at_once(lambda _number: unmerge(merge=done, at=now), [1, 2])

    assert pair[0].changes.filter(kind="unmerged").count() == 1
