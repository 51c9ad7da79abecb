"""Inserting a row that may be there already, with what belongs to it, in one statement."""

import pytest
from django.db import IntegrityError

from crm.campaigns.models import Campaign, CampaignText, Source
from crm.lib.rows import insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from tests.factories import CampaignFactory, CampaignTextFactory, SourceFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def test_new_row_is_written_with_its_others_and_a_job(django_assert_num_queries):
    campaign = CampaignFactory.build()
    texts = [CampaignTextFactory.build(campaign=campaign, language=code) for code in ("fr", "nl")]

    with django_assert_num_queries(1):
        is_new = insert_unless_there(campaign, *texts, task=deliver_mails)

    assert is_new
    assert Campaign.objects.get() == campaign
    assert list(CampaignText.objects.order_by("pk")) == texts
    assert [text.campaign_id for text in texts] == [campaign.pk, campaign.pk]
    assert run_jobs() == ["mailing.deliver_mails"]


def test_row_that_is_there_stays_and_nothing_comes_with_it():
    known = CampaignFactory(goal=100)
    again = CampaignFactory.build(slug=known.slug, goal=5)
    text = CampaignTextFactory.build(campaign=again)

    is_new = insert_unless_there(again, text, task=deliver_mails)

    assert (is_new, again.pk, text.pk) == (False, None, None)
    assert Campaign.objects.get().goal == 100
    assert not CampaignText.objects.exists()
    assert run_jobs() == []


@pytest.mark.django_db(transaction=True)
def test_row_whose_others_cannot_be_written_is_not_written_either():
    campaign = CampaignFactory.build()
    texts = [CampaignTextFactory.build(campaign=campaign, language="fr") for _ in range(2)]

    with pytest.raises(IntegrityError, match="one_text_per_campaign_and_language"):
        insert_unless_there(campaign, *texts, task=deliver_mails)

    assert not Campaign.objects.exists()
    assert run_jobs() == []


def test_row_can_be_checked_and_saved_like_any_other():
    source = SourceFactory.build(channel="street")
    insert_unless_there(source)

    source.utm_source = "market"
    source.full_clean()  # is unique, but for itself
    source.save()

    assert [found.utm_source for found in Source.objects.all()] == ["market"]


def test_columns_that_the_database_fills_are_left_to_it():
    supporter = SupporterFactory.build(given_name="Hélène")
    change = Change(supporter=supporter, kind="registered")

    insert_unless_there(supporter, change)

    assert list(Supporter.objects.search("helene")) == [supporter]
    assert Change.objects.get().transaction > 0


def test_first_row_may_point_to_one_that_comes_after_it():
    anne = SupporterFactory.build(email="anne@example.org")
    address = EmailAddress(supporter=anne, address="anne@example.org")

    is_new = insert_unless_there(address, anne, Change(supporter=anne, kind="registered"))

    assert is_new
    assert EmailAddress.objects.get().supporter == Supporter.objects.get() == anne
    assert Change.objects.get().supporter == anne


def test_row_is_not_written_where_the_one_that_points_to_it_is_there_already():
    SupporterFactory(email="anne@example.org")
    again = SupporterFactory.build(email="anne@example.org")
    address = EmailAddress(supporter=again, address="anne@example.org")

    is_new = insert_unless_there(address, again)

    assert (is_new, Supporter.objects.count()) == (False, 1)
