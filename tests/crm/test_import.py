"""Importing supporters: who is whom, what is written, and that every row is accounted for."""

from datetime import UTC, date, datetime

import pytest

from crm.exchange.imports import NotReady
from crm.exchange.models import ImportRow
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Change, Identifier, Supporter
from crm.people.tags import Tagging
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, outcomes, reasons, run
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
PEOPLE = (
    "Email,First name,Last name,Postcode,Language\n"
    "Anne@Example.org,Anne,Dupont,1050,fr\n"
    "bram@example.org,Bram,De Smet,9000,nl\n"
)


def test_people_are_added_with_all_that_belongs_to_them():
    batch = imported(
        "Email,First name,Last name,Title,Birth date,Phone,Street,Postcode,City,Country,Note,Tags\n"
        'Anne@Example.org,Anne,Dupont,Mme,31/12/1980,0475 12 34 56,"Rue Haute 1, bte 2",1050,'
        "Ixelles,Belgique,Met in Namur,school; teacher\n",
        tags=["fair"],
    )

    person = Supporter.objects.get()
    address = PostalAddress.objects.get(supporter=person)
    assert counts(batch) == {"created": 1}
    assert (person.given_name, person.family_name, person.email) == (
        "Anne",
        "Dupont",
        "anne@example.org",
    )
    assert (person.form_of_address, person.birth_date) == ("madam", date(1980, 12, 31))
    assert (person.postcode, person.country, person.region) == ("1050", "BE", "BE-BRU")
    assert (person.source, person.created_at, person.modified_at) == (
        f"import:{batch.pk}",
        NOW,
        NOW,
    )
    assert person.search_text == person.searchable()
    assert EmailAddress.objects.get().supporter == person
    assert (Phone.objects.get().number, Phone.objects.get().is_preferred) == ("+32475123456", True)
    assert (address.street, address.postcode, address.town, address.is_preferred) == (
        "Rue Haute 1, bte 2",
        "1050",
        "Ixelles",
        True,
    )
    assert set(Tagging.objects.values_list("tag__name", "source")) == {
        (name, f"import:{batch.pk}") for name in ("school", "teacher", "fair")
    }
    assert person.notes.get().text == "Met in Namur"
    assert list(Change.objects.values_list("kind", "at")) == [("registered", NOW)]


def test_known_address_is_the_same_person_and_what_we_know_stays():
    known = SupporterFactory(email="anne@example.org", family_name="", given_name="Anne")
    Supporter.objects.update(postcode="", region="")

    batch = imported(PEOPLE)

    known.refresh_from_db()
    assert counts(batch) == {"created": 1, "updated": 1}
    assert (known.given_name, known.family_name, known.postcode) == ("Anne", "Dupont", "1050")
    assert Supporter.objects.count() == 2
    assert list(Change.objects.filter(supporter=known).values_list("kind", flat=True)) == [
        "imported"
    ]
    row = batch.rows.get(supporter=known)
    assert row.before == {"family_name": "", "postcode": "", "region": ""}
    assert row.after == {"family_name": "Dupont", "postcode": "1050", "region": "BE-BRU"}


@pytest.mark.parametrize(
    ("mode", "outcome", "name", "postcode"),
    [
        ("fill", "unchanged", "Supporter", "1000"),
        ("update", "updated", "Dupont", "1050"),
        ("new", "skipped", "Supporter", "1000"),
    ],
)
def test_mode_says_what_may_be_written_over(mode, outcome, name, postcode):
    known = SupporterFactory(email="anne@example.org", postcode="1000")

    batch = imported(PEOPLE, mode=mode)

    known.refresh_from_db()
    assert counts(batch) == {"created": 1, outcome: 1}
    assert (known.family_name, known.postcode) == (name, postcode)
    assert known.search_text == known.searchable()


def test_same_file_again_changes_nothing():
    imported(PEOPLE)
    before = list(Supporter.objects.order_by("pk").values())

    again = imported(PEOPLE)

    assert counts(again) == {"unchanged": 2}
    assert list(Supporter.objects.order_by("pk").values()) == before
    assert Change.objects.count() == 2


def test_people_without_address_are_themselves_again_and_nobody_else():
    text = (
        "First name,Last name,Postcode\n"
        "Anne,Dupont,1050\n"
        "Anne,Dupont,4000\n"
        "Anne,Dupont,\n"
        "Anne,Dupont,\n"
    )
    first = imported(text)

    again = imported(text)
    other = imported("Last name,First name\nDupont,Anne\n")

    assert counts(first) == {"created": 4}
    assert counts(again) == {"unchanged": 4}
    assert counts(other) == {"created": 1}


def test_number_of_another_system_is_the_same_person():
    text = "Contact ID,Last name\n17,Dupont\n18,Peeters\n"
    imported(text, system="civicrm")

    again = imported("Contact ID,Last name,Email\n17,Dupont,anne@example.org\n", system="civicrm")
    elsewhere = imported(text, system="other")

    person = Identifier.objects.get(system="civicrm", value="17").supporter
    assert counts(again) == {"updated": 1}
    assert person.email == "anne@example.org"
    assert EmailAddress.objects.get().supporter == person
    assert counts(elsewhere) == {"created": 2}


