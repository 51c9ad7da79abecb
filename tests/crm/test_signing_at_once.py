"""Signing, confirming and withdrawing at the same moment, on real connections."""

from collections import Counter

import pytest
from django.db.models import Sum

from crm.campaigns import tallies
from crm.campaigns.counting import StepTally
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.proofs_spent import SpentProof
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.crm.pia import PIA
from tests.factories import SignatureFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def sign_as(address, campaign, now, **said):
    told = PIA | {"email": address, "language": "fr", "trail": Trail(utm_source="facebook")}
    return sign(campaign=campaign, **told, at=now, **said)


def steps():
    """How often each step was noted, in the deltas and in the tallies."""
    while tallies.fold():
        continue
    return dict(StepTally.objects.values_list("step").annotate(Sum("number")))


def test_one_person_signing_many_times_at_once_is_one_signature(campaign, now):
    at_once(lambda _: sign_as("pia@example.org", campaign, now), range(50))

    assert Supporter.objects.count() == Signature.objects.count() == Mail.objects.count() == 1
    assert steps() == {"submit": 1, "repeat": 49}


def test_one_person_signing_by_many_aliases_at_once_counts_once(campaign, now):
    addresses = [f"pia.peeters+{n}@gmail.com" for n in range(25)]
    addresses += [f"p.iapeeters+{n}@googlemail.com" for n in range(25)]
    signed = at_once(lambda address: sign_as(address, campaign, now), addresses)

    at_once(lambda signature: confirm(signature=signature, at=now), signed)

    assert Signature.objects.confirmed().count() == tallies.count(campaign) == 1
    others = Signature.objects.exclude(status=Signature.Status.CONFIRMED)
    assert set(others.values_list("status", "ended")) <= {("withdrawn", "duplicate")}
    assert steps()["confirm"] == 1


def test_one_proof_used_many_times_at_once_counts_once(campaign, now, settings):
    settings.SIGNATURES_WITHOUT_PROOF = 0

    at_once(
        lambda number: sign_as(
            f"pia{number}@example.org", campaign, now, network=f"203.0.113.{number}", proof="a" * 64
        ),
        range(20),
    )

    assert SpentProof.objects.count() == 1
    states = Counter(Signature.objects.values_list("status", flat=True))
    assert states == {"pending": 1, "held": 19}
    assert Mail.objects.count() == 1


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
