"""Undoing an import: row for row as before, but for what was built on it since."""

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError
from django.utils import translation

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.campaigns.operations import withdraw
from crm.donations.models import GiftDelta
from crm.exchange import imports, undoing
from crm.exchange.models import Import
from crm.exchange.options import Options
from crm.mailing.models import Mail
from crm.people.addressing import change_phone
from crm.people.contact_points import PostalAddress
from crm.people.models import Supporter
from crm.people.operations import correct
from crm.privacy.operations import record_consent
from tests.conftest import NOW
from tests.crm.lists import described, imported, run, undone
from tests.factories import GiftFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
LATER = NOW.replace(hour=15)
# What tells of the import itself, or when something was last changed.
ASIDE = {
    "auditentry", "change", "import", "importrow", "importmapping", "storedfile", "filechunk",
    "signaturedelta", "giftdelta", "context", "procrastinatejob", "procrastinateevent", "tag",
    "source", "session", "procrastinateworker", "procrastinateperiodicdefer",
}  # fmt: skip
PEOPLE = (
    "Email,Other email,Contact ID,First name,Last name,Phone,Street,Postcode,City,Newsletter,Tags,"
    "Note,Birth date\n"
    "anne@example.org,a@example.org,17,Anne,Dupont,0475123456,Rue Haute 1,1050,Ixelles,no,vip,Hi,"
    "1980-12-31\n"
    "bram@example.org,,18,Bram,Peeters,0475123457,Kerkstraat 2,9000,Gent,yes,vip,Ho,\n"
    ",,18,Bart,,,,,,,,,\n"
    "anne@example.org,,,Anna,,,,,,,,,\n"
)


def everything() -> dict[str, list]:
    """Return every row there is, but for the import's own and for dates of change."""
    found = {}
    for model in apps.get_models():
        name = model._meta.model_name
        theirs = model._meta.app_label == "crm" and model._meta.managed
        if name in ASIDE or name.endswith("event") or not theirs:
            continue
        rows = [
            {key: value for key, value in row.items() if key not in {"modified_at", "search"}}
            for row in model.objects.order_by("pk").values()
        ]
        if rows:
            found[name] = rows
    return found


@pytest.fixture
def anne():
    person = SupporterFactory(email="anne@example.org", given_name="", family_name="", postcode="")
    record_consent(supporter=person, given=True, source="form", at=NOW.replace(year=2023))
    record_consent(supporter=person, given=True, source="form", at=NOW.replace(year=2024))
    PostalAddress.objects.create(
        supporter=person, street="", town="Bruxelles", country="BE", is_preferred=True
    )
    Supporter.objects.filter(pk=person.pk).update(search_text="anne example org", region="")
    return person


@pytest.mark.parametrize("mode", ["fill", "update", "new"])
def test_undone_import_of_people_leaves_all_as_it_was(anne, mode):
    before = everything()

    batch = imported(PEOPLE, system="civicrm", consent="List", mode=mode, tags=["fair"])
    assert everything() != before
    undone(batch)

    assert batch.conflicts == []
    assert everything() == before
    assert not apps.get_model("crm", "SupporterEvent").objects.exclude(pgh_obj=anne).exists()


def test_undone_signatures_are_uncounted(campaign):
    before = everything()
    batch = imported(
        "Email,Comment\na@example.org,Bravo\nb@example.org,\n", kind="signatures",
        campaign=campaign.pk,
    )  # fmt: skip
    tallies.fold()

    undone(batch)

    left = {name: rows for name, rows in everything().items() if not name.endswith("tally")}
    assert left == before
    assert tallies.count(campaign) == 0
    tallies.fold()
    assert tallies.count(campaign) == 0


def test_undone_gifts_are_out_of_the_books():
    before = everything()
    batch = imported(
        "Email,Amount,Date,Amount refunded\na@example.org,25,2025-01-01,5\n"
        "a@example.org,30,2025-01-01,\n",
        kind="gifts",
    )

    undone(batch)

    assert everything() == before
    rows = GiftDelta.objects.values_list("gifts", "gross", "refunds")
    assert [sum(column) for column in zip(*rows, strict=True)] == [0, 0, 0]


def test_what_was_edited_since_stays_and_is_told(anne):
    batch = imported(PEOPLE, system="civicrm", consent="List")
    anne.refresh_from_db()
    correct(supporter=anne, at=LATER, family_name="Dupont-Lambert")
    bram = Supporter.objects.get(email="bram@example.org")
    correct(supporter=bram, at=LATER, family_name="Pieters")

    undone(batch)

    anne.refresh_from_db()
    assert (anne.given_name, anne.family_name) == ("", "Dupont-Lambert")
    assert Supporter.objects.filter(pk=bram.pk).exists()
    assert batch.conflicts == [
        {"line": 2, "reason": "field-changed", "field": "family_name"},
        {"line": 3, "reason": "person-changed"},
    ]
    with translation.override("en"):
        assert undoing.sentence(batch.conflicts[0]) == "“family_name” was changed since."


