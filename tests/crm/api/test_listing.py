"""Collections, as the clients that exist walk through them."""

import uuid

import pytest

from crm.people.models import Identifier
from crm.privacy.operations import record_consent
from tests.crm.api.conftest import errors_of
from tests.factories import (
    CampaignFactory,
    CampaignTextFactory,
    EntryFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db

SITE = "http://testserver/api/v2"
CURIES = [
    {"name": "osdi", "href": f"{SITE}/openapi.json#{{rel}}", "templated": True},
    {"name": "soutien", "href": f"{SITE}/openapi.json#{{rel}}", "templated": True},
]


def names(page):
    return [person["given_name"] for person in page["_embedded"]["osdi:people"]]


@pytest.fixture
def five(db):
    return [SupporterFactory(given_name=name) for name in "abcde"]


def test_page_in_the_middle_is_written_in_full(program, five):
    page = program().read("people", {"page": 2, "per_page": 2})

    items = page.pop("_embedded")["osdi:people"]
    assert [item["given_name"] for item in items] == ["c", "d"]
    assert page == {
        "total_pages": 3,
        "per_page": 2,
        "page": 2,
        "total_records": 5,
        "_links": {
            "self": {"href": f"{SITE}/people?page=2&per_page=2"},
            "next": {"href": f"{SITE}/people?page=3&per_page=2"},
            "previous": {"href": f"{SITE}/people?page=1&per_page=2"},
            "osdi:people": [
                {"href": f"{SITE}/people/{supporter.public_id}"} for supporter in five[2:4]
            ],
            "curies": CURIES,
        },
    }


def test_items_of_a_list_are_what_they_are_alone_without_the_curies(program):
    signature = SignatureFactory()
    GiftFactory(supporter=signature.supporter)
    CampaignTextFactory(campaign=signature.campaign)
    caller = program()
    pages = [
        "people",
        "petitions",
        "donations",
        f"petitions/{signature.campaign.public_id}/signatures",
        f"people/{signature.supporter.public_id}/signatures",
        f"people/{signature.supporter.public_id}/donations",
    ]

    for page in pages:
        ((item,),) = caller.read(page)["_embedded"].values()

        alone = caller.read(item["_links"]["self"]["href"])
        alone["_links"].pop("curies")
        assert item == alone


def test_client_that_follows_next_ends_on_the_last_page(program, five):
    caller, found, address = program(), [], "people?per_page=2"
    while address:
        page = caller.read(address)
        found += names(page)
        address = page["_links"].get("next", {}).get("href")

    assert found == list("abcde")


def test_client_that_reads_the_first_key_until_it_is_empty_ends(program, five):
    caller, found, number = program(), [], 1
    while items := next(iter(caller.read("people", {"page": number})["_embedded"].values())):
        found += [item["given_name"] for item in items]
        number += 1

    assert (found, number) == (list("abcde"), 2)


def test_client_that_counts_to_total_records_with_slashes_ends(program, five):
    caller, found = program(), []
    number = 0
    while True:
        number += 1
        page = caller.read(f"people/?page={number}&per_page=3")
        found += names(page)
        if len(found) >= page["total_records"]:
            break

    assert (found, number) == (list("abcde"), 2)


def test_target_that_splits_the_identifier_finds_the_last_part_of_self(program, five):
    person = program().read("people")["_embedded"]["osdi:people"][0]

    public_id = person["identifiers"][0].split(":")[1]
    assert person["_links"]["self"]["href"].split("/")[-1] == public_id
    assert uuid.UUID(public_id) == five[0].public_id


@pytest.mark.parametrize("query", ["perPage=25", "format=xml", "background_processing=true"])
def test_parameter_that_we_do_not_know_is_passed_over(program, five, query):
    caller = program()

    assert caller.read(f"people?{query}") == caller.read("people")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/xml"])
def test_answer_is_hal_whatever_is_asked_for(program, accept):
    answer = program().client.get("/api/v2/people", headers={"accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/hal+json")


def test_page_past_the_end_is_empty_and_leads_back(program, five):
    answer = program().get("people", {"page": 10**18 - 1, "per_page": 10})

    page = answer.json()
    assert (answer.status_code, page["total_records"], names(page)) == (200, 5, [])
    assert "next" not in page["_links"]
    assert page["_links"]["previous"] == {"href": f"{SITE}/people?page=1&per_page=10"}


def test_empty_collection_is_a_page(program):
    page = program().read("people")

    assert page["_embedded"] == {"osdi:people": []}
    assert (page["total_pages"], page["total_records"], page["page"]) == (0, 0, 1)
    assert {"next", "previous"}.isdisjoint(page["_links"])


def test_page_holds_25_at_most(program):
    SupporterFactory.create_batch(27)

    page = program().read("people", {"per_page": 1000})

    assert (page["per_page"], len(names(page)), page["total_pages"]) == (25, 25, 2)


@pytest.mark.parametrize("number", ["x", "0", "-1", "1.5", "", " 1", "٣", "9" * 5000, "1\x00"])
@pytest.mark.parametrize("name", ["page", "per_page"])
def test_page_that_is_not_a_number_is_refused(program, name, number):
    answer = program().get("people", {name: number})

    assert (answer.status_code, errors_of(answer)) == (400, [("invalid", [name])])


def test_people_who_were_merged_are_not_listed_and_erased_ones_are_not_there(program, now):
    known = SupporterFactory()
    SupporterFactory(merged_into=known)  # see test_merged
    erased = SupporterFactory(email="", erased_at=now)
    caller = program()

    page = caller.read("people")

    assert page["total_records"] == 1
    for below in ("", "/signatures", "/donations"):
        assert caller.get(f"people/{erased.public_id}{below}").status_code == 404


def test_only_petitions_are_petitions(program):
    petition = CampaignFactory()
    appeal = CampaignFactory(kind="appeal")
    hidden = CampaignFactory(is_public=False)
    caller = program()

    found = caller.read("petitions")["_embedded"]["osdi:petitions"]

    assert [(item["name"], item["soutien:hidden"]) for item in found] == [
        (petition.slug, False),
        (hidden.slug, True),
    ]
    assert caller.get(f"petitions/{appeal.public_id}").status_code == 404
    assert caller.get(f"petitions/{appeal.public_id}/signatures").status_code == 404


def test_signatures_that_were_withdrawn_are_not_there(program, now, campaign):
    for status in ("pending", "confirmed", "withdrawn"):
        SignatureFactory(campaign=campaign, status=status, confirmed_at=now)
    SignatureFactory()

    page = program().read(f"petitions/{campaign.public_id}/signatures")

    found = [item["soutien:status"] for item in page["_embedded"]["osdi:signatures"]]
    assert (found, page["total_records"]) == (["pending", "confirmed"], 2)


def test_person_has_their_own_signatures_of_petitions_and_paid_gifts(program):
    pia = SupporterFactory()
    signature = SignatureFactory(supporter=pia)
    SignatureFactory(supporter=pia, campaign=CampaignFactory(kind="sign-up"))
    SignatureFactory()
    gift = GiftFactory(supporter=pia)
    GiftFactory(supporter=pia, status="failed", received_on=None)
    GiftFactory()
    caller = program()

    signatures = caller.read(f"people/{pia.public_id}/signatures")["_embedded"]["osdi:signatures"]
    donations = caller.read(f"people/{pia.public_id}/donations")["_embedded"]["osdi:donations"]

    assert [item["identifiers"] for item in signatures] == [[f"soutien:{signature.public_id}"]]
    assert [item["identifiers"] for item in donations] == [[f"soutien:{gift.public_id}"]]


def test_gift_that_is_not_paid_is_not_there(program):
    waiting = GiftFactory(status="processing", received_on=None)

    assert program().get(f"donations/{waiting.public_id}").status_code == 404


def test_signature_is_found_only_under_its_own_petition(program):
    signature = SignatureFactory()
    other = CampaignFactory()

    answer = program().get(f"petitions/{other.public_id}/signatures/{signature.public_id}")

    assert answer.status_code == 404


def people(number, now):
    for _ in range(number):
        supporter = SupporterFactory()
        Identifier.objects.create(supporter=supporter, system="old", value=str(supporter.pk))
        record_consent(supporter=supporter, given=True, source="test", at=now)
    return "people"


def petitions(number, now):
    for _ in range(number):
        CampaignTextFactory()
    return "petitions"


def signatures(number, now):
    campaign = CampaignFactory()
    SignatureFactory.create_batch(number, campaign=campaign)
    return f"petitions/{campaign.public_id}/signatures"


def signatures_of_one(number, now):
    supporter = SupporterFactory()
    SignatureFactory.create_batch(number, supporter=supporter)
    return f"people/{supporter.public_id}/signatures"


def donations(number, now):
    for _ in range(number):
        EntryFactory(kind="refund", amount=-100)
    return "donations"


def donations_of_one(number, now):
    supporter = SupporterFactory()
    GiftFactory.create_batch(number, supporter=supporter)
    return f"people/{supporter.public_id}/donations"


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("make", "queries"),
    [
        # the key, the count, the page's ids, its rows, and what is fetched beside them
        (people, 9),
        (petitions, 5),
        (signatures, 5),
        (signatures_of_one, 5),
        (donations, 5),
        (donations_of_one, 6),
    ],
)
def test_list_asks_as_often_for_three_as_for_one(
    program, now, django_assert_num_queries, make, queries, number
):
    address, caller = make(number, now), program()
    caller.get()

    with django_assert_num_queries(queries):
        page = caller.read(address)

    assert page["total_records"] == number


def test_deep_page_passes_over_what_lies_before_it_by_ids_alone(
    program, five, django_assert_num_queries
):
    caller = program()
    caller.get()

    with django_assert_num_queries(9) as queries:
        caller.get("people", {"page": 2, "per_page": 2})

    (offset,) = [query["sql"] for query in queries if "OFFSET" in query["sql"]]
    assert offset.startswith('SELECT "crm_supporter"."id" AS "pk" FROM')
