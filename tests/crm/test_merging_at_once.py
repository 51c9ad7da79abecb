"""Merging while others write: on connections of their own."""

import pytest
from django.db import transaction

from crm.campaigns.operations import confirm
from crm.donations.operations import record_gift
from crm.people.addressing import add_email
from crm.people.deciding import merge_pair
from crm.people.duplicates import Suspicion
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, locked, merge
from crm.people.standing import standing
from crm.people.unmerging import unmerge
from crm.privacy.models import ConsentState
from crm.privacy.operations import record_consent
from payments.operations import checkout_for
from tests.factories import CheckoutFactory, SignatureFactory, SupporterFactory
from tests.threads import at_once, meanwhile

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


def test_a_signature_that_is_confirmed_during_a_merge_is_the_kept_records(pair, campaign, now):
    kept, lost = pair
    signature = SignatureFactory(campaign=campaign, supporter=lost)

    with transaction.atomic():
        locked(kept, lost)
        confirming = meanwhile(lambda: confirm(signature=signature, at=now))
        merge(kept=kept, lost=lost, at=now)

    assert confirming.result(10).status == "confirmed"
    signature.refresh_from_db()
    assert (signature.status, signature.supporter) == ("confirmed", kept)


def test_a_payment_that_is_written_down_during_a_merge_is_the_kept_records(pair, now):
    kept, lost = pair
    checkout = CheckoutFactory(supporter=lost)

    @transaction.atomic
    def pay():
        return standing(checkout_for(str(checkout.public_id)).supporter)

    with transaction.atomic():
        locked(kept, lost)
        paying = meanwhile(pay)
        merge(kept=kept, lost=lost, at=now)

    assert paying.result(10) == kept


def test_the_rule_sees_an_address_that_is_added_meanwhile(now):
    first, second = SupporterFactory(email="a@example.org"), SupporterFactory(email="")
    Suspicion.objects.create(first=first, second=second, score=0.999)

    with transaction.atomic():
        add_email(supporter=second, address="b@example.org", source="staff", at=now)
        merging = meanwhile(lambda: merge_pair(first.pk, second.pk, least=0.9, at=now))

    assert merging.result(10) is False
    assert not Merge.objects.exists()
