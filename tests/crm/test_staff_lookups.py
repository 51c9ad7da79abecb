"""Lists are narrowed by their filters only: by other fields one could guess what they hide."""

import pytest

from crm.access import Role
from crm.mailing import outbox
from tests.factories import AT, CheckoutFactory, GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query", ["context__token__startswith=secret", "context__icontains=secret", "key__contains=m"]
)
def test_what_a_mail_said_cannot_be_guessed_from_the_list(client, staff, query):
    client.force_login(staff(Role.CAMPAIGNER))
    words = {"to": SupporterFactory(), "language": "en", "at": AT, "context": {"token": "secret"}}
    outbox.queue("donor_link", key="mail", **words)

    assert client.get(f"/staff/crm/mail/?{query}").status_code == 400


@pytest.mark.parametrize("field", ["email", "given_name", "family_name"])
def test_who_left_the_payment_page_cannot_be_guessed_from_the_list(client, staff, field):
    client.force_login(staff(Role.FUNDRAISER))
    CheckoutFactory()

    assert client.get(f"/staff/payments/checkout/?{field}__startswith=s").status_code == 400


@pytest.mark.parametrize(
    "query", ["status__exact=paid", "fund=none", "q=sam", "p=1", "is_anonymous__exact=0", "e=1"]
)
def test_what_filters_offer_narrows_the_list_and_its_export(client, staff, query):
    client.force_login(staff(Role.FUNDRAISER))
    GiftFactory()

    assert client.get(f"/staff/crm/gift/?{query}").status_code == 200
    assert client.get(f"/staff/crm/gift/export/?{query}").status_code == 200


def test_export_by_what_no_filter_offers_is_refused(client, staff):
    client.force_login(staff(Role.FUNDRAISER))

    assert client.get("/staff/crm/gift/export/?nothing=1").status_code == 400
