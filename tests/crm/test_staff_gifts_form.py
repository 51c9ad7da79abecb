"""The form for a gift that came by hand."""

import uuid

import pytest

from crm.access import Role
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.models import Entry, Gift
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.crm.test_staff_giving import ADD, filled
from tests.factories import (
    FundFactory,
    MatchingGiftFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db
EVERYTHING = {
    "fund": None,
    "is_anonymous": "on",
    "tribute_kind": "memory",
    "tribute_name": "Rosa",
    "notify_name": "Lea",
    "notify_email": "lea@example.org",
    "notify_language": "nl",
    "credit_kind": "household",
    "credit_amount": "5",
    "matching_amount": "",
}
EMPTY = {"email": "", "given_name": "", "family_name": ""}


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def test_gift_from_somebody_without_address_is_recorded(client, fundraiser):
    client.post(ADD, filled(email="", postcode="4000", country="BE"))

    donor = Gift.objects.get().supporter
    assert (donor.full_name, donor.email, donor.postcode) == ("Carl Cash", "", "4000")
    assert (donor.kind, donor.region) == ("person", "BE-WLG")


def test_gift_from_an_organisation_is_recorded(client, fundraiser):
    fields = {"person_kind": "organisation", "given_name": "", "family_name": "Brewery"}

    client.post(ADD, filled(email="", **fields))

    donor = Supporter.objects.get()
    assert (donor.kind, str(donor)) == ("organisation", "Brewery")


def test_everything_of_one_form_is_written_together(client, fundraiser):
    fund, friend = FundFactory(), SupporterFactory()
    employer = SupporterFactory(kind="organisation")
    parts = {**EVERYTHING, "fund": fund.pk, "credit_supporter": friend.pk, "employer": employer.pk}

    client.post(ADD, filled(**parts))

    gift = Gift.objects.get()
    assert (gift.fund, gift.is_anonymous, gift.kind) == (fund, True, "money")
    assert Tribute.objects.values_list("kind", "name", "language").get() == (
        "memory",
        "Rosa",
        "nl",
    )
    assert Mail.objects.values_list("to", "template", "language").get() == (
        "lea@example.org",
        "tribute",
        "nl",
    )
    credit, matching = SoftCredit.objects.get(), MatchingGift.objects.get()
    assert (credit.supporter, credit.kind, credit.amount) == (friend, "household", 500)
    assert (matching.employer, matching.amount) == (employer, 1250)


def test_gift_in_kind_and_legacy_are_what_they_are(client, fundraiser):
    client.post(ADD, filled(kind="in_kind", description="Twenty mattresses", method="cash"))
    client.post(ADD, filled(kind="legacy", email="two@example.org", method="bank_transfer"))

    assert list(Gift.objects.order_by("pk").values_list("kind", "method", "description")) == [
        ("in_kind", "other", "Twenty mattresses"),
        ("legacy", "bank_transfer", ""),
    ]
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"email": "", "given_name": "", "family_name": ""}, ["supporter"]),
        ({"supporter": "known"}, ["supporter"]),
        ({"kind": "in_kind"}, ["description"]),
        ({"description": "A van"}, ["description"]),
        ({"kind": "in_kind", "description": "A van", "thank": "on"}, ["thank"]),
        ({"kind": "legacy", "thank": "on"}, ["thank"]),
        ({"kind": "nothing"}, ["kind"]),
        ({"notify_email": "lea@example.org"}, ["tribute_name"]),
        ({"notify_email": "lea", "tribute_name": "Rosa"}, ["notify_email"]),
        ({"credit_amount": "5"}, ["credit_supporter"]),
        ({"credit_amount": "12,51", "credit_supporter": "known"}, ["credit_amount"]),
        ({"matching_amount": "5"}, ["employer"]),
        ({"employer": "known", "kind": "legacy"}, ["employer"]),
        ({"fund": "closed"}, ["fund"]),
        ({"answers": "0"}, ["answers"]),
    ],
)
def test_what_does_not_fit_is_named_beside_its_field(client, fundraiser, changes, fields):
    known = {"known": SupporterFactory().pk, "closed": FundFactory(is_open=False).pk}
    changes = {name: known.get(value, value) for name, value in changes.items()}

    answer = client.post(ADD, filled(**changes))

    assert list(answer.context["form"].errors) == fields
    assert (Gift.objects.count(), Supporter.objects.count()) == (0, 1)


def test_giver_is_neither_credited_nor_the_own_employer(client, fundraiser):
    donor = SupporterFactory().pk
    plain = {"supporter": donor, "email": "", "given_name": "", "family_name": ""}

    answer = client.post(ADD, filled(**plain, credit_supporter=donor, employer=donor))

    assert list(answer.context["form"].errors) == ["credit_supporter", "employer"]


def test_namesake_without_address_is_asked_about(client, fundraiser):
    SupporterFactory(given_name="carl", family_name="CASH", postcode="9000")

    asked = client.post(ADD, filled(email=""))
    client.post(ADD, filled(email="", is_new="on"))

    (error,) = asked.context["form"].errors["family_name"]
    assert "carl CASH (9000)" in error
    assert (Gift.objects.count(), Supporter.objects.count()) == (1, 2)


def test_plain_form_is_short_and_what_holds_an_error_stands_open(client, fundraiser):
    def opened(answer):
        sections = answer.context["form"].sections()
        return [section["title"] for section in sections if section["is_open"] and section["title"]]

    donor = SupporterFactory().pk
    english = {"headers": {"accept-language": "en"}}
    plain = client.get(ADD, **english)
    wrong = client.post(
        ADD, filled(**EMPTY, language="en", supporter=donor, credit_amount="5"), **english
    )

    assert opened(plain) == []
    assert opened(wrong) == ["Credit somebody else too"]
    assert plain.content.decode().count("<details") == 6


def test_form_offers_only_what_the_reader_may_write(client, staff, fundraiser):
    group = fundraiser.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_tribute"))

    client.post(ADD, filled(**EVERYTHING, credit_supporter=SupporterFactory().pk))

    assert (Gift.objects.count(), SoftCredit.objects.count()) == (1, 1)
    assert (Tribute.objects.count(), Mail.objects.count()) == (0, 0)


def test_employer_gift_recorded_from_its_promise_keeps_it(client, fundraiser):
    matching = MatchingGiftFactory(amount=3050)
    begin = client.get(f"{ADD}?answers={matching.pk}").context["form"]
    plain = {"email": "", "given_name": "", "family_name": "", "answers": matching.pk}

    client.post(ADD, filled(supporter=matching.employer_id, amount="30,50", **plain))

    assert (begin["amount"].value(), begin["supporter"].value()) == ("30,50", matching.employer_id)
    matching.refresh_from_db()
    assert matching.received.amount == 3050
    assert client.get(f"{ADD}?answers={matching.pk}").context["form"]["answers"].value() is None


def test_key_that_is_no_key_is_told(client, fundraiser):
    answer = client.post(ADD, filled(key="x"))

    assert list(answer.context["form"].errors) == ["key"]
    assert Gift.objects.filter(reference=f"staff:{uuid.UUID(int=0)}").count() == 0


@pytest.mark.parametrize("address", ["/staff/crm/gift/add/", "/staff/crm/pledge/add/"])
def test_form_opens_empty_when_its_address_names_nobody(client, staff, address):
    client.force_login(staff(Role.FUNDRAISER))

    page = client.get(f"{address}?supporter=abc")

    assert (page.status_code, page.context["form"]["supporter"].value()) == (200, "")
