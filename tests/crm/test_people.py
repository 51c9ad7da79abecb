"""Who is who: finding, registering and correcting supporters, and the feed of changes."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections, transaction

from crm.people.models import Change, Supporter
from crm.people.operations import correct, identify, record_change, register
from tests.factories import SupporterFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_registering_writes_everything_in_its_normal_form(now):
    supporter = register(
        email=" Hélène@EXAMPLE.org",
        given_name="Hélène",
        family_name="Van den Åker",
        language="nl",
        postcode="9000",
        country="BE",
        at=now,
    )

    assert supporter.email == "hélène@example.org"
    assert supporter.region == "BE-VOV"
    assert supporter.search_text == "helene van den aker helene example org 9000"


def test_registering_a_known_address_overwrites_nothing(now):
    known = SupporterFactory(email="pia@example.org", given_name="Pia", postcode="2000")

    found = register(email="PIA@example.org", given_name="Mallory", postcode="9999", at=now)

    assert found == known
    assert (found.given_name, found.postcode) == ("Pia", "2000")


def test_registering_without_an_address_is_refused(now):
    with pytest.raises(ValueError, match="@"):
        register(email="not an address", at=now)

    assert not Supporter.objects.exists()


@pytest.mark.parametrize(
    "text", ["dupont", "DUPONT hel", "helene", "hélène.d", "dupont@example", "105", "dupont 1050"]
)
def test_search_finds_names_addresses_and_postcodes_by_their_beginnings(text):
    helene = SupporterFactory(
        given_name="Hélène",
        family_name="Dupont",
        email="helene.dupont@example.com",
        postcode="1050",
    )
    SupporterFactory(given_name="Jan", family_name="Maes", email="jan@example.net", postcode="9000")

    assert list(Supporter.objects.search(text)) == [helene]


@pytest.mark.parametrize("text", ["", "  ", "&|!():*'", "nobody"])
def test_search_for_nothing_finds_nobody(text):
    SupporterFactory()

    assert list(Supporter.objects.search(text)) == []


def test_correcting_keeps_what_is_derived_in_step(now):
    supporter = SupporterFactory(postcode="1000", country="BE")

    correct(supporter=supporter, family_name="Érard", postcode="4000", at=now)

    supporter.refresh_from_db()
    assert (supporter.region, supporter.modified_at) == ("BE-WLG", now)
    assert list(Supporter.objects.search("erard 4000")) == [supporter]


def test_identifier_of_another_system_is_kept_once():
    supporter = SupporterFactory()

    identify(supporter=supporter, system="stripe", value="cus_1")
    identify(supporter=supporter, system="stripe", value="cus_1")

    assert [str(found) for found in supporter.identifiers.all()] == ["stripe:cus_1"]


@pytest.mark.django_db(transaction=True)
def test_one_person_registering_many_times_at_once_is_one_supporter(now):
    found = at_once(
        lambda _: register(email="pia@example.org", given_name="Pia", at=now).pk, range(8)
    )

    assert len(set(found)) == 1
    assert Change.objects.count() == 1


def once_both_are_settled():
    """Read the feed: open transactions in other databases of the server hold it up too."""
    end = time.monotonic() + 60
    while Change.objects.settled().count() < 2 and time.monotonic() < end:
        time.sleep(0.1)
    return list(Change.objects.settled().values_list("kind", flat=True))


@pytest.mark.django_db(transaction=True)
def test_feed_never_passes_a_transaction_that_is_still_open(now):
    supporter = SupporterFactory()
    written, read = threading.Event(), threading.Event()

    def slow_writer():
        with transaction.atomic():
            record_change(supporter=supporter, kind="slow", at=now)
            written.set()
            read.wait(10)
        connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    written.wait(10)
    other = SupporterFactory()
    record_change(supporter=other, kind="fast", at=now + timedelta(seconds=1))

    while_open = list(Change.objects.settled().values_list("kind", flat=True))
    read.set()
    writer.join()
    afterwards = once_both_are_settled()

    assert while_open == []
    assert afterwards == ["slow", "fast"]
