"""E-mails, telephones and postal addresses on the pages of staff, and what roles see of them."""

from datetime import date

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.addressing import add_address, add_email, add_phone
from crm.people.models import Supporter
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
STREET = {"street": "Rue Haute 1", "postcode": "1000", "town": "Bruxelles", "country": "BE"}


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


@pytest.fixture
def ann(now):
    """Somebody with two of each."""
    ann = SupporterFactory(given_name="Ann", email="ann@example.org")
    told = {"supporter": ann, "source": "import:1", "at": now}
    add_email(address="maes@example.org", **told)
    add_phone(number="0475 12 34 56", **told)
    add_phone(number="02 218 00 00", **told)
    add_address(**STREET, **told)
    add_address(street="Kerkstraat 2", postcode="2000", town="Antwerpen", country="BE", **told)
    return ann


def page_of(supporter):
    return reverse("admin:crm_supporter_change", args=[supporter.pk])


def edit(point):
    return reverse(f"admin:crm_{point._meta.model_name}_edit", args=[point.pk])


def new(kind, supporter):
    return reverse(f"admin:crm_supporter_new_{kind}", args=[supporter.pk])


def test_profile_tells_each_way_to_reach_them_with_its_source(client, fundraiser, ann):
    told = client.get(page_of(ann)).context

    assert [(str(each["row"]), each["is_first"], each["source"]) for each in told["emails"]] == [
        ("ann@example.org", True, ""),
        ("maes@example.org", False, "import"),
    ]
    assert [(str(each["row"]), each["is_first"]) for each in told["phones"]] == [
        ("+32475123456", True),
        ("+3222180000", False),
    ]
    assert [(str(each["row"]), each["is_first"]) for each in told["addresses"]] == [
        ("Rue Haute 1, 1000 Bruxelles", True),
        ("Kerkstraat 2, 2000 Antwerpen", False),
    ]


def test_campaigner_sees_no_telephone_and_no_street_anywhere(client, staff, ann):
    client.force_login(staff(Role.CAMPAIGNER))

    page = client.get(page_of(ann), headers={"accept-language": "en"}).content.decode()

    assert "maes@example.org" in page
    assert not [word for word in ("+32475123456", "Rue Haute", "Telephone") if word in page]


@pytest.mark.parametrize(
    ("kind", "words", "stored"),
    [
        ("email", {"address": "New@Example.org", "use": "work"}, "new@example.org"),
        ("phone", {"number": "0032 475 98.76.54", "use": "home"}, "+32475987654"),
        (
            "address",
            {**STREET, "street": "Rue Basse 3", "use": "home"},
            "Rue Basse 3, 1000 Bruxelles",
        ),
    ],
)
def test_way_to_reach_them_is_added(client, fundraiser, ann, kind, words, stored):
    answer = client.post(new(kind, ann), words)

    assert answer.url == page_of(ann)
    newest = getattr(ann, {"address": "addresses"}.get(kind, f"{kind}s")).latest("pk")
    assert (str(newest), newest.source) == (stored, "staff")


@pytest.mark.parametrize(
    ("kind", "words", "field", "error"),
    [
        ("email", {"address": "new@"}, "address", "This is not an e-mail address."),
        ("email", {"address": ""}, "address", "Write an e-mail address."),
        ("phone", {"number": "12"}, "number", "This is not a telephone number."),
        ("phone", {"number": ""}, "number", "This is not a telephone number."),
        ("address", {"country": "BE"}, "street", "Write an address."),
        (
            "address",
            {**STREET, "postcode": "1"},
            "postcode",
            "A Belgian postcode has four digits.",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, fundraiser, ann, kind, words, field, error):
    page = client.post(new(kind, ann), {"use": "home", **words})

    assert page.context["form"].errors == {field: [error]}
    assert (ann.emails.count(), ann.phones.count(), ann.addresses.count()) == (2, 2, 2)


def test_address_of_somebody_else_leads_to_them(client, fundraiser, ann):
    other = SupporterFactory(given_name="Eva", email="eva@example.org")

    page = client.post(new("email", ann), {"address": "eva@example.org", "use": "home"})

    (error,) = page.context["form"].errors["address"]
    assert "This is the address of:" in error
    assert f'<a href="{page_of(other)}" class="st-link">Eva Supporter</a>' in page.content.decode()


def test_another_of_each_is_preferred(client, fundraiser, ann):
    points = [ann.emails.latest("pk"), ann.phones.latest("pk"), ann.addresses.latest("pk")]

    for point in points:
        client.post(edit(point), {"action": "prefer"})

    ann.refresh_from_db()
    assert (ann.email, ann.postcode) == ("maes@example.org", "2000")
    assert ann.phones.get(is_preferred=True) == points[1]


def test_state_is_changed_and_shown_in_words(client, fundraiser, ann):
    email, phone = ann.emails.latest("pk"), ann.phones.latest("pk")

    client.post(edit(email), {"use": "work", "status": "old"})
    client.post(edit(phone), {"use": "home", "status": "wrong"})

    told = client.get(page_of(ann))
    words = [each["row"].get_status_display() for each in told.context["emails"]]
    assert words == ["in use", "no longer theirs"]
    assert "wrong number" in told.content.decode()


def test_who_moved_gets_letters_at_the_other_address(client, fundraiser, ann):
    first, second = ann.addresses.order_by("pk")

    client.post(edit(first), {**STREET, "use": "home", "status": "past", "ends_on": "2026-03-01"})

    first.refresh_from_db()
    assert (first.status, first.ends_on, first.is_preferred) == ("past", date(2026, 3, 1), False)
    assert ann.addresses.get(is_preferred=True) == second
    assert Supporter.objects.get(pk=ann.pk).postcode == "2000"


def test_mistake_is_removed_but_not_the_address_we_write_to(client, fundraiser, ann):
    primary, other = ann.emails.order_by("pk")

    client.post(edit(other), {"action": "remove"})
    assert list(ann.emails.all()) == [primary]
    add_email(supporter=ann, address="b@example.org", source="", at=ann.created_at)
    page = client.post(edit(primary), {"action": "remove"})

    assert page.status_code == 200
    assert "mark it as no longer theirs instead" in page.content.decode()
    assert ann.emails.filter(pk=primary.pk).exists()


def test_two_edits_of_one_address_are_both_kept(client, fundraiser, ann):
    point = ann.addresses.earliest("pk")
    token = client.get(edit(point)).context["edit"].based_on
    point.town = "Brussel"
    point.save()

    answers = {**STREET, "use": "work", "status": "verified", "based_on": token}
    client.post(edit(point), answers)

    point.refresh_from_db()
    assert (point.town, point.use, point.status) == ("Brussel", "work", "verified")


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_who_may_not_changes_no_telephone_and_no_street(client, staff, ann, role):
    client.force_login(staff(role))
    phone, address = ann.phones.first(), ann.addresses.first()

    answers = [
        client.post(new("phone", ann), {"number": "0475987654", "use": "home"}),
        client.post(new("address", ann), {**STREET, "use": "home"}),
        client.post(edit(phone), {"action": "remove"}),
        client.post(edit(address), {"action": "remove"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert (ann.phones.count(), ann.addresses.count()) == (2, 2)


def test_nothing_is_added_to_who_was_erased_or_merged(client, fundraiser, ann, now):
    phone = ann.phones.first()
    Supporter.objects.filter(pk=ann.pk).update(erased_at=now)

    answers = [
        client.post(new("phone", ann), {"number": "0475987654", "use": "home"}),
        client.post(edit(phone), {"use": "work", "status": "good"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
