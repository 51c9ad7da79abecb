"""The pieces of an import are taken by two connections."""

from time import sleep

import pytest
from django.db import DatabaseError, OperationalError, connection
from psycopg.errors import DeadlockDetected

from crm.campaigns import tallies
from crm.exchange import chunks, imports, running, staging
from crm.exchange.models import Import
from crm.people.contact_points import EmailAddress
from crm.people.history import SupporterEvent
from crm.people.models import Supporter
from tests.conftest import NOW
from tests.crm.lists import counts, described, outcomes, run
from tests.factories import CampaignFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
MANY = "Email,Last name,Date\n" + "".join(
    f"p{n % 90}@example.org,Person{n},2025-01-01\n" for n in range(100)
)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(chunks, "AT_ONCE", 10)
    monkeypatch.setattr(staging, "AT_ONCE", 10)


def session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def tables_left() -> int:
    """Return how many tables sessions have of their own, once those that ended are gone."""
    for _try in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
            left = cursor.fetchone()[0]
        if not left:
            break
        sleep(0.05)
    return left


@pytest.fixture
def taken(monkeypatch):
    """By which session each piece was taken, as (session, first line, line after the last)."""
    pieces, take = [], chunks.Chunk.take

    def told(self, low, high):
        pieces.append((session(), low, high))
        return take(self, low, high)

    monkeypatch.setattr(chunks.Chunk, "take", told)
    return pieces


def test_two_connections_share_the_pieces_and_leave_nothing(taken):
    campaign = CampaignFactory()

    batch = run(described(MANY, kind="signatures", campaign=campaign.pk))

    assert counts(batch) == {"created": 90, "unchanged": 10}
    assert Supporter.objects.count() == EmailAddress.objects.count() == 90
    assert tallies.count(campaign) == 90
    by_session = [sum(own == each for each, _low, _high in taken) for own in {t[0] for t in taken}]
    assert by_session == [5, 5]
    assert tables_left() == 0


def test_two_connections_find_what_one_finds(monkeypatch):
    together = run(described(MANY))
    Supporter.objects.all().delete()

    monkeypatch.setattr(chunks, "AT_ONCE", 1000)
    alone = run(described(MANY))

    assert outcomes(together) == outcomes(alone)


def test_what_either_connection_changes_is_told_to_be_of_the_import(taken):
    for number in range(0, 90, 10):
        SupporterFactory(email=f"p{number}@example.org", family_name="")

    batch = run(described(MANY))

    assert counts(batch) == {"created": 81, "updated": 9, "unchanged": 10}
    told = SupporterEvent.objects.values_list("pgh_context__metadata__source", flat=True)
    assert set(told) == {f"import:{batch.pk}"}
    assert len(told) == 9
    assert len({own for own, _low, _high in taken}) == 2


@pytest.mark.parametrize("fails_here", [True, False])
def test_where_one_connection_fails_the_import_fails_and_goes_on(fails_here, monkeypatch):
    batch = described(MANY)
    imports.request_run(batch=batch, at=NOW)
    take, here = chunks.Chunk.take, session()

    def failing(self, low, high):
        if (session() == here) == fails_here:
            raise DatabaseError("no room")
        return take(self, low, high)

    monkeypatch.setattr(chunks.Chunk, "take", failing)
    with pytest.raises(DatabaseError):
        running.run(batch_id=batch.pk, now=NOW)
    batch.refresh_from_db()
    assert batch.state == Import.State.FAILED
    assert batch.done == batch.rows.count() < 100
    assert tables_left() == 0
    monkeypatch.setattr(chunks.Chunk, "take", take)
    run_jobs()

    run(batch)

    batch.refresh_from_db()
    assert counts(batch) == {"created": 90, "unchanged": 10}
    assert Supporter.objects.count() == 90


def test_piece_that_the_database_lets_go_is_taken_again(monkeypatch):
    take, failed = chunks.Chunk.take, []

    def waiting(self, low, high):
        if not failed:
            failed.append(low)
            raise OperationalError from DeadlockDetected()
        return take(self, low, high)

    monkeypatch.setattr(chunks.Chunk, "take", waiting)

    batch = run(described(MANY))

    assert counts(batch) == {"created": 90, "unchanged": 10}
