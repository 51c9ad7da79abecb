"""Two records of one person who signed the same petition: they count once."""

import pytest

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm
from crm.people.merging import merge
from tests.factories import SignatureFactory, SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return SupporterFactory(given_name="Anna"), SupporterFactory(given_name="Ana")


def counted(campaign):
    return tallies.count(campaign)


def confirmed(supporter, campaign, now):
    signature = SignatureFactory(supporter=supporter, campaign=campaign)
    return confirm(signature=signature, at=now)


def test_who_signed_twice_is_counted_once(pair, campaign, now):
    kept, lost = pair
    own, other = (confirmed(supporter, campaign, now) for supporter in pair)

    merge(kept=kept, lost=lost, at=now)

    own.refresh_from_db()
    other.refresh_from_db()
    assert counted(campaign) == 1
    assert (own.status, own.supporter_id) == ("confirmed", kept.pk)
    assert (other.status, other.supporter_id) == ("withdrawn", lost.pk)


def test_a_confirmed_signature_goes_before_one_that_is_not(pair, campaign, now):
    kept, lost = pair
    own = SignatureFactory(supporter=kept, campaign=campaign)
    other = confirmed(lost, campaign, now)

    merge(kept=kept, lost=lost, at=now)

    own.refresh_from_db()
    other.refresh_from_db()
    assert counted(campaign) == 1
    assert (other.status, other.supporter_id) == ("confirmed", kept.pk)
    assert (own.status, own.supporter_id) == ("withdrawn", lost.pk)


def test_the_link_in_the_lost_ones_mail_confirms_what_stands(pair, campaign, now):
    kept, lost = pair
    own, other = (SignatureFactory(supporter=each, campaign=campaign) for each in pair)
    merge(kept=kept, lost=lost, at=now)

    confirm(signature=other, at=now)

    own.refresh_from_db()
    assert (own.status, counted(campaign)) == ("confirmed", 1)
    assert Signature.objects.confirmed().get() == own
