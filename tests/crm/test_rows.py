"""Inserting a row that may be there already, with what belongs to it, in one statement."""

from datetime import timedelta

import pghistory
import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from crm.campaigns.models import Campaign, CampaignText, Source
from crm.campaigns.proofs_spent import SpentProof
from crm.lib.rows import Answer, Maybe, insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from tests.factories import CampaignFactory, CampaignTextFactory, SourceFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%crm_source%'"


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


def test_row_that_is_there_keeps_nothing_from_being_written():
    SpentProof.objects.create(challenge="used")
    source, spent = SourceFactory.build(), SpentProof(challenge="used")

    is_new = insert_unless_there(source, Maybe(spent))

    assert (is_new, spent.pk, SpentProof.objects.count()) == (True, None, 1)


@pytest.mark.parametrize("is_wanted", [True, False])
def test_row_is_written_only_where_its_condition_holds(is_wanted):
    source, spent = SourceFactory.build(), SpentProof(challenge="new")

    insert_unless_there(source, Maybe(spent, Answer("%s", (is_wanted,))))

    assert (spent.pk is not None, SpentProof.objects.count()) == (is_wanted, is_wanted)


@pytest.mark.parametrize(("challenge", "channel"), [("new", "street"), ("used", "bank")])
def test_value_may_be_found_by_the_database(challenge, channel):
    SpentProof.objects.create(challenge="used")
    anne = SupporterFactory.build(email="anne@example.org")
    spent, source = SpentProof(challenge=challenge), SourceFactory.build()
    source.channel = Answer(
        "CASE WHEN EXISTS (SELECT FROM {}) THEN %s ELSE %s END", ("street", "bank"), (spent,)
    )

    insert_unless_there(anne, Maybe(spent), source)

    assert (source.channel, Source.objects.get().channel) == (channel, channel)


def test_first_row_is_written_only_where_its_condition_holds():
    source = SourceFactory.build()

    is_new = insert_unless_there(source, only_if=Answer("%s > 1", (1,)), task=deliver_mails)

    assert (is_new, source.pk, run_jobs()) == (False, None, [])


def test_shared_job_is_one_for_all_who_ask_in_the_same_second():
    for name in ("a", "b", "c"):
        source = SourceFactory.build(utm_campaign=name)
        insert_unless_there(source, task=deliver_mails, is_shared=True)

    assert Source.objects.count() == 3
    assert run_jobs() == ["mailing.deliver_mails"]


@pytest.mark.django_db(transaction=True)
def test_shared_job_begins_when_the_transactions_of_its_second_are_over():
    before = timezone.now()

    insert_unless_there(SourceFactory.build(), task=deliver_mails, is_shared=True)

    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs")
        begins = cursor.fetchone()[0]
    assert timedelta(seconds=1) <= begins - before <= timedelta(seconds=3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("threshold", [5, None])
def test_statement_is_prepared_once_where_that_may_be(threshold):
    connection.ensure_connection()
    link = connection.connection
    before, link.prepare_threshold = link.prepare_threshold, threshold

    for name in ("a", "b", "c"):
        insert_unless_there(SourceFactory.build(utm_campaign=name))

    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        prepared = cursor.fetchone()[0]
    link.prepare_threshold = before
    assert prepared == (1 if threshold else 0)


def test_rows_are_written_where_it_is_noted_who_acts(now):
    anne = SupporterFactory.build(email="anne@example.org", created_at=now, modified_at=now)
    change = Change(supporter=anne, kind="registered", at=now)

    with pghistory.context(user=None):
        insert_unless_there(anne, change, task=deliver_mails)

    assert Change.objects.get().at == now
    assert run_jobs() == ["mailing.deliver_mails"]
