"""What staff are told of an import: row by row, and the bad rows to mend and send again."""

from datetime import timedelta

import pytest
from django.utils import translation

from crm.exchange import forgetting, imports, outcomes
from crm.exchange.models import Import
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import contents
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, run, upload
from tests.factories import SupporterFactory
from tests.jobs import run_periodic

pytestmark = pytest.mark.django_db
MIXED = (
    "E-mail;Nom;GSM\n"
    "anne@example.org;Dupont;\n"
    "wrong;=1+1;+32 475 12 34 56\n"
    "chris@example.org;;12;more\n"
    ";Peeters;+32 475 12 34 57\n"
)


def test_rejects_are_a_file_to_mend_and_send_again():
    batch = imported(MIXED, mapping={"E-mail": "email", "Nom": "family_name", "GSM": "phone"})

    text = b"".join(contents(batch.rejects)).decode("utf-8-sig")
    assert counts(batch) == {"created": 2, "bad": 2}
    assert batch.rejects.name == "list-rejects.csv"
    with translation.override("en"):
        lines = "".join(outcomes.rejects(batch)).lstrip("\ufeff").splitlines()
    assert lines == [
        "E-mail,Nom,GSM,What is wrong,Line",
        "wrong,'=1+1,'+32 475 12 34 56,“E-mail” holds no e-mail address.,3",
        'chris@example.org,,12,"The line has 4 cells, and there are 3 columns. more",4',
    ]

    mended = upload(text.replace("\nwrong", "\nbram@example.org").replace(",12,", ",0475123458,"))
    assert list(mended.mapping.values()) == ["email", "family_name", "phone", "", ""]
    run(mended)

    assert counts(mended) == {"created": 2}
    bram = Supporter.objects.get(email="bram@example.org")
    assert (bram.family_name, bram.phones.get().number) == ("=1+1", "+32475123456")


def test_rejects_speak_the_language_of_whoever_asked():
    batch = described("Email\nwrong\n")
    with translation.override("nl"):
        imports.request_run(batch=batch, at=NOW)

    batch.refresh_from_db()

    assert batch.options["reader"] == "nl"


def test_file_without_bad_rows_has_no_rejects():
    assert imported("Email\na@example.org\n").rejects is None


def test_each_row_tells_what_would_change():
    known = SupporterFactory(email="anne@example.org", family_name="", given_name="")
    batch = checked(described(MIXED))

    with translation.override("en"):
        rows = outcomes.outcomes(batch)

    assert [(row.line, row.outcome) for row in rows] == [(2, "u"), (3, "b"), (4, "b"), (5, "c")]
    assert rows[0].changes == [("family_name", "", "Dupont")]
    assert rows[0].supporter_id == known.pk
    assert rows[0].cells == ["anne@example.org", "Dupont", ""]
    assert rows[1].why == "“E-mail” holds no e-mail address."
    assert [row.line for row in outcomes.outcomes(batch, outcome="b", after=3)] == [4]


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_are_told_in_as_many_queries_however_many(rows, django_assert_num_queries):
    batch = checked(described("Email\n" + "".join(f"a{n}@example.org\n" for n in range(rows))))
    batch = Import.objects.select_related("file").get(pk=batch.pk)

    with django_assert_num_queries(2):
        assert len(outcomes.outcomes(batch)) == rows


def test_files_are_forgotten_after_some_time():
    old, new = imported("Email\nwrong\na@b.org\n"), imported("Email\nc@example.org\n")
    Import.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=31))

    run_periodic("exchange.forget_import_files")
    forgetting.forget_files(now=NOW)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.file, old.rejects) == (None, None)
    assert StoredFile.objects.count() == (1 if new.file else 0)
    assert outcomes.outcomes(old)[0].cells == []
