"""Writing down somebody new: who is known by address is not written twice, nor who looks alike."""

import pytest

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.duplicates import Suspicion
from crm.people.models import Supporter
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
ADD = "/staff/crm/supporter/add/"
MARIE = {
    "kind": "person",
    "form_of_address": "madam",
    "given_name": "Marie",
    "family_name": "Delvaux",
    "email": "Marie.Delvaux@Example.org",
    "phone": "0475 12 34 56",
    "language": "fr",
    "birth_date": "1980-02-01",
    "street": "Rue Haute 1",
    "postcode": "1000",
    "town": "Bruxelles",
    "country": "BE",
}


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def test_somebody_new_is_written_down_with_all_that_was_said(client, fundraiser):
    answer = client.post(ADD, MARIE)

    marie = Supporter.objects.get()
    assert answer.url == f"/staff/crm/supporter/{marie.pk}/change/"
    assert (marie.email, marie.source, marie.region) == (
        "marie.delvaux@example.org",
        "staff",
        "BE-BRU",
    )
    assert (str(marie.birth_date), marie.form_of_address) == ("1980-02-01", "madam")
    assert [phone.number for phone in marie.phones.all()] == ["+32475123456"]
    assert [(each.street, each.is_preferred) for each in marie.addresses.all()] == [
        ("Rue Haute 1", True)
    ]
    entry = AuditEntry.objects.get(action="supporter.added")
    assert (entry.by, entry.subject) == (fundraiser, f"supporter:{marie.pk}")


@pytest.mark.parametrize(
    "words", [{"family_name": "Delvaux"}, {"phone": "0475123456"}, {"email": "a@example.org"}]
)
def test_one_thing_is_enough(client, fundraiser, words):
    client.post(ADD, {"kind": "person", "language": "nl", **words})

    assert Supporter.objects.count() == 1


def test_organisation_is_written_down_by_its_name(client, fundraiser):
    client.post(ADD, {"kind": "organisation", "language": "nl", "family_name": "Samen vzw"})

    assert Supporter.objects.values_list("kind", "family_name").get() == (
        "organisation",
        "Samen vzw",
    )


@pytest.mark.parametrize(
    ("words", "field", "error"),
    [
        (
            {"given_name": "", "family_name": "", "email": "", "phone": ""},
            "__all__",
            "Write a name, an e-mail address or a telephone number.",
        ),
        ({"email": "marie@"}, "email", "Enter a valid email address."),
        ({"phone": "12"}, "phone", "This is not a telephone number."),
        ({"postcode": "10"}, "postcode", "A Belgian postcode has four digits."),
        ({"birth_date": "31/31/1980"}, "birth_date", "Enter a valid date."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(
    client, fundraiser, words, field, error
):
    page = client.post(ADD, {**MARIE, **words})

    assert page.context["form"].errors == {field: [error]}
    assert not Supporter.objects.exists()


@pytest.mark.parametrize("address", ["marie.delvaux@example.org", "old@example.org"])
def test_same_address_is_the_same_person_and_the_page_leads_there(client, fundraiser, address):
    known = SupporterFactory(given_name="M.", email="old@example.org")
    known.emails.create(address="marie.delvaux@example.org")

    page = client.post(ADD, {**MARIE, "email": address})

    assert page.context["known"] == known
    assert f'href="/staff/crm/supporter/{known.pk}/change/"' in page.content.decode()
    assert Supporter.objects.count() == 1


def double(**fields):
    return SupporterFactory(
        given_name="Marie", family_name="Delvaux", postcode="1000", email="m@example.org", **fields
    )


def test_who_looks_alike_is_shown_before_anything_is_written(client, fundraiser):
    known = double(birth_date="1980-02-01")

    page = client.post(ADD, MARIE)

    assert page.context["alike"] == [known]
    assert (Supporter.objects.count(), Suspicion.objects.count()) == (1, 0)
    assert not AuditEntry.objects.exists()


def test_it_is_somebody_else_writes_them_down_and_is_remembered(client, fundraiser):
    double(birth_date="1980-02-01")

    client.post(ADD, {**MARIE, "somebody_else": "1"})

    assert Supporter.objects.count() == 2
    decided = Suspicion.objects.get()
    assert (decided.state, decided.decided_by) == ("different", fundraiser)


def test_saying_somebody_else_does_not_write_a_known_address_twice(client, fundraiser):
    SupporterFactory(email="marie.delvaux@example.org")

    page = client.post(ADD, {**MARIE, "somebody_else": "1"})

    assert page.status_code == 200
    assert Supporter.objects.count() == 1


def test_campaigner_adds_no_phone_and_no_street(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))

    page = client.get(ADD)
    client.post(ADD, MARIE)

    assert not {"phone", "street", "town", "birth_date"} & set(page.context["form"].fields)
    marie = Supporter.objects.get()
    assert (marie.postcode, marie.birth_date) == ("1000", None)
    assert (marie.phones.count(), marie.addresses.count()) == (0, 0)


def test_reader_adds_nobody(client, staff):
    client.force_login(staff(Role.READER))

    answer = client.post(ADD, MARIE)

    assert answer.status_code == 403
    assert not Supporter.objects.exists()
