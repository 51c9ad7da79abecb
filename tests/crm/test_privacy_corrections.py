"""Putting one's own data right: nothing is written over, staff decide about what differs."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.models import Supporter
from crm.people.offers import accept
from crm.people.proposals import Proposal
from crm.privacy.requests import PrivacyRequest
from tests.crm.donor_page import page_of
from tests.factories import SupporterFactory
from tests.people_factories import PostalAddressFactory

pytestmark = pytest.mark.django_db
TOLD = {
    "given_name": "Sam",
    "family_name": "Supporter",
    "postcode": "1000",
    "country": "BE",
    "mails_in": "fr",
}


def send(client, who, **fields):
    return client.post(page_of(who, "correct/"), TOLD | fields)


def read(who):
    return Supporter.objects.get(pk=who.pk)


def test_form_shows_what_we_know_and_changes_nothing(client):
    who = SupporterFactory(birth_date="1951-07-23")
    PostalAddressFactory(supporter=who, is_preferred=True)

    answer = client.get(page_of(who, "correct/"))

    text = answer.content.decode()
    for value in ("Sam", "Rue Haute 1", "1951-07-23"):
        assert f'value="{value}"' in text
    assert PrivacyRequest.objects.count() == 0


def test_what_we_had_not_is_filled_in_and_the_request_is_done(client):
    who = SupporterFactory(given_name="")
    new = {"street": "Rue Neuve 2", "town": "Bruxelles", "phone": "0475 12 34 56"}

    answer = send(client, who, given_name="Sam", birth_date="1951-07-23", mails_in="nl", **new)

    now = read(who)
    assert answer["Location"].endswith("?said=corrected#data")
    assert (now.given_name, str(now.birth_date), now.language) == ("Sam", "1951-07-23", "nl")
    assert [phone.number for phone in now.phones.all()] == ["+32475123456"]
    assert [str(address) for address in now.addresses.all()] == ["Rue Neuve 2, 1000 Bruxelles"]
    assert PrivacyRequest.objects.get().state == "done"


def test_what_differs_is_proposed_and_the_request_waits(client):
    who = SupporterFactory(birth_date="1951-07-23")

    answer = send(client, who, given_name="Samantha", birth_date="1952-07-23")

    request = PrivacyRequest.objects.get()
    told = dict(Proposal.objects.values_list("field", "value"))
    assert answer["Location"].endswith("?said=proposed#data")
    assert told == {"given_name": "Samantha", "birth_date": "1952-07-23"}
    assert (read(who).given_name, request.state, request.kind) == (
        "Sam",
        "received",
        "rectification",
    )


def test_another_address_is_proposed_whole_and_letters_go_there_once_accepted(client, now):
    who = SupporterFactory()
    PostalAddressFactory(supporter=who, is_preferred=True)

    send(client, who, street="Kerkstraat 5", town="Gent", postcode="9000")

    [proposal] = Proposal.objects.all()
    before = read(who).postcode
    accept(proposal=proposal, at=now, by=None)
    addresses = {str(each): each.is_preferred for each in who.addresses.all()}
    assert (proposal.field, before, read(who).postcode) == ("address", "1000", "9000")
    assert addresses == {"Rue Haute 1, 1000 Bruxelles": False, "Kerkstraat 5, 9000 Gent": True}


def test_same_address_again_is_not_proposed(client):
    who = SupporterFactory()
    PostalAddressFactory(supporter=who, is_preferred=True)

    send(client, who, street="Rue Haute 1", town="Bruxelles")

    assert (Proposal.objects.count(), who.addresses.count()) == (0, 1)


def test_address_that_would_change_the_known_postcode_is_proposed(client):
    who = SupporterFactory()

    send(client, who, street="Kerkstraat 5", town="Gent", postcode="9000")

    assert (read(who).postcode, who.addresses.count()) == ("1000", 0)
    assert [proposal.field for proposal in Proposal.objects.all()] == ["address"]


def test_request_is_done_once_staff_have_decided(client, signed_in):
    who = SupporterFactory()
    send(client, who, given_name="Samantha", street="Kerkstraat 5", town="Gent", postcode="9000")
    first, second = Proposal.objects.order_by("field")
    signed_in(Role.ADMINISTRATOR)
    page = reverse("admin:crm_proposal_decide")

    shown = client.get(reverse("admin:crm_proposal_changelist")).content.decode()
    client.post(page, {"decide": f"decline-{first.pk}"})
    between = PrivacyRequest.objects.get().state
    client.post(page, {"decide": f"accept-{second.pk}", f"seen-{second.pk}": "Sam"})

    assert "Kerkstraat 5, 9000, Gent, BE" in shown
    assert (between, PrivacyRequest.objects.get().state) == ("received", "done")
    assert read(who).given_name == "Samantha"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"phone": "12"}, "phone"),
        ({"postcode": "10"}, "postcode"),
        ({"street": "Rue Haute 1"}, "town"),
        ({"birth_date": "1492-01-01"}, "birth_date"),
        ({"mails_in": "xx"}, "mails_in"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, fields, wrong):
    who = SupporterFactory()

    answer = send(client, who, **fields)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
    assert PrivacyRequest.objects.count() == 0
