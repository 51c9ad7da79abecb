"""An import that is interrupted, raced, or goes wrong: never half done, and nothing doubled."""

import pytest
from django.db import DatabaseError, connection
from django.utils import translation
from procrastinate.contrib.django import app

from crm import audit
from crm.campaigns import tallies
from crm.exchange import chunks, imports, running, staging
from crm.exchange.models import Import, ImportMapping, ImportRow
from crm.lib.sheets import BadFile
from crm.people.contact_points import EmailAddress
from crm.people.files import StoredFile
from crm.people.models import Supporter
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, outcomes, run, upload
from tests.factories import CampaignFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
MANY = "Email,Last name,Date\n" + "".join(
    f"p{n % 90}@example.org,Person{n},2025-01-01\n" for n in range(100)
)


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces of ten rows, so that a hundred rows make several."""
    monkeypatch.setattr(chunks, "AT_ONCE", 10)
    monkeypatch.setattr(staging, "AT_ONCE", 10)


class Killed(BaseException):
    """What a worker's end looks like from inside."""


def kill_after(monkeypatch, pieces: int):
    """Let the worker die in the middle of a piece, after some were done."""
    take, done = chunks.Chunk.take, []

    def dying(self, low, high):
        outcomes = take(self, low, high)
        done.append(low)
        if len(done) > pieces:
            raise Killed
        return outcomes

    monkeypatch.setattr(chunks.Chunk, "take", dying)


def test_killed_workers_import_is_continued_without_doubling(campaign, small_pieces, monkeypatch):
    batch = described(MANY, kind="signatures", campaign=campaign.pk)
    imports.request_run(batch=batch, at=NOW)
    kill_after(monkeypatch, pieces=3)
    with pytest.raises(Killed):
        running.run(batch_id=batch.pk, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.done) == ("running", 100, batch.rows.count())
    assert 0 < batch.done < 100
    monkeypatch.undo()

    running.run(batch_id=batch.pk, now=NOW)

    batch.refresh_from_db()
    assert counts(batch) == {"created": 90, "unchanged": 10}
    assert Supporter.objects.count() == EmailAddress.objects.count() == 90
    assert tallies.count(campaign) == 90


def test_run_in_pieces_is_the_run_in_one(campaign, monkeypatch):
    whole = imported(MANY, kind="signatures", campaign=campaign.pk)
    told = outcomes(whole)
    other = CampaignFactory()

    monkeypatch.setattr(chunks, "AT_ONCE", 7)
    pieces = imported(MANY.replace("@", "@x."), kind="signatures", campaign=other.pk)

    assert outcomes(pieces) == told
    assert tallies.count(other) == tallies.count(campaign)


def test_run_that_failed_goes_on(small_pieces, monkeypatch):
    batch = described(MANY)
    imports.request_run(batch=batch, at=NOW)
    take, done = chunks.Chunk.take, []

    def failing(self, low, high):
        done.append(low)
        if len(done) > 2:
            raise DatabaseError("no room")
        return take(self, low, high)

    monkeypatch.setattr(chunks.Chunk, "take", failing)
    with pytest.raises(DatabaseError):
        run_jobs()
    batch.refresh_from_db()
    assert batch.state == Import.State.FAILED
    assert batch.done == batch.rows.count() > 0
    monkeypatch.undo()

    run(batch, at=NOW.replace(hour=20))

    assert counts(batch) == {"created": 90, "unchanged": 10}
    assert set(Supporter.objects.values_list("modified_at", flat=True)) == {NOW}


def test_jobs_that_come_twice_do_it_once():
    batch = imported("Email\na@example.org\n")

    running.run(batch_id=batch.pk, now=NOW)
    running.check(batch_id=batch.pk, now=NOW)

    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.rows.count()) == ("done", 1, 1)


def test_what_is_run_or_being_run_is_not_changed():
    batch = described("Email\na@example.org\n")
    imports.request_run(batch=batch, at=NOW)

    for refused in (imports.request_run, imports.request_check, imports.discard):
        with pytest.raises(imports.WrongState):
            refused(batch=batch, at=NOW)
    with pytest.raises(imports.WrongState):
        imports.read_as(batch=batch, dates="mdy")


def test_file_that_breaks_below_fails_with_its_line_and_writes_nothing():
    rows = "".join(f"a{n}@example.org,A\n" for n in range(500))
    batch = described(f'Email,Name\n{rows}b@example.org,"B\n{rows}')
    imports.request_run(batch=batch, at=NOW)

    with translation.override("en"):
        run_jobs()

    batch.refresh_from_db()
    assert batch.state == Import.State.FAILED
    assert batch.error.startswith("Line 502: ")
    assert not Supporter.objects.exists()
    assert not ImportRow.objects.exists()


def test_bad_file_is_not_kept():
    with pytest.raises(BadFile):
        upload("Email,Email\na@example.org,b\n")

    assert not StoredFile.objects.exists()
    assert not Import.objects.exists()


def test_nothing_of_the_file_is_left_in_the_session():
    imported("Email\na@example.org\n")

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('import_staged'), to_regclass('import_chunk')")
        assert cursor.fetchone() == (None, None)


def test_mapping_is_remembered_for_the_next_such_file():
    text = "Courriel,Nom de naissance\na@example.org,Dupont\n"
    described(
        text, mapping={"Courriel": "email", "Nom de naissance": "family_name"}, tags=["school"]
    )

    again = upload(text)

    assert again.mapping == {"Courriel": "email", "Nom de naissance": "family_name"}
    assert again.options["tags"] == ["school"]
    assert ImportMapping.objects.count() == 1


def test_reading_otherwise_maps_the_columns_anew():
    batch = upload("Email;On\na@example.org;03/04/2025\n")

    semicolon = imports.read_as(batch=batch, delimiter=",")
    again = imports.read_as(batch=semicolon, delimiter=";", dates="mdy")

    assert semicolon.detected["columns"] == ["Email;On"]
    assert again.mapping == {"Email": "email", "On": ""}
    assert (again.detected["dates"], again.detected["doubtful_date"]) == ("mdy", "")


def test_check_can_be_repeated_and_discarded():
    batch = checked(described("Email\na@example.org\n"))
    checked(batch)
    assert batch.rows.count() == 1

    imports.discard(batch=batch, at=NOW)

    assert not Import.objects.exists()
    assert not StoredFile.objects.exists()


def test_import_is_in_the_audit_trail(staff):
    user = staff()
    batch = imports.start(chunks=[b"Email\na@example.org\n"], name="l.csv", at=NOW, by=user)
    imports.request_run(batch=batch, at=NOW, by=user)
    run_jobs()

    entries = audit.AuditEntry.objects.filter(subject=f"import:{batch.pk}").order_by("pk")

    assert [entry.action for entry in entries] == [
        "import.uploaded",
        "import.requested",
        "import.run",
    ]
    assert entries[2].details == {
        "read": 1, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "bad": 0
    }  # fmt: skip
    assert {entry.by for entry in entries} == {user}


def test_one_import_waits_for_another():
    locks = {app.tasks[f"exchange.{name}_import"].lock for name in ("check", "run", "undo")}

    assert len(locks) == 1
    assert None not in locks