def test_rows_of_one_person_are_one_person_in_their_order():
    batch = imported(
        "Email,Other email,Contact ID,First name,Last name,Postcode\n"
        "anne@example.org,,,Anne,,\n"
        ",,17,,Dupont,\n"
        "ANNE@example.org,,17,,Dupont,1050\n"
        "a.dupont@example.org,anne@example.org,,Anna,Dupont,4000\n",
        system="civicrm",
    )

    assert outcomes(batch) == [(2, "c"), (3, "c"), (4, "b"), (5, "u")]
    assert reasons(batch) == {4: ["two-people"]}
    anne = Supporter.objects.get(email="anne@example.org")
    assert set(anne.emails.values_list("address", flat=True)) == {
        "anne@example.org",
        "a.dupont@example.org",
    }
    assert (anne.given_name, anne.family_name, anne.postcode) == ("Anne", "", "4000")


def test_bad_rows_are_told_and_the_others_go_in():
    batch = imported(
        "Email,Name,Phone,Birth date,Postcode\n"
        "anne@example.org,Anne,,,\n"
        "no address,Bram,,,\n"
        "c@example.org,C,12,99/99/1980,\n"
        "d@example.org,D,,31/12/2199,\n"
        "e@example.org,E,,,1000,and more\n"
        "f@example.org,F\n"
        "Email,Name,Phone,Birth date,Postcode\n"
        ",,0475123456,,1000\n"
        "g@example.org,G,,,B-1000 and much more than fits\n"
    )

    assert counts(batch) == {"created": 1, "bad": 8}
    assert reasons(batch) == {
        3: ["email"],
        4: ["phone", "date"],
        5: ["future"],
        6: ["width"],
        7: ["width"],
        8: ["header"],
        9: ["nobody"],
        10: ["too-long"],
    }


def test_erased_person_is_left_out():
    erased = SupporterFactory(email="", erased_at=NOW)
    Identifier.objects.create(supporter=erased, system="civicrm", value="17")

    batch = imported("Contact ID,Last name\n17,Dupont\n", system="civicrm")

    erased.refresh_from_db()
    assert counts(batch) == {"skipped": 1}
    assert reasons(batch) == {2: ["erased"]}
    assert erased.family_name == "Supporter"


def test_merged_record_leads_to_the_one_that_stands():
    kept = SupporterFactory(email="anne@example.org", postcode="")
    lost = SupporterFactory(email="", merged_into=kept)
    Identifier.objects.create(supporter=lost, system="civicrm", value="17")

    batch = imported("Contact ID,Last name,Postcode\n17,Supporter,1050\n", system="civicrm")

    kept.refresh_from_db()
    assert counts(batch) == {"updated": 1}
    assert kept.postcode == "1050"


def test_two_who_share_an_address_are_not_mixed():
    known = SupporterFactory(email="home@example.org", given_name="Anne", family_name="")

    imported("Email,First name,Last name\nhome@example.org,Bram,Peeters\n")

    known.refresh_from_db()
    assert (known.given_name, known.family_name) == ("Anne", "")


def test_check_says_what_the_run_does_and_writes_nothing():
    SupporterFactory(email="anne@example.org", family_name="", postcode="")
    text = PEOPLE + "bram@example.org,,,9000,\nbad,,,,\n,Chris,,,\n"
    batch = checked(described(text))
    told = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))
    assert counts(batch) == {"created": 2, "updated": 1, "unchanged": 1, "bad": 1}
    assert Supporter.objects.count() == 1

    run(batch)

    done = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))
    assert done == told
    assert Supporter.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"mapping": {"Email": "amount"}}, "field"),
        ({"mapping": {"No": "email"}}, "column"),
        ({"mapping": {"Email": "postcode"}}, "nobody"),
        ({"mapping": {"Email": "email", "Postcode": "email"}}, "field-twice"),
        ({"mapping": {"Email": "email", "Postcode": "identifier"}}, "system"),
        ({"mapping": {"Email": "email", "Postcode": "newsletter"}}, "consent"),
        ({"mode": "other"}, "mode"),
        ({"kind": "signatures"}, "campaign"),
        ({"kind": "gifts"}, "needed"),
    ],
)
def test_import_that_cannot_be_run_is_not_begun(changes, problem):
    with pytest.raises(NotReady) as told:
        described(PEOPLE, **changes)

    assert problem in told.value.problems


def test_row_of_journal_is_enough_to_find_the_person():
    batch = imported(PEOPLE)

    rows = ImportRow.objects.filter(batch=batch).order_by("line")

    assert [(row.supporter.email, row.is_new_supporter) for row in rows] == [
        ("anne@example.org", True),
        ("bram@example.org", True),
    ]


def test_known_since_is_read_in_local_time():
    imported("Email,Known since\nanne@example.org,04/03/2019 00:30\n")

    assert Supporter.objects.get().created_at == datetime(2019, 3, 3, 23, 30, tzinfo=UTC)
