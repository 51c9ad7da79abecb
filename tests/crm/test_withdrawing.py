"""Taking out many signatures by a pattern."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.counting import RegionTally
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm
from crm.campaigns.withdrawing import Changed, Pattern, effect_of, found, withdraw_found
from crm.people.models import Change, Supporter
from tests.factories import AT, CampaignFactory, SignatureFactory, SupporterFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Status, Way = Signature.Status, Signature.Way


def signed(email, campaign, *, at=AT, network=None, status="confirmed", **fields):
    supporter = SupporterFactory(email=email)
    signature = SignatureFactory(
        campaign=campaign, supporter=supporter, signed_at=at, network=network, **fields
    )
    if status == "confirmed":
        return confirm(signature=signature, at=at)
    Signature.objects.filter(pk=signature.pk).update(status=status)
    signature.refresh_from_db()
    return signature


def addresses(pattern):
    return set(found(pattern).values_list("supporter__email", flat=True))


@pytest.mark.parametrize(
    ("part", "emails"),
    [
        ({"address": "*@spam.example"}, {"a1@spam.example", "b@spam.example"}),
        ({"address": "a*@*"}, {"a1@spam.example", "ann@example.org"}),
        ({"address": "a.n@example.org"}, set()),
        ({"network": "192.0.2.0/24"}, {"a1@spam.example", "b@spam.example"}),
        ({"network": "192.0.2.7/32"}, {"b@spam.example"}),
        ({"network": "2001:db8::/32"}, {"ann@example.org"}),
        ({"since": AT + HOUR}, {"b@spam.example"}),
        ({"until": AT + HOUR}, {"a1@spam.example", "ann@example.org"}),
        ({"statuses": ("pending",)}, {"b@spam.example"}),
        ({"address": "*@spam.example", "network": "192.0.2.1"}, {"a1@spam.example"}),
    ],
)
def test_pattern_finds_what_all_of_it_applies_to(part, emails):
    campaign = CampaignFactory()
    signed("a1@spam.example", campaign, network="192.0.2.1")
    signed("b@spam.example", campaign, at=AT + HOUR, network="192.0.2.7", status="pending")
    signed("ann@example.org", campaign, network="2001:db8:1:2::")

    assert addresses(Pattern(**part)) == emails


def test_pattern_finds_one_campaign_and_only_what_was_given_online():
    here, there = CampaignFactory(), CampaignFactory()
    signed("a@spam.example", here)
    signed("b@spam.example", there)
    signed("c@spam.example", here, way=Way.PAPER)

    assert addresses(Pattern(address="*@spam.example", campaign=here)) == {"a@spam.example"}


def test_effect_tells_what_each_counter_would_lose():
    here, there = CampaignFactory(), CampaignFactory()
    for number in range(3):
        signed(f"{number}@spam.example", here, at=AT + number * HOUR)
    signed("9@spam.example", there)
    signed("held@spam.example", there, status="held")

    effect = effect_of(Pattern(address="*@spam.example"))

    assert effect.by_status == {"confirmed": 4, "held": 1}
    assert effect.by_campaign == [(here, 3), (there, 1)]
    assert (effect.first, effect.last) == (AT, AT + 2 * HOUR)
    assert (effect.number, effect.counted, effect.held) == (5, 4, 1)


def test_withdrawn_ones_leave_the_counter_and_every_tally(now):
    campaign = CampaignFactory()
    kept = signed("kept@example.org", campaign)
    for number in range(4):
        signed(f"{number}@spam.example", campaign, at=AT - number * 24 * HOUR)
    signed("waits@spam.example", campaign, status="pending")
    tallies.fold()

    done = withdraw_found(pattern=Pattern(address="*@spam.example"), expected=5, at=now)

    assert done == 5
    assert tallies.count(campaign) == 1
    tallies.fold()
    assert RegionTally.objects.aggregate(sum=Sum("number"))["sum"] == 1
    gone = Signature.objects.exclude(pk=kept.pk).values_list("status", "ended", "modified_at")
    assert set(gone) == {("withdrawn", "staff", now)}


def test_each_withdrawn_person_is_told_to_those_who_follow(now):
    campaign = CampaignFactory()
    signature = signed("a@spam.example", campaign)

    withdraw_found(pattern=Pattern(address="*@spam.example"), expected=1, at=now)

    changes = Change.objects.filter(supporter=signature.supporter, kind="signature.withdrawn")
    assert changes.count() == 1
    assert Supporter.objects.get(pk=signature.supporter_id).modified_at == now


def test_trail_tells_how_many_and_by_what_but_no_address(now):
    campaign = CampaignFactory()
    signed("a@spam.example", campaign, network="192.0.2.1")

    pattern = Pattern(address="*@spam.example", network="192.0.2.0/24")
    withdraw_found(pattern=pattern, expected=1, at=now)

    entry = AuditEntry.objects.get(action="signatures.withdrawn")
    assert entry.details == {"pattern": ["address", "network"], "confirmed": 1}


def test_nothing_is_done_when_others_came_meanwhile(now):
    campaign = CampaignFactory()
    signed("a@spam.example", campaign)
    signed("b@spam.example", campaign)

    with pytest.raises(Changed) as refused:
        withdraw_found(pattern=Pattern(address="*@spam.example"), expected=1, at=now)

    assert refused.value.number == 2
    assert tallies.count(campaign) == 2
    assert not Signature.objects.filter(status=Status.WITHDRAWN).exists()


def test_many_cost_as_many_statements_as_one(now, django_assert_max_num_queries):
    campaign = CampaignFactory()
    for number in range(6):
        signed(f"{number}@spam.example", campaign)

    with django_assert_max_num_queries(10):
        withdraw_found(pattern=Pattern(address="*@spam.example"), expected=6, at=now)
