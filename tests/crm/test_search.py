"""Finding supporters: by name, any address, telephone, postcode, or what others call them."""

import pytest

from crm.access import Role
from crm.people.contact_points import Phone
from crm.people.models import Identifier, Supporter
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def helene():
    SupporterFactory(given_name="Jan", family_name="Maes", email="jan@example.net", postcode="9000")
    helene = SupporterFactory(
        given_name="Hélène", family_name="d'Hondt", email="helene@example.com", postcode="1050"
    )
    Phone.objects.create(supporter=helene, number="+32475123456")
    Identifier.objects.create(supporter=helene, system="stripe", value="cus_NffrFeUfNV2Hib")
    Identifier.objects.create(supporter=helene, system="iban", value="BE68539007547034")
    Identifier.objects.create(supporter=helene, system="row", value="0" * 64)
    return helene


def found(text, reader=None):
    return list(Supporter.objects.current().search(text, reader))


@pytest.mark.parametrize(
    "text", ["helene", "HÉLÈNE", "hondt", "d'hondt hel", "helene@example.com", "1050", "hondt 105"]
)
def test_names_and_addresses_are_found_with_and_without_accents(helene, text):
    assert found(text) == [helene]


@pytest.mark.parametrize(
    "text",
    ["0475123456", "0475 12 34 56", "0475/12.34.56", "+32 475 12 34 56", "0032475123456",
     "+32 (0)475 12 34 56", "0475-12-34-56", "0475 12 34"],
)  # fmt: skip
def test_telephones_are_found_in_any_notation(helene, staff, text):
    assert found(text, staff(Role.FUNDRAISER)) == [helene]


@pytest.mark.parametrize("text", ["cus_NffrFeUfNV2Hib", "stripe:cus_NffrFeUfNV2Hib"])
def test_identifiers_of_other_systems_are_found(helene, staff, text):
    assert found(text, staff(Role.FUNDRAISER)) == [helene]


def test_identifier_of_another_system_is_not_taken_for_this_one(helene, staff):
    assert found("mailchimp:cus_NffrFeUfNV2Hib", staff(Role.FUNDRAISER)) == []


def test_what_the_reader_may_not_see_is_not_found_either(helene, staff):
    hidden = ("0475123456", "cus_NffrFeUfNV2Hib", "BE68539007547034")
    campaigner, fundraiser = staff(Role.CAMPAIGNER), staff(Role.FUNDRAISER)

    by_campaigner = [found(text, campaigner) for text in hidden]
    by_nobody = [found(text) for text in hidden]
    by_fundraiser = [found(text, fundraiser) for text in hidden]

    assert by_campaigner == by_nobody == [[], [], []]
    assert by_fundraiser == [[helene], [helene], [helene]]


def test_hash_of_an_imported_row_finds_nobody(helene, staff):
    assert found("0" * 64, staff(Role.ADMINISTRATOR)) == []


@pytest.mark.parametrize("text", ["", "  ", "&|!():*", "'"])
def test_searching_for_nothing_finds_nobody(helene, text):
    assert found(text) == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_search_asks_as_much_for_three_as_for_one(staff, django_assert_num_queries, number):
    for each in range(number):
        person = SupporterFactory(given_name="Zoë")
        Phone.objects.create(supporter=person, number=f"+3247512345{each}")
    reader = staff(Role.FUNDRAISER)
    reader.has_perm("crm.view_phone")  # rights are asked once a request

    with django_assert_num_queries(1):
        by_name = found("zoe", reader)
    with django_assert_num_queries(2):
        by_phone = found("0475 12 34 5", reader)

    assert (len(by_name), len(by_phone)) == (number, number)
