"""Who may import what, and see what of it."""

import pytest

from crm.access import Role
from crm.exchange.models import Import
from crm.people.contact_points import Phone
from crm.people.files import StoredFile
from tests.crm.importing import GIFTS, as_offered, checked, get, post, told_rows, upload
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def test_campaigner_may_import_no_gifts(client, signed_in):
    signed_in(Role.CAMPAIGNER)

    answer = upload(client, GIFTS, kind="gifts")

    assert list(answer.context["form"].errors) == ["kind"]
    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["read", "map", "change", "run", "check", "undo", "discard", "progress", "rejects"]
)
def test_campaigner_is_kept_from_every_page_of_an_import_of_gifts(client, signed_in, name):
    signed_in(Role.FUNDRAISER)
    batch = checked(client, GIFTS, kind="gifts")
    signed_in(Role.CAMPAIGNER)

    assert get(client, name, batch).status_code == 403
    assert post(client, name, batch, confirmed="yes").status_code == 403
    assert Import.objects.get().state == "checked"


def test_file_that_turns_out_to_hold_gifts_is_kept_from_a_campaigner(client, signed_in):
    signed_in(Role.CAMPAIGNER)
    stripe = "id,Amount,Amount Refunded,Currency,Captured,Customer Email,Status\n"

    answer = upload(client, stripe + "ch_1,25,0,eur,true,a@example.org,Paid\n", kind="")

    assert answer.context["form"].errors["kind"] == [
        "This file holds gifts, and you may not import these."
    ]
    assert (Import.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_secrets_of_those_we_know_are_hidden_from_who_may_not_see_them(client, signed_in):
    known = SupporterFactory(
        email="anne@example.org", given_name="Anne", birth_date="1970-01-01", family_name="Dupont"
    )
    Phone.objects.create(supporter=known, number="+32475000001")
    signed_in(Role.FUNDRAISER)
    batch = checked(client, mode="update")
    signed_in(Role.CAMPAIGNER)

    answer = get(client, "change", batch)

    assert "1970" not in answer.content.decode()
    assert told_rows(answer)[0][1] == [
        ("date of birth", "•••", "•••"),
        ("telephones", "", "•••"),
    ]


def test_nobody_imports_what_they_may_not_see(client, signed_in):
    known = SupporterFactory(email="anne@example.org", birth_date="1970-01-01")
    signed_in(Role.CAMPAIGNER)
    upload(client)
    batch = Import.objects.get()
    given = as_offered(client, batch, mode="update")

    refused = post(client, "map", batch, **given | {"column-4": "birth_date"})
    post(client, "map", batch, **given)
    run_jobs()
    post(client, "run", batch)
    run_jobs()

    known.refresh_from_db()
    assert refused.context["mapping"].errors.keys() == {"column-4"}
    assert (given.get("column-3", ""), given.get("column-4", "")) == ("", "")
    assert str(known.birth_date) == "1970-01-01"
    assert not Phone.objects.exists()


def test_bad_rows_are_handed_to_who_sent_them_or_sees_all(client, signed_in, django_user_model):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)
    post(client, "run", batch)
    run_jobs()
    signed_in(Role.CAMPAIGNER)

    assert get(client, "rejects", batch).status_code == 403
    assert "to mend" not in get(client, "change", batch).content.decode()
