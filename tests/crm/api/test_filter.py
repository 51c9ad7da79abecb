"""`filter`: what is found, and what is said of a filter that cannot be read."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.api.odata import LONGEST
from tests.crm.api.conftest import errors_of
from tests.factories import (
    CampaignFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def three(db):
    """Three people, known since and changed on 1, 2 and 3 January."""
    for number, (name, postcode, region) in enumerate(
        [("a", "1000", "BE-BRU"), ("b", "2000", "BE-VAN"), ("c", "1050", "BE-BRU")]
    ):
        SupporterFactory(
            given_name=name,
            family_name=f"O'{name}",
            email=f"{name}@example.org",
            postcode=postcode,
            region=region,
            created_at=DAY + timedelta(days=number),
            modified_at=DAY + timedelta(days=number),
        )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("modified_date gt '2026-01-02'", "c"),
        ("modified_date ge '2026-01-02'", "bc"),
        ("modified_date lt '2026-01-02T00:00:00Z'", "a"),
        ("modified_date le '2026-01-02T00:00:00Z'", "ab"),
        ("modified_date eq '2026-01-02T01:00:00+01:00'", "b"),
        ("created_date ne '2026-01-02'", "ac"),
        ("modified_date gt '2026-01-01' and modified_date lt '2026-01-03'", "b"),
        ("region eq 'BE-BRU'", "ac"),
        ("postal_code eq '2000' or given_name eq 'c'", "bc"),
        ("email_address eq 'B@Example.org'", "b"),
        ("email_address eq 'nobody'", ""),
        ("family_name eq 'O''a'", "a"),
        ("family_name eq ''", ""),
        # and binds more closely than or
        ("given_name eq 'a' or given_name eq 'b' and region eq 'BE-BRU'", "a"),
        ("(given_name eq 'a' or given_name eq 'b') and region eq 'BE-VAN'", "b"),
        ("((given_name eq 'a'))", "a"),
        ("  given_name   eq'a'  ", "a"),
        ("given_name eq 'a'' or 1=1 --'", ""),
        ("modified_date gt '0001-01-01'", "abc"),
        ("modified_date lt '9999-12-31T23:59:59Z'", "abc"),
        ("", "abc"),
    ],
)
def test_filter_finds(program, three, text, found):
    page = program().read("people", {"filter": text})

    people = page["_embedded"]["osdi:people"]
    assert "".join(person["given_name"] for person in people) == found
    assert page["total_records"] == len(found)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("modified_date", "ends too early"),
        ("modified_date gt", "ends too early"),
        ("given_name eq 'a' and", "ends too early"),
        ("(given_name eq 'a'", "ends too early"),
        ("given_name eq 'a')", "“)”"),
        ("given_name eq 'a' given_name", "“given_name”"),
        ("given_name eq a", "“a”"),
        ("given_name eq 'a", "“'a”"),
        ("given_name = 'a'", "“= 'a'”"),
        ("given_name eq 'a\x00'", "“'a\x00'”"),
        ("modified_date gt 'yesterday'", "“'yesterday'”"),
        ("modified_date gt '2026-02-30'", "“'2026-02-30'”"),
        ("modified_date gt '0001-01-01T00:00:00+14:00'", "“'0001-01-01T00:00:00+14:00'”"),
        ("shoe_size eq '42'", "“shoe_size”"),
        ("merged_into__email eq 'x'", "“merged_into__email”"),
        ("given_name gt 'a'", "“gt” cannot be used with “given_name”"),
        ("given_name exact 'a'", "“exact” cannot be used with “given_name”"),
        ("(" * 900 + "given_name eq 'a'", "parentheses"),
        ("given_name eq '" + "a" * LONGEST + "'", "too long"),
    ],
)
def test_filter_that_cannot_be_read_is_refused_and_the_part_is_named(program, three, text, part):
    answer = program().get("people", {"filter": text})

    assert (answer.status_code, errors_of(answer)) == (400, [("invalid_filter", ["filter"])])
    assert part in answer.json()["resource_status"][0]["errors"][0]["description"]


@pytest.mark.parametrize("field", ["created_date", "modified_date"])
def test_every_list_filters_on_its_two_dates(program, field):
    pia, campaign = SupporterFactory(), CampaignFactory()
    for at in (DAY, DAY + timedelta(days=2)):
        SupporterFactory(created_at=at, modified_at=at)
        CampaignFactory(created_at=at, modified_at=at)
        SignatureFactory(campaign=campaign, supporter=pia, signed_at=at, modified_at=at)
        campaign = CampaignFactory(kind="appeal")
    GiftFactory(supporter=pia, given_at=DAY, modified_at=DAY)
    caller = program()
    query = {"filter": f"{field} lt '2026-01-02'"}

    totals = [
        caller.read(address, query)["total_records"]
        for address in (
            "people",
            "petitions",
            "donations",
            f"people/{pia.public_id}/signatures",
            f"people/{pia.public_id}/donations",
        )
    ]

    assert totals == [1, 1, 1, 1, 1]


def test_next_keeps_the_filter(program, three):
    caller = program()
    text = "region eq 'BE-BRU' and modified_date gt '2026-01-01T01:00:00+02:00'"

    first = caller.read("people", {"filter": text, "per_page": 1})
    second = caller.read(first["_links"]["next"]["href"])

    names = [page["_embedded"]["osdi:people"][0]["given_name"] for page in (first, second)]
    assert (names, "next" in second["_links"]) == (["a", "c"], False)


def test_person_is_found_by_each_of_their_addresses(program):
    pia = SupporterFactory(given_name="Pia", email="pia@example.org")
    SupporterFactory(given_name="Jan", email="jan@example.org")
    pia.emails.create(address="pia@work.example.org")

    found = names(program(), "email_address eq 'PIA@work.example.org' or given_name eq 'Pia'")
    others = names(program(), "email_address ne 'pia@work.example.org'")
    everybody = names(program(), "email_address ne 'nobody@example.org'")

    assert (found, others, everybody) == (["Pia"], ["Jan"], ["Pia", "Jan"])


def names(caller, text):
    page = caller.read("people", {"filter": text})
    return [person["given_name"] for person in page["_embedded"]["osdi:people"]]
