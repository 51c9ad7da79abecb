"""What waits, is held back or was withdrawn is counted by a job; and what is forgotten when."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from crm.campaigns import tallies, waiting
from crm.campaigns.counting import StatusCount
from crm.campaigns.models import Signature
from crm.campaigns.operations import withdraw
from crm.privacy import keeping
from tests.crm.signer_pages import to_confirm
from tests.factories import CampaignFactory, SignatureFactory
from tests.jobs import run_periodic

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))


def signed(at, campaign, status="pending", **fields):
    confirmed = at if status == "confirmed" else None
    moments = {"signed_at": at, "modified_at": at, "confirmed_at": confirmed}
    return SignatureFactory(campaign=campaign, status=status, **moments | fields)


def counts(campaign):
    return dict(campaign.status_counts.values_list("status", "number"))


def test_each_state_is_counted_by_campaign(now):
    one, other = CampaignFactory(), CampaignFactory()
    for status in ("pending", "pending", "held", "withdrawn", "confirmed"):
        signed(now, one, status)
    signed(now, other, "held")

    number = waiting.recount(at=now)

    assert number == 2
    assert counts(one) == {"pending": 2, "held": 1, "withdrawn": 1}
    assert counts(other) == {"pending": 0, "held": 1, "withdrawn": 0}


def test_only_what_changed_is_counted_anew_and_all_after_an_hour(now):
    busy, quiet = CampaignFactory(), CampaignFactory()
    first = signed(now - DAY, busy)
    deleted = signed(now - DAY, quiet)
    waiting.recount(at=now)
    later = now + 10 * MINUTE
    withdraw(signature=first, at=later)
    deleted.delete()

    soon = waiting.recount(at=later + MINUTE)
    before = counts(quiet)
    waiting.recount(at=later + 10 * MINUTE)
    idle = waiting.recount(at=later + 20 * MINUTE)
    whole = waiting.recount(at=now + 3 * HOUR)

    assert (soon, idle, whole) == (1, 0, 2)
    assert counts(busy) == {"pending": 0, "held": 0, "withdrawn": 1}
    assert (before["pending"], counts(quiet)["pending"]) == (1, 0)


def test_what_was_dated_before_the_last_count_but_came_after_is_counted(now):
    campaign = CampaignFactory()
    waiting.recount(at=now)
    signed(now - MINUTE, campaign)

    waiting.recount(at=now + MINUTE)

    assert counts(campaign)["pending"] == 1


def test_archived_campaigns_are_left_alone_unless_something_changes(now):
    archived = CampaignFactory(archived_at=now)

    assert waiting.recount(at=now) == 0
    signed(now, archived)
    StatusCount.objects.create(campaign=CampaignFactory(), status="held", number=0, counted_at=now)
    assert waiting.recount(at=now) == 1


def test_counting_costs_the_same_for_one_campaign_and_three(now, django_assert_num_queries):
    signed(now, CampaignFactory())
    waiting.recount(at=now)
    for number in (1, 2):
        for _each in range(number):
            signed(now, CampaignFactory())
        with django_assert_num_queries(4):
            waiting.recount(at=now + number * 2 * HOUR)


def test_the_job_counts(campaign, now):
    signed(now, campaign)

    run_periodic("campaigns.count_statuses")

    assert counts(campaign)["pending"] == 1


def test_unconfirmed_and_held_signatures_end_after_two_months_and_tallies_stay(campaign, now):
    old = now - timedelta(days=70)
    for status in ("pending", "held", "confirmed", "withdrawn"):
        signed(old, campaign, status)
    young = signed(now, campaign)
    tallies.append(signature=Signature.objects.get(status="confirmed"), number=1, at=old)

    keeping.carry_out(keeping.rule("unconfirmed_signatures"), now)

    left = Signature.objects.order_by("pk").values_list("status", flat=True)
    assert list(left) == ["confirmed", "withdrawn", "pending"]
    assert Signature.objects.filter(pk=young.pk).exists()
    assert tallies.count(campaign) == 1


def test_link_of_what_was_cleaned_up_says_so_and_how_to_go_on(client, petition, now):
    signature = signed(now - timedelta(days=70), petition)
    link = to_confirm(signature)
    call_command("retention", for_real=True)

    answer = client.get(link)

    assert answer.status_code == 410
    assert "What nobody confirms, or was withdrawn, is not kept waiting." in answer.content.decode()


def test_networks_are_forgotten_after_a_month(campaign, now):
    kept = signed(now - 20 * DAY, campaign, network="192.0.2.7")
    told = signed(now - 40 * DAY, campaign, "confirmed", network="192.0.2.8")
    before = told.modified_at

    keeping.carry_out(keeping.rule("networks"), now)

    kept.refresh_from_db()
    told.refresh_from_db()
    assert (kept.network, told.network, told.modified_at) == ("192.0.2.7", None, before)


def test_staff_see_both_rules_where_they_see_what_is_deleted_when(client, signed_in, campaign):
    signed_in("administrator")

    shown = client.get("/staff/crm/retentionrule/").context["rows"]

    terms = {row.rule.key: (row.rule.months, row.rule.is_on, row.due) for row in shown}
    assert (terms["unconfirmed_signatures"], terms["networks"]) == ((2, True, 0), (1, True, 0))
