"""Everything out, and into an empty installation: the same, row for row."""

import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from crm.audit import AuditEntry
from crm.campaigns.models import Campaign
from crm.demo import load as demo
from crm.exchange import everything
from crm.exchange.dumping import dump
from crm.exchange.loading import NotLoaded, load
from crm.exchange.models import Export
from crm.people.files import FileChunk, StoredFile
from crm.people.history import SupporterEvent
from crm.people.models import Change, Supporter
from crm.people.storing import contents, store
from crm.privacy.erasure import erase
from tests.factories import AT, CampaignFactory, SupporterFactory
from tests.jobs import run_jobs, run_periodic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def english():
    """The reasons of a refusal are in the language of whoever is told."""
    with override("en"):
        yield


NOT_DATA = {"django_session", "django_migrations"}  # and the queue


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def table_names():
    names = connection.introspection.table_names()
    return sorted(n for n in names if n not in NOT_DATA and not n.startswith("procrastinate_"))


def everything_there():
    """Return every row of every table as text, computed columns too, and each next number."""
    with connection.cursor() as cursor:
        rows = {}
        for name in table_names():
            cursor.execute(f"SELECT t::text FROM {name} t ORDER BY 1")
            rows[name] = [row for (row,) in cursor.fetchall()]
        cursor.execute(
            "SELECT sequencename, coalesce(last_value + 1, 1) FROM pg_sequences"
            " WHERE sequencename NOT LIKE 'procrastinate%' AND sequencename NOT LIKE 'django_mig%'"
        )
        return rows, dict(cursor.fetchall())


def begin_anew():
    """Empty the database as a new, migrated installation is."""
    call_command("flush", interactive=False, verbosity=0, reset_sequences=True)


def archive(path):
    with path.open("wb") as file:
        dump(file, at=AT)
    return path


