"""Campaigns, signatures and comments in the hands of campaigners."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign
from crm.campaigns.operations import confirm
from crm.staff.campaign_page import state_of
from tests.factories import AT, CampaignFactory, CampaignTextFactory, SignatureFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/campaign/"


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    return user


def confirmed(campaign, now):
    return confirm(signature=SignatureFactory(campaign=campaign), at=now)


def test_list_shows_what_the_counter_shows(client, campaigner, campaign, now):
    confirmed(campaign, now)
    tallies.fold()
    confirmed(campaign, now)
    CampaignFactory()

    rows = client.get(LIST).context["cl"].result_list

    assert {row.slug: row.total for row in rows}[campaign.slug] == tallies.count(campaign) == 2
    assert sorted(row.total for row in rows) == [0, 2]


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    for campaign in CampaignFactory.create_batch(number):
        CampaignTextFactory(campaign=campaign)
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["here"]), ("?archive=only", ["away"]), ("?archive=too", ["away", "here"])],
)
def test_list_leaves_out_the_archive_unless_one_looks_for_it(client, campaigner, query, found):
    CampaignFactory(slug="here")
    CampaignFactory(slug="away", archived_at=AT)

    rows = client.get(f"{LIST}{query}").context["cl"].result_list

    assert sorted(row.slug for row in rows) == found


def state_in_list(client):
    (row,) = client.get(LIST).context["cl"].result_list
    return state_of(row, timezone.now())


def test_list_tells_how_each_campaign_stands(client, campaigner, campaign):
    day = timedelta(days=1)
    states = [
        ({}, "open"),
        ({"opens_at": timezone.now() + day}, "early"),
        ({"opens_at": AT, "closes_at": AT + day}, "closed"),
        ({"is_public": False}, "hidden"),
    ]

    found = []
    for state, _name in states:
        Campaign.objects.update(**state)
        found.append(state_in_list(client))

    assert found == [name for _state, name in states]


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_signatures_takes_as_many_queries_for_three_as_for_one(
    client, campaigner, campaign, number, django_assert_num_queries
):
    CampaignTextFactory(campaign=campaign)
    SignatureFactory.create_batch(number, campaign=campaign)
    client.get("/staff/crm/signature/")

    with django_assert_num_queries(8):
        client.get("/staff/crm/signature/")


def withdraw(client, signature, **fields):
    return client.post(
        "/staff/crm/signature/",
        {"action": "withdraw_signatures", "_selected_action": signature.pk, **fields},
    )


def test_withdrawing_asks_first(client, campaigner, campaign, now):
    signature = confirmed(campaign, now)

    answer = withdraw(client, signature)

    signature.refresh_from_db()
    assert answer.templates[0].name == "staff/confirm.html"
    assert (signature.status, tallies.count(campaign)) == ("confirmed", 1)


def test_withdrawn_signature_leaves_the_count_and_a_line_in_the_trail(
    client, campaigner, campaign, now
):
    signature = confirmed(campaign, now)

    withdraw(client, signature, confirmed="yes")

    signature.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (signature.status, tallies.count(campaign)) == ("withdrawn", 0)
    assert (entry.action, entry.by) == ("signature.withdrawn", campaigner)


def moderate(client, action, *comments):
    return client.post(
        "/staff/crm/comment/",
        {"action": action, "_selected_action": [comment.pk for comment in comments]},
    )


def test_only_what_a_confirmed_signer_wants_shown_can_be_approved(
    client, campaigner, campaign, now
):
    wanted, private, unproved = (
        Comment.objects.create(signature=signature, text="x", is_public=is_public)
        for signature, is_public in (
            (confirmed(campaign, now), True),
            (confirmed(campaign, now), False),
            (SignatureFactory(campaign=campaign), True),
        )
    )

    moderate(client, "approve", wanted, private, unproved)

    approved = Comment.objects.exclude(approved_at=None)
    assert list(approved) == [wanted]
    assert AuditEntry.objects.get().subject == f"comment:{wanted.pk}"


def test_hidden_comment_waits_no_longer_and_is_never_shown(client, campaigner, campaign, now):
    comment = Comment.objects.create(signature=confirmed(campaign, now), text="x", is_public=True)
    moderate(client, "approve", comment)

    moderate(client, "hide", comment)

    comment.refresh_from_db()
    assert (comment.is_public, comment.approved_at) == (False, None)
    assert not Comment.objects.to_approve().exists()
