"""Signing costs few statements, and writes the same rows whichever way it goes."""

import time
from datetime import timedelta
from itertools import chain

import pytest
from django.db import transaction
from django.utils import timezone

from crm.campaigns import signing
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign, Signature, Source
from crm.campaigns.sources import Trail, source_of
from crm.mailing.models import Mail
from crm.people.models import Change, Supporter
from crm.public import campaigns
from crm.public.kept import forget_all
from tests.crm.pia import PIA, page
from tests.factories import SupporterFactory, WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db

MADE_ANEW = {"id", "public_id", "transaction", "supporter_id", "signature_id", "key"}
SOURCE = ("id", "channel", "utm_source", "utm_medium", "utm_campaign", "referrer_host")


@pytest.fixture
def somebody_signed(client, petition, django_capture_on_commit_callbacks, monkeypatch):
    """A moment ago, in this process."""
    monkeypatch.setattr(campaigns, "CAMPAIGN_SECONDS", 60)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page(petition), PIA | {"email": "first@example.org"})


@pytest.mark.parametrize("comment", ["", "For my children."])
def test_somebody_new_signs_with_one_statement(
    client, petition, somebody_signed, comment, django_assert_num_queries
):
    with django_assert_num_queries(1):
        client.post(page(petition), PIA | {"comment": comment})

    assert Signature.objects.filter(supporter__email="pia@example.org").count() == 1


@pytest.mark.parametrize(("family_name", "statements"), [("Peeters", 8), ("Claes", 10)])
def test_supporter_whom_we_know_signs_with_eight_statements(
    client, petition, somebody_signed, django_assert_num_queries, family_name, statements
):
    home = {"postcode": "2000", "country": "BE"}
    SupporterFactory(email="pia@example.org", given_name="Pia", family_name=family_name, **home)

    # The attempt, the supporter, from where they came first, the signature, which mails there were,
    # the mail, and around these a savepoint; what differs from what we know is compared with what
    # was proposed before, and proposed.
    with django_assert_num_queries(statements):
        client.post(page(petition), PIA)

    assert Signature.objects.filter(supporter__email="pia@example.org").count() == 1


def test_petition_that_staff_close_takes_no_more_signatures(client, petition, monkeypatch):
    monkeypatch.setattr(campaigns, "CAMPAIGN_SECONDS", 0.05)
    client.post(page(petition), PIA)
    Campaign.objects.update(closes_at=timezone.now())
    time.sleep(0.1)

    response = client.post(page(petition), PIA | {"email": "late@example.org"})

    assert (response.status_code, Signature.objects.count()) == (422, 1)


def test_moment_of_closing_is_exact(client, petition, somebody_signed, monkeypatch):
    end = timezone.now() + timedelta(hours=1)
    Campaign.objects.update(closes_at=end)
    forget_all()
    client.post(page(petition), PIA)
    monkeypatch.setattr(timezone, "now", lambda: end)

    response = client.post(page(petition), PIA | {"email": "late@example.org"})

    assert (response.status_code, Signature.objects.count()) == (422, 2)


def test_both_ways_of_signing_write_the_same_rows(petition, now, monkeypatch):
    person = PIA | {"language": "en", "trail": Trail(utm_source="facebook"), "at": now}
    said = {"newsletter": WordingFactory(), "comment": "For us.", "comment_is_public": True}

    signing.sign(campaign=petition, **person, **said)
    in_one_statement = rows_written(), run_jobs()
    Supporter.objects.all().delete()
    monkeypatch.setattr(signing, "insert_newcomer", lambda *_rows, **_task: False)
    signing.sign(campaign=petition, **person, **said)
    in_several = rows_written(), run_jobs()

    assert in_one_statement == in_several
    assert [len(rows) for rows in in_one_statement[0]] == [1, 1, 1, 1, 1]


def rows_written():
    """The rows of each model, but for what is made anew each time."""
    models = (Supporter, Change, Signature, Comment, Mail)
    tables = [list(model.objects.values()) for model in models]
    for row in chain(*tables):
        for name in MADE_ANEW & row.keys():
            del row[name]
        for name in ("token", "signature"):
            row.get("context", {}).pop(name, None)
    return tables


@pytest.mark.django_db(transaction=True)
def test_source_that_was_rolled_back_is_not_remembered():
    with transaction.atomic():
        source_of(Trail(utm_source="fair"))
        transaction.set_rollback(True)

    source = source_of(Trail(utm_source="fair"))

    assert Source.objects.get() == source


@pytest.mark.django_db(transaction=True)
def test_source_is_asked_for_once(django_assert_num_queries):
    first = source_of(Trail(utm_source="fair", referrer="https://www.example.org/"))

    with django_assert_num_queries(0):
        again = source_of(Trail(utm_source="Fair", referrer="https://www.example.org/else"))

    assert Source.objects.values().get() == {name: getattr(again, name) for name in SOURCE}
    assert again == first
