"""Campaigns, signatures and comments in the hands of campaigners."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign, CampaignText
from crm.campaigns.operations import confirm
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


def filled(texts=(), known=0, **changes):
    """What the browser sends for a campaign and its texts."""
    fields = {
        "slug": "stop",
        "kind": "petition",
        "goal": "1000",
        "suggested_amounts": "10 12,50 50",
        "is_public": "on",
        "opens_at_0": "2026-03-01",
        "opens_at_1": "09:00:00",
        "texts-TOTAL_FORMS": str(len(texts)),
        "texts-INITIAL_FORMS": str(known),
        "texts-MIN_NUM_FORMS": "0",
        "texts-MAX_NUM_FORMS": "3",
        **changes,
    }
    for number, text in enumerate(texts):
        fields |= {f"texts-{number}-{name}": value for name, value in text.items()}
    return fields


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


def test_new_campaign_is_written_with_its_amounts_in_cents_and_its_texts(client, campaigner):
    texts = [{"language": "fr", "title": "Stop !"}, {"language": "nl", "title": "Stop!"}]

    answer = client.post(f"{LIST}add/", filled(texts))

    campaign = Campaign.objects.get()
    assert answer.url == LIST
    assert campaign.suggested_amounts == [1000, 1250, 5000]
    titles = [campaign.text(code).title for code in ("fr", "nl", "en")]
    assert titles == ["Stop !", "Stop!", "Stop !"]
    assert AuditEntry.objects.get().action == "campaign.added"


def test_form_offers_each_language_that_has_no_text_and_writes_none_left_empty(
    client, campaigner, campaign
):
    CampaignTextFactory(campaign=campaign, language="nl")
    page = client.get(reverse("admin:crm_campaign_change", args=[campaign.pk]))
    formset = page.context["inline_admin_formsets"][0].formset

    assert [form["language"].value() for form in formset] == ["nl", "fr", "en"]

    known = {"id": campaign.texts.get().pk, "campaign": campaign.pk, "language": "nl", "title": "T"}
    texts = [known, {"language": "fr", "title": ""}, {"language": "en", "title": ""}]
    client.post(reverse("admin:crm_campaign_change", args=[campaign.pk]), filled(texts, known=1))

    assert list(CampaignText.objects.values_list("language", "title")) == [("nl", "T")]


def test_change_of_a_text_dates_the_campaign_and_names_the_field_in_the_trail(
    client, campaigner, campaign
):
    text = CampaignTextFactory(campaign=campaign, language="fr", title="Old")
    Campaign.objects.update(modified_at=AT)
    began = timezone.now()
    known = {"id": text.pk, "campaign": campaign.pk, "language": "fr", "title": "New"}
    unchanged = {name: getattr(text, name) for name in ("summary", "body", "demand", "thanks")}

    client.post(
        reverse("admin:crm_campaign_change", args=[campaign.pk]),
        filled([known | unchanged], known=1, slug=campaign.slug),
    )

    campaign.refresh_from_db()
    fields = AuditEntry.objects.get(action="campaign.changed").details["fields"]
    assert campaign.modified_at >= began
    assert "campaigntext.title" in fields
    assert "campaigntext.body" not in fields


def test_amount_that_is_none_comes_back_with_the_error(client, campaigner):
    answer = client.post(f"{LIST}add/", filled(suggested_amounts="10 ten"))

    assert list(answer.context["adminform"].form.errors) == ["suggested_amounts"]
    assert not Campaign.objects.exists()


def test_campaign_page_links_to_what_everybody_sees_if_they_may(client, campaigner, campaign):
    address = reverse("admin:crm_campaign_change", args=[campaign.pk])
    public = f"/en/petition/{campaign.slug}/"
    english = {"accept-language": "en"}

    shown = client.get(address, headers=english).content.decode()
    Campaign.objects.update(is_public=False)
    hidden = client.get(address, headers=english).content.decode()

    assert (public in shown, public in hidden) == (True, False)


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
