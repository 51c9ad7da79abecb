"""What an import must not give away, and what its undoing must not forget."""

import pytest

from crm.access import Role
from crm.exchange.imports import NotReady
from crm.exchange.models import Import
from crm.people.addressing import change_email
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.people.operations import identify
from tests.conftest import NOW
from tests.crm.importing import get, post, upload
from tests.crm.lists import described, imported, undone
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
TWO_ADDRESSES = "Email,Other email\nanne@example.org,a@example.org\n"


def complain(address):
    email = EmailAddress.objects.get(address=address)
    change_email(email=email, status="complained", at=NOW.replace(hour=15))


def test_address_that_calls_our_mail_spam_outlives_the_import_that_added_it():
    SupporterFactory(email="anne@example.org")
    batch = imported(TWO_ADDRESSES)
    complain("a@example.org")

    conflicts = undone(batch).conflicts

    assert EmailAddress.objects.get(address="a@example.org").status == "complained"
    assert [(each["line"], each["reason"]) for each in conflicts] == [(2, "field-changed")]
    assert list(Supporter.objects.search("a@example.org")) == [Supporter.objects.get()]


def test_person_whose_only_address_calls_our_mail_spam_outlives_the_import():
    batch = imported("Email,First name\nbo@example.org,Bo\n")
    EmailAddress.objects.update(status="complained")  # as another program might write it

    undone(batch)

    assert EmailAddress.objects.get().status == "complained"


@pytest.mark.parametrize("system", ["iban", "IBAN", " iban ", "row"])
def test_import_does_not_ask_for_people_by_bank_account_or_by_our_own_keys(system):
    identify(supporter=SupporterFactory(), system="iban", value="BE71096123456769")
    text = "Contact ID,First name\nBE71096123456769,Bo\n"

    with pytest.raises(NotReady) as refused:
        described(text, mapping={"Contact ID": "identifier"}, system=system)

    assert refused.value.problems == ("system",)


@pytest.mark.parametrize("name", ["read", "map"])
def test_rows_of_a_colleagues_file_are_shown_to_who_may_see_all_of_them(client, signed_in, name):
    signed_in(Role.FUNDRAISER)
    upload(client)
    batch = Import.objects.get()
    signed_in(Role.CAMPAIGNER)

    assert get(client, name, batch).status_code == 403
    assert post(client, name, batch).status_code == 403
    page = get(client, "change", batch)
    assert page.status_code == 200
    assert "0475" not in page.content.decode()


@pytest.mark.parametrize("name", ["read", "map"])
def test_rows_of_ones_own_file_are_shown(client, signed_in, name):
    signed_in(Role.CAMPAIGNER)
    upload(client)

    assert get(client, name, Import.objects.get()).status_code == 200