def rewritten(path, changes):
    """Return the archive with other bytes in some of its files."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts |= changes(parts)
    other = path.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return other


def with_manifest(parts, **changes):
    told = json.loads(parts["manifest.json"])
    return {"manifest.json": json.dumps(told | changes)}


def nothing_there():
    return Supporter.objects.count() + Campaign.objects.count() + AuditEntry.objects.count()


@pytest.fixture
def small(tmp_path):
    """An archive of two people, one of them changed, and one campaign."""
    CampaignFactory()
    anna = SupporterFactory(given_name="Anna", own_greeting='Dag "Ann",\nlieve')
    SupporterFactory(email="")
    Supporter.objects.filter(pk=anna.pk).update(family_name="D'Hondt, née Čapek")
    return archive(tmp_path / "small.zip")


def test_load_gives_the_same_installation(tmp_path):
    demo.load(today=date(2026, 3, 14), signatures=60, gifts=30, out=io.StringIO())
    store(name="x.bin", content_type="x", chunks=[bytes(range(256))] * 5000, at=AT)
    Supporter.objects.filter(pk=1).update(birth_date=date(1980, 2, 29))
    Supporter.objects.filter(pk=2).update(own_greeting='a "quote",\r\nand a line\\N')
    SupporterFactory().delete()
    before = everything_there()
    path = archive(tmp_path / "all.zip")
    begin_anew()

    rows = load(str(path))

    after = everything_there()
    assert rows == sum(map(len, before[0].values()))
    assert {n: r for n, r in after[0].items() if r != before[0][n]} == {}
    assert after[1] == before[1]
    assert sum(1 for found in before[0].values() if found) > 30


def test_loaded_installation_goes_on_searching_numbering_and_keeping_history(small):
    newest = Supporter.objects.latest("pk").pk
    begin_anew()
    load(str(small))

    Supporter.objects.filter(given_name="Anna").update(given_name="Anne")

    assert [each.given_name for each in Supporter.objects.search("sam")] == ["Sam"]
    assert SupporterFactory().pk == newest + 1
    assert list(SupporterEvent.objects.values_list("given_name", "family_name")) == [
        ("Anna", "Supporter"),
        ("Anna", "D'Hondt, née Čapek"),
    ]


def test_feed_of_changes_goes_on_where_transactions_were_counted_further(tmp_path):
    person = SupporterFactory()
    far = [Change.objects.create(supporter=person, kind="x", transaction=t) for t in (9**15, 9**16)]
    path = archive(tmp_path / "all.zip")
    begin_anew()
    load(str(path))

    newer = Change.objects.create(supporter_id=person.pk, kind="y")

    assert list(Change.objects.order_by("transaction", "id")) == [*far, newer]


def test_archive_explains_itself(small):
    with zipfile.ZipFile(small) as opened:
        told = json.loads(opened.read("manifest.json"))
        people = opened.read("tables/crm_supporter.csv")
        readme = opened.read("README.md").decode()

    part = next(each for each in told["tables"] if each["table"] == "crm_supporter")
    assert (told["format"], told["made_at"]) == ("soutien", AT.isoformat())
    assert (part["rows"], part["bytes"]) == (2, len(people))
    assert part["sha256"] == sha256(people).hexdigest()
    assert people.decode().split(",")[:3] == ["id", "public_id", "kind"]
    assert {"name": "birth_date", "type": "date"} in part["columns"]
    assert "in UTF-8, with a line of column names" in readme


def test_archive_has_every_table_but_sign_ins_and_the_queue(small):
    with zipfile.ZipFile(small) as opened:
        told = json.loads(opened.read("manifest.json"))

    assert [part["table"] for part in told["tables"]] == table_names()


def test_installation_that_holds_something_is_refused(small):
    with pytest.raises(NotLoaded, match=r"not empty: there is something in crm_campaign\b"):
        load(str(small))

    assert Supporter.objects.count() == 2


def test_archive_of_another_version_is_refused(small):
    begin_anew()
    other = rewritten(small, lambda parts: with_manifest(parts, migrations=["crm.0099_later"]))

    with pytest.raises(NotLoaded, match=r"tables have another shape.*Different: account\."):
        load(str(other))

    assert nothing_there() == 0


def test_tables_with_other_columns_are_refused(small):
    begin_anew()

    def without_a_column(parts):
        told = json.loads(parts["manifest.json"])
        told["tables"][10]["columns"].pop()
        return {"manifest.json": json.dumps(told)}

    with pytest.raises(NotLoaded, match="another shape in the archive: crm_"):
        load(str(rewritten(small, without_a_column)))

    assert nothing_there() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            lambda p: {
                "tables/crm_supporter.csv": p["tables/crm_supporter.csv"].replace(b"Anna", b"Eve!")
            },
            "“tables/crm_supporter.csv” is not as it was written",
        ),
        (lambda _p: {"tables/crm_more.csv": b"x"}, "does not hold the files"),
        (lambda _p: {"../../etc/passwd": b"x"}, "does not hold the files"),
        (lambda p: with_manifest(p, format="other"), "a format that this version does not know"),
        (lambda _p: {"manifest.json": b"{"}, "manifest of this archive cannot be read"),
        (lambda _p: {"manifest.json": b" " * (5 << 20)}, "has no manifest"),
    ],
    ids=["tampered", "more", "climbing", "format", "broken", "huge"],
)
def test_archive_that_is_not_as_it_was_written_is_refused(small, changes, words):
    begin_anew()

    with pytest.raises(NotLoaded, match=words):
        load(str(rewritten(small, changes)))

    assert nothing_there() == 0


def test_bomb_is_refused_before_it_is_unpacked(small, monkeypatch):
    begin_anew()
    bomb = rewritten(small, lambda _p: {"tables/crm_supporter.csv": b"0" * (9 << 20)})
    monkeypatch.setattr("crm.exchange.loading.HARMLESS", 1 << 20)
    monkeypatch.setattr("crm.exchange.loading.checksum", lambda *_: pytest.fail("unpacked"))

    with pytest.raises(NotLoaded, match="unpacks to more than any export of ours"):
        load(str(bomb))

    assert nothing_there() == 0


def test_row_that_points_nowhere_is_refused_with_all_the_others(small):
    begin_anew()

    def lost(parts):
        told = json.loads(parts["manifest.json"])
        part = next(each for each in told["tables"] if each["table"] == "crm_emailaddress")
        text = re.sub(rb",\d+,supporter", b",99999,supporter", parts[part["file"]])
        part |= {"sha256": sha256(text).hexdigest(), "bytes": len(text)}
        return {part["file"]: text, "manifest.json": json.dumps(told)}

    with pytest.raises(NotLoaded, match=r"PostgreSQL refused the data: .*foreign key"):
        load(str(rewritten(small, lost)))

    assert nothing_there() == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"hello"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    with pytest.raises(CommandError, match="This is no ZIP archive, or it is damaged"):
        call_command("load", path)


def test_damaged_archive_is_refused(small):
    begin_anew()
    data = bytearray(small.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    small.write_bytes(data)

    with pytest.raises(NotLoaded):
        load(str(small))

    assert nothing_there() == 0


def test_commands_write_and_load_and_note_it(tmp_path):
    SupporterFactory()
    path, out = tmp_path / "all.zip", io.StringIO()
    call_command("export", path, stdout=out)
    noted = Export.objects.get()
    begin_anew()

    call_command("load", path, stdout=out)

    rows = noted.rows
    assert out.getvalue() == f"{rows} rows in {path}\n{rows} rows loaded\n"
    assert (noted.what, noted.reason) == ("everything", "manage.py export")
    assert (Supporter.objects.count(), Export.objects.count()) == (1, 0)


def test_command_overwrites_nothing(tmp_path):
    path = tmp_path / "all.zip"
    path.write_text("mine")

    with pytest.raises(CommandError, match="is there already"):
        call_command("export", path)

    assert path.read_text() == "mine"


def test_half_an_archive_is_not_left_behind(tmp_path, monkeypatch):
    path = tmp_path / "all.zip"
    monkeypatch.setattr("crm.exchange.dumping.manifest", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        call_command("export", path)

    assert not path.exists()


@pytest.fixture
def administrator():
    return get_user_model().objects.create_user("ada", is_staff=True)


def test_job_writes_a_file_that_loads_and_is_in_no_later_one(administrator, tmp_path):
    SupporterFactory()
    asked = [
        everything.ask_for_everything(reason="Moving house.", at=AT, by=administrator)
        for _time in range(2)
    ]

    assert run_jobs() == [everything.WRITE] * 2

    exports = [Export.objects.get(pk=each.pk) for each in asked]
    assert [each.done == each.total > 50 for each in exports] == [True, True]
    assert [each.error for each in exports] == ["", ""]
    path = tmp_path / "fetched.zip"
    path.write_bytes(b"".join(contents(exports[1].file)))
    begin_anew()
    assert load(str(path)) == exports[1].rows
    assert (StoredFile.objects.count(), FileChunk.objects.count()) == (0, 0)


def test_job_that_runs_again_writes_no_second_file(administrator):
    asked = everything.ask_for_everything(reason="Moving house.", at=AT, by=administrator)
    run_jobs()

    everything.write_everything(export_id=asked.pk, clock=lambda: AT)

    assert StoredFile.objects.count() == 1


def test_nobody_is_in_the_file_who_was_erased_while_it_was_written(
    administrator, tmp_path, monkeypatch
):
    zoe = SupporterFactory(email="zoe@example.org")

    def erasing_dump(*args, **options):
        rows = dump(*args, **options)
        erase(supporter=zoe, at=AT)
        return rows

    monkeypatch.setattr(everything, "dump", erasing_dump)
    everything.ask_for_everything(reason="Moving house.", at=AT, by=administrator)
    run_jobs()

    path = tmp_path / "fetched.zip"
    path.write_bytes(b"".join(contents(Export.objects.get().file)))
    with zipfile.ZipFile(path) as archive:
        told = b"".join(archive.read(name) for name in archive.namelist())
    assert b"zoe@example.org" not in told


def test_file_is_gone_after_a_day(administrator):
    export = everything.ask_for_everything(reason="Moving house.", at=AT, by=administrator)
    everything.write_everything(export_id=export.pk, clock=lambda: AT)
    export.refresh_from_db()
    late = AT + timedelta(days=1)

    with pytest.raises(everything.NotThere):
        everything.file_of(export=export, at=late, by=administrator)
    assert everything.delete_old(at=late - timedelta(seconds=1)) == 0
    run_periodic("exchange.delete_old_exports")

    export.refresh_from_db()
    assert (export.file, StoredFile.objects.count()) == (None, 0)


def test_export_whose_worker_died_is_told_to_be_stuck(administrator):
    export = everything.ask_for_everything(reason="Moving house.", at=AT, by=administrator)

    assert not everything.is_stuck(export, AT + timedelta(minutes=9))
    assert everything.is_stuck(export, datetime(2026, 3, 1, 9, 10, tzinfo=UTC))
