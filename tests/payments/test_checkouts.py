"""Checkouts that came to nothing: counted, shown without a name, emptied."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.access import Role
from crm.people.models import Supporter
from payments import checkouts
from payments.models import Checkout
from tests.factories import CheckoutFactory, SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/payments/checkout/"


@pytest.fixture
def fundraiser(client, staff):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(staff(Role.FUNDRAISER))


def ago(**span):
    return timezone.now() - timedelta(**span)


def test_list_shows_no_name_of_who_did_not_pay(client, fundraiser):
    wording = WordingFactory(language="en")
    for state in ("open", "expired", "declined", "failed"):
        made = CheckoutFactory(
            state=state, family_name="Zwaan", started_at=ago(hours=2), newsletter=wording
        )

    pages = [client.get(LIST), client.get(f"{LIST}{made.pk}/change/")]

    for page in pages:
        assert "€25" in page.content.decode()
        for personal in ("Dora", "Zwaan", "dora@example.org"):
            assert personal not in page.content.decode()


def test_list_names_whose_money_came(client, fundraiser):
    CheckoutFactory(state="paid", supporter=SupporterFactory(given_name="Pia"))

    page = client.get(LIST).content.decode()

    assert "Pia" in page
    assert "Dora" not in page


def test_counts_stand_above_the_list(client, fundraiser):
    CheckoutFactory(state="open", started_at=ago(minutes=59))
    CheckoutFactory(state="open", started_at=ago(minutes=61))
    CheckoutFactory(state="expired", started_at=ago(days=29))
    CheckoutFactory(state="expired", started_at=ago(days=31))
    CheckoutFactory(state="declined", started_at=ago(days=1))
    CheckoutFactory(state="paid", started_at=ago(days=1))

    page = client.get(LIST)

    assert page.context["counted"] == {"under_way": 1, "abandoned": 2, "declined": 1}
    assert "2 gifts were abandoned on the payment page" in page.content.decode()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("under_way", ["young"]),
        ("abandoned", ["expired", "old"]),
        ("declined", ["declined", "failed"]),
        ("paid", ["paid"]),
        ("processing", []),
    ],
)
def test_list_is_filtered_by_state(client, fundraiser, state, found):
    for name in ("expired", "declined", "failed", "paid"):
        CheckoutFactory(state=name, started_at=ago(hours=2), session_id=name)
    CheckoutFactory(state="open", started_at=ago(hours=2), session_id="old")
    CheckoutFactory(state="open", started_at=ago(minutes=2), session_id="young")

    page = client.get(LIST, {"state": state})

    listed = [checkout.session_id for checkout in page.context["cl"].result_list]
    assert sorted(listed) == found


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_as_often_for_many(
    client, fundraiser, campaign, django_assert_num_queries, number
):
    CheckoutFactory.create_batch(number, campaign=campaign, supporter=SupporterFactory())
    client.get(LIST)

    with django_assert_num_queries(7):
        client.get(LIST)


def test_old_checkouts_that_nobody_paid_forget_who_it_was(settings, now):
    settings.ABANDONED_DAYS = 7
    old, young = now - timedelta(days=8), now - timedelta(days=6)
    emptied = [
        CheckoutFactory(state=state, started_at=old, session_id=state)
        for state in ("expired", "declined", "failed")
    ]
    emptied.append(CheckoutFactory(state="open", started_at=old))  # its page never opened
    CheckoutFactory(state="expired", started_at=young)
    CheckoutFactory(state="expired", started_at=old, supporter=SupporterFactory())
    for state in ("open", "processing", "paid"):
        CheckoutFactory(state=state, started_at=old, session_id=state)

    assert checkouts.forget_donors(at=now) == 4
    assert checkouts.forget_donors(at=now) == 0

    gone = Checkout.objects.filter(email="", given_name="", family_name="")
    assert set(gone) == set(emptied)
    assert set(gone.values_list("amount", flat=True)) == {2500}


def test_checkout_that_expires_makes_nobody_a_supporter(donor):
    donor.choose()

    donor.stripe.advance(25 * 3600)
    donor.hear()

    assert Checkout.objects.get().state == "expired"
    assert Supporter.objects.count() == 0