def test_person_who_gave_since_stays(campaign):
    batch = imported("Email\na@example.org\nb@example.org\n")
    GiftFactory(supporter=Supporter.objects.get(email="a@example.org"))

    undone(batch)

    assert [person.email for person in Supporter.objects.all()] == ["a@example.org"]
    assert batch.conflicts == [{"line": 2, "reason": "person-changed"}]


def test_signature_withdrawn_since_stays_withdrawn(campaign):
    batch = imported("Email\na@example.org\n", kind="signatures", campaign=campaign.pk)
    withdraw(signature=Signature.objects.get(), at=LATER)

    undone(batch)

    assert Signature.objects.get().status == "withdrawn"
    assert {each["reason"] for each in batch.conflicts} == {"signature-changed", "person-changed"}
    assert tallies.count(campaign) == 0


def test_gift_with_something_later_stays():
    batch = imported("Email,Amount,Date\na@example.org,25,2025-01-01\n", kind="gifts")
    gift = Supporter.objects.get().gifts.get()
    gift.entries.create(
        reference="later", kind="refund", amount=-100, currency="EUR", day=NOW.date(), at=NOW
    )

    undone(batch)

    assert Supporter.objects.get().gifts.count() == 1
    assert {each["reason"] for each in batch.conflicts} == {"gift-changed", "person-changed"}


def test_undoing_twice_does_nothing(anne):
    before = everything()
    batch = imported(PEOPLE, system="civicrm", consent="List")
    undone(batch)

    with pytest.raises(imports.WrongState):
        imports.request_undo(batch=batch, at=LATER)
    undoing.undo(batch_id=batch.pk, now=LATER)

    assert everything() == before


def test_undo_that_died_in_the_middle_is_finished(anne, monkeypatch):
    before = everything()
    batch = imported(PEOPLE, system="civicrm", consent="List", mode="update")
    imports.request_undo(batch=batch, at=LATER)
    die_with(Killed, monkeypatch)
    with pytest.raises(Killed):
        undoing.undo(batch_id=batch.pk, now=LATER)
    monkeypatch.undo()

    undoing.undo(batch_id=batch.pk, now=LATER)

    batch.refresh_from_db()
    assert batch.state == "undone"
    assert batch.conflicts == []
    assert everything() == before


class Killed(BaseException):
    """What a worker's end looks like from inside."""


def die_with(error, monkeypatch):
    def dying(values):
        raise error

    monkeypatch.setattr(undoing.removing, "people", dying)


def test_undo_that_failed_is_asked_for_again_and_the_import_not_gone_on_with(anne, monkeypatch):
    before = everything()
    batch = imported(PEOPLE, system="civicrm", consent="List", mode="update")
    imports.request_undo(batch=batch, at=LATER)
    die_with(DatabaseError, monkeypatch)
    with pytest.raises(DatabaseError):
        run_jobs()
    monkeypatch.undo()
    batch.refresh_from_db()
    assert batch.state == "failed"
    with pytest.raises(imports.WrongState):
        imports.request_run(batch=batch, at=LATER)

    undone(batch, at=LATER)

    assert everything() == before


def test_what_somebody_built_on_since_stays(anne):
    batch = imported("Email,Other email,Phone\nanne@example.org,a@example.org,0475123456\n")
    Mail.objects.create(key="one", supporter=anne, to="a@example.org")
    with pghistory.context(source="staff"):
        change_phone(phone=anne.phones.get(), status="wrong", at=LATER)

    undone(batch)

    assert batch.conflicts == [
        {"line": 2, "reason": "field-changed", "field": "email"},
        {"line": 2, "reason": "field-changed", "field": "phone"},
    ]
    assert anne.emails.filter(address="a@example.org").exists()
    assert anne.phones.get().status == "wrong"


def test_beginning_again_keeps_the_journal_of_what_was_begun():
    batch = described("Email\na@example.org\n")
    Import.objects.filter(pk=batch.pk).update(
        state="failed", options={**batch.options, "at": NOW.isoformat()}
    )

    for begin in (imports.request_check, imports.discard):
        with pytest.raises(imports.WrongState):
            begin(batch=batch, at=NOW)
    with pytest.raises(imports.WrongState):
        imports.configure(batch=batch, mapping=batch.mapping, options=Options(), at=NOW)


def test_undone_file_can_be_imported_again(anne):
    batch = imported(PEOPLE, system="civicrm", consent="List")
    after = len(everything()["supporter"])
    undone(batch)

    again = run(described(PEOPLE, system="civicrm", consent="List"))

    assert again.created == batch.created
    assert len(everything()["supporter"]) == after


def test_what_was_not_run_cannot_be_undone():
    batch = described("Email\na@example.org\n")

    with pytest.raises(imports.WrongState):
        imports.request_undo(batch=batch, at=NOW)
