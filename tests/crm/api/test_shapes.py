"""One of each, in full: what a client reads is compared as a whole."""

from datetime import UTC, datetime

import pytest

from crm.api.donations import METHODS
from crm.campaigns.comments import Comment
from crm.campaigns.counting import DayTally, SignatureDelta
from crm.campaigns.models import Source
from crm.donations.models import Entry, Method
from crm.people.models import Identifier
from crm.privacy.operations import record_consent
from tests.factories import (
    CampaignFactory,
    CampaignTextFactory,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db

SITE = "http://testserver/api/v2"
HREF = f"{SITE}/openapi.json#{{rel}}"
CURIES = [{"name": name, "href": HREF, "templated": True} for name in ("osdi", "soutien")]


def test_entry_point_tells_who_we_are_and_where_things_are(program, settings):
    settings.ORGANISATION_NAME = "Les Amis"

    response = program().get()

    assert response.headers["content-type"] == "application/hal+json"
    assert response.json() == {
        "motd": "Soutien, Les Amis",
        "vendor_name": "Les Amis",
        "product_name": "Soutien",
        "osdi_version": "1.1.1",
        "max_pagesize": 25,
        "namespace": "soutien",
        "_links": {
            "self": {"href": f"{SITE}/"},
            "osdi:people": {"href": f"{SITE}/people"},
            **{f"osdi:{one}": {"href": f"{SITE}/{one}"} for one in ("petitions", "donations")},
            "docs": {"href": f"{SITE}/openapi.json"},
            "curies": CURIES,
        },
    }


def test_person_is_written_as_action_network_writes_one(program, now):
    pia = SupporterFactory(
        given_name="Pia",
        family_name="Peeters",
        email="pia@example.org",
        language="nl",
        postcode="2000",
        country="BE",
        region="BE-VAN",
    )
    for system, value in [("stripe", "cus_1"), ("iban", "BE71096123456769"), ("row", "a1b2")]:
        Identifier.objects.create(supporter=pia, system=system, value=value)  # two are ours
    record_consent(supporter=pia, given=True, source="test", at=now)

    person = program().read(f"people/{pia.public_id}")

    here = f"{SITE}/people/{pia.public_id}"
    assert person == {
        "identifiers": [f"soutien:{pia.public_id}", "stripe:cus_1"],
        "origin_system": "Soutien",
        "created_date": "2026-03-01T09:00:00Z",
        "modified_date": "2026-03-14T12:00:00Z",
        "given_name": "Pia",
        "family_name": "Peeters",
        "languages_spoken": ["nl"],
        "email_addresses": [
            {"primary": True, "address": "pia@example.org", "status": "subscribed"}
        ],
        "phone_numbers": [],
        "postal_addresses": [
            {"primary": True, "postal_code": "2000", "country": "BE", "region": "BE-VAN"}
        ],
        "soutien:kind": "person",
        "soutien:consents": [
            {
                "purpose": "newsletter",
                "channel": "email",
                "given": True,
                "since": "2026-03-14T12:00:00Z",
            }
        ],
        "_links": {
            "self": {"href": here},
            "osdi:signatures": {"href": f"{here}/signatures"},
            "osdi:donations": {"href": f"{here}/donations"},
            "curies": CURIES,
        },
    }


def test_person_without_addresses_has_empty_lists(program):
    bare = SupporterFactory(email="", postcode="", country="", region="")

    person = program().read(f"people/{bare.public_id}")

    reached_by = ("email_addresses", "phone_numbers", "postal_addresses")
    assert [person[name] for name in reached_by] == [[], [], []]


def test_person_with_several_addresses_has_the_primary_ones_first(program, now):
    pia = SupporterFactory(email="new@example.org")
    record_consent(supporter=pia, given=True, source="test", at=now)
    for address, status in [
        ("good", "good"),
        ("back", "bouncing"),
        ("angry", "complained"),
        ("gone", "old"),
    ]:
        pia.emails.create(address=f"{address}@example.org", status=status)
    pia.phones.create(number="+3221234567", use="work")
    pia.phones.create(number="+32475123456", is_preferred=True)
    pia.phones.create(number="+32475999999", status="wrong")
    pia.addresses.create(street="Rue Haute 1", postcode="1000", town="Bruxelles", country="BE")
    pia.addresses.create(postcode="9000", country="BE", is_preferred=True)
    pia.addresses.create(street="Past 3", postcode="4000", country="BE", status="past")

    person = program().read(f"people/{pia.public_id}")

    assert [tuple(email.values()) for email in person["email_addresses"]] == [
        (True, "new@example.org", "subscribed"),
        (False, "good@example.org", "unsubscribed"),
        (False, "back@example.org", "bouncing"),
        (False, "angry@example.org", "spam complaint"),
    ]
    assert person["phone_numbers"] == [
        {"primary": True, "number": "+32475123456", "number_type": "Home"},
        {"primary": False, "number": "+3221234567", "number_type": "Work"},
    ]
    assert person["postal_addresses"] == [
        {
            "primary": True,
            "address_type": "Home",
            "address_lines": [],
            "locality": "",
            "postal_code": "9000",
            "country": "BE",
            "region": "BE-VOV",
        },
        {
            "primary": False,
            "address_type": "Home",
            "address_lines": ["Rue Haute 1"],
            "locality": "Bruxelles",
            "postal_code": "1000",
            "country": "BE",
            "region": "BE-BRU",
        },
    ]


@pytest.mark.parametrize(
    ("words", "status"),
    [([], "unsubscribed"), ([True], "subscribed"), ([True, False], "unsubscribed")],
)
def test_email_is_subscribed_only_while_a_yes_holds(program, now, words, status):
    pia = SupporterFactory()
    for given in words:
        record_consent(supporter=pia, given=given, source="test", at=now)

    person = program().read(f"people/{pia.public_id}")

    assert [email["status"] for email in person["email_addresses"]] == [status]


def test_petition_is_written_in_full_with_its_exact_total(program, settings, source):
    settings.SITE_URL = "https://don.example.org"
    campaign = CampaignFactory(
        slug="stop",
        goal=500,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        modified_at=datetime(2026, 1, 3, tzinfo=UTC),
        closes_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    CampaignTextFactory(campaign=campaign)
    DayTally.objects.create(campaign=campaign, day="2026-03-01", number=40)
    DayTally.objects.create(campaign=campaign, day="2026-03-02", number=3)
    SignatureDelta.objects.create(
        campaign=campaign, day="2026-03-02", source=source, language="fr", number=-1
    )

    petition = program().read(f"petitions/{campaign.public_id}")

    here = f"{SITE}/petitions/{campaign.public_id}"
    address = petition.pop("browser_url")
    assert address.startswith("https://don.example.org/en/")
    assert address.rstrip("/").endswith("/stop")
    assert petition == {
        "identifiers": [f"soutien:{campaign.public_id}"],
        "origin_system": "Soutien",
        "created_date": "2026-01-02T00:00:00Z",
        "modified_date": "2026-01-03T00:00:00Z",
        "name": "stop",
        "title": "Stop child trafficking",
        "summary": "Sign for a national plan.",
        "description": "Children are not for sale.",
        "petition_text": "We ask the government for a national plan.",
        "total_signatures": 42,
        "soutien:goal": 500,
        "soutien:hidden": False,
        "soutien:opens_date": "2020-01-01T00:00:00Z",
        "soutien:closes_date": "2030-01-01T00:00:00Z",
        "_links": {
            "self": {"href": here},
            "osdi:signatures": {"href": f"{here}/signatures"},
            "osdi:record_signature_helper": {"href": f"{here}/signatures"},
            "curies": CURIES,
        },
    }


def test_signature_is_written_in_full(program, now):
    source = Source.objects.create(
        channel="facebook", utm_source="facebook", referrer_host="m.facebook.com"
    )
    signature = SignatureFactory(status="confirmed", confirmed_at=now, source=source)
    Comment.objects.create(signature=signature, text="Do it.")
    petition, person = signature.campaign.public_id, signature.supporter.public_id

    shown = program().read(f"petitions/{petition}/signatures/{signature.public_id}")

    assert shown == {
        "identifiers": [f"soutien:{signature.public_id}"],
        "origin_system": "Soutien",
        "created_date": "2026-03-01T09:00:00Z",
        "modified_date": "2026-03-01T09:00:00Z",
        "action_date": "2026-03-01T09:00:00Z",
        "comments": "Do it.",
        "referrer_data": {"source": "facebook", "website": "m.facebook.com"},
        "soutien:status": "confirmed",
        "soutien:confirmed_date": "2026-03-14T12:00:00Z",
        "soutien:person_id": str(person),
        "soutien:petition_id": str(petition),
        "_links": {
            "self": {"href": f"{SITE}/petitions/{petition}/signatures/{signature.public_id}"},
            "osdi:petition": {"href": f"{SITE}/petitions/{petition}"},
            "osdi:person": {"href": f"{SITE}/people/{person}"},
            "curies": CURIES,
        },
    }


def test_signature_is_the_same_under_its_person(program):
    signature = SignatureFactory()
    there, here = (
        f"petitions/{signature.campaign.public_id}/signatures/{signature.public_id}",
        f"people/{signature.supporter.public_id}/signatures/{signature.public_id}",
    )

    assert program().read(there) == program().read(here)


def test_signature_that_waits_says_so_and_leaves_out_what_it_has_not(program):
    signature = SignatureFactory()

    shown = program().read(
        f"petitions/{signature.campaign.public_id}/signatures/{signature.public_id}"
    )

    assert (shown["soutien:status"], shown["soutien:confirmed_date"]) == ("pending", None)
    assert {"comments", "referrer_data"}.isdisjoint(shown)


def test_donation_is_written_in_full(program, settings):
    settings.ORGANISATION_NAME = "Les Amis"
    gift = GiftFactory(reference="stripe:ch_1", amount=2001)
    EntryFactory(gift=gift, amount=2001)
    EntryFactory(gift=gift, kind=Entry.Kind.FEE, amount=-30)
    for amount, day in ((-500, 3), (-100, 4)):
        at = datetime(2026, 3, day, tzinfo=UTC)
        EntryFactory(gift=gift, kind=Entry.Kind.REFUND, amount=amount, at=at)

    donation = program().read(f"donations/{gift.public_id}")

    assert donation == {
        "identifiers": [f"soutien:{gift.public_id}"],
        "origin_system": "Soutien",
        "created_date": "2026-03-01T09:00:00Z",
        "modified_date": "2026-03-01T09:00:00Z",
        "action_date": "2026-03-01T09:00:00Z",
        "currency": "EUR",
        "amount": "20.01",
        "credited_amount": "6.00",
        "credited_date": "2026-03-04T00:00:00Z",
        "voided": False,
        "recipients": [{"display_name": "Les Amis", "amount": "20.01"}],
        "payment": {
            "method": "Credit Card",
            "reference_number": "stripe:ch_1",
            "authorization_stored": False,
        },
        "soutien:recurrence": {"recurring": False},
        "soutien:status": "paid",
        "soutien:received_on": "2026-03-01",
        "_links": {
            "self": {"href": f"{SITE}/donations/{gift.public_id}"},
            "osdi:person": {"href": f"{SITE}/people/{gift.supporter.public_id}"},
            "curies": CURIES,
        },
    }


def test_monthly_donation_says_that_it_recurs(program):
    gift = GiftFactory(plan=PlanFactory(), amount=1000)

    donation = program().read(f"donations/{gift.public_id}")

    assert donation["soutien:recurrence"] == {"recurring": True, "period": "Monthly"}
    assert donation["payment"]["authorization_stored"] is True
    assert (donation["amount"], donation["credited_amount"], donation["credited_date"]) == (
        "10.00",
        "0.00",
        None,
    )


def test_yearly_donation_and_a_cheque_say_what_they_are(program):
    gift = GiftFactory(plan=PlanFactory(interval="year"), method="cheque")

    donation = program().read(f"donations/{gift.public_id}")

    assert donation["soutien:recurrence"] == {"recurring": True, "period": "Yearly"}
    assert donation["payment"]["method"] == "Check"


def test_every_method_of_payment_has_a_word():
    assert set(METHODS) == set(Method)


@pytest.mark.parametrize(
    ("entries", "credited", "day"),
    [
        ([("refund", -500, 3), ("dispute", -1500, 4)], "20.00", "2026-03-04T00:00:00Z"),
        ([("dispute", -2500, 3), ("reversal", 2500, 9)], "0.00", None),
        (
            [("refund", -500, 3), ("dispute", -2000, 4), ("reversal", 2000, 9)],
            "5.00",
            "2026-03-03T00:00:00Z",
        ),
        ([("fee", -63, 3)], "0.00", None),
    ],
)
def test_credited_is_what_went_back_and_stayed_away(program, entries, credited, day):
    gift = GiftFactory()
    EntryFactory(gift=gift)
    for kind, amount, on in entries:
        EntryFactory(gift=gift, kind=kind, amount=amount, at=datetime(2026, 3, on, tzinfo=UTC))

    donation = program().read(f"donations/{gift.public_id}")

    assert (donation["credited_amount"], donation["credited_date"]) == (credited, day)


def test_gift_in_kind_is_no_donation(program):
    gift = GiftFactory(kind="in_kind", description="A van")

    assert program().get(f"donations/{gift.public_id}").status_code == 404
    assert program().read("donations")["total_records"] == 0


def test_soft_credit_changes_nothing_that_the_api_says(program):
    gift = GiftFactory()
    EntryFactory(gift=gift)
    friend = SupporterFactory()
    pages = ("donations", f"people/{friend.public_id}/donations")
    before = [program().read(page) for page in pages]

    SoftCreditFactory(gift=gift, supporter=friend)

    after = [program().read(page) for page in pages]
    assert after == before
    assert after[1]["total_records"] == 0


def test_what_an_erased_person_left_has_no_link_to_them(program, now):
    gone = SupporterFactory(erased_at=now)
    signature = SignatureFactory(supporter=gone)
    gift = GiftFactory(supporter=gone)

    shown = program().read(
        f"petitions/{signature.campaign.public_id}/signatures/{signature.public_id}"
    )
    donation = program().read(f"donations/{gift.public_id}")

    assert set(shown["_links"]) == {"self", "osdi:petition", "curies"}
    assert set(donation["_links"]) == {"self", "curies"}
