"""Signing, confirming and withdrawing at the same moment, on real connections."""

import pytest

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.factories import SignatureFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_person_signing_many_times_at_once_is_one_signature(campaign, now):
    def sign_once(_number):
        sign(
            campaign=campaign,
            email="pia@example.org",
            given_name="Pia",
            family_name="Peeters",
            postcode="1000",
            country="BE",
            language="fr",
            trail=Trail(utm_source="facebook"),
            at=now,
        )

    at_once(sign_once, range(16))

    assert Supporter.objects.count() == Signature.objects.count() == Mail.objects.count() == 1


def test_confirming_many_times_at_once_counts_once(campaign, now):
    signature = SignatureFactory(campaign=campaign)

    at_once(lambda _: confirm(signature=signature, at=now), range(8))

    assert tallies.count(campaign) == 1


def test_confirm_and_withdraw_at_once_leave_a_true_count(campaign, now):
    signature = SignatureFactory(campaign=campaign)
    work = (confirm, withdraw)

    at_once(lambda number: work[number % 2](signature=signature, at=now), range(8))

    assert Signature.objects.get().status == Signature.Status.WITHDRAWN
    assert tallies.count(campaign) == 0


def test_folding_in_two_places_at_once_counts_each_delta_once(campaign, now):
    for signature in SignatureFactory.create_batch(20, campaign=campaign):
        confirm(signature=signature, at=now)

    at_once(lambda _: tallies.fold(batch=7), range(4))
    while tallies.fold():
        continue

    assert tallies.count(campaign) == 20
