"""The page of a petition and its counter are the same for all, and kept for a moment."""

import time

import pytest
from django.test import Client

from crm.campaigns.models import Campaign
from crm.campaigns.operations import confirm
from crm.public import kept
from tests.crm.pia import PIA, page
from tests.factories import SignatureFactory

pytestmark = pytest.mark.django_db

COUNTER = "/en/petition/{slug}/count/"


@pytest.fixture(params=["/en/petition/{slug}/", COUNTER])
def address(request, petition):
    return request.param.format(slug=petition.slug)


def test_may_be_kept_by_anybody_for_some_seconds(client, address):
    response = client.get(address)

    assert response["Cache-Control"] == "public, max-age=1"
    assert "Vary" not in response
    assert not response.cookies


def test_that_has_not_changed_is_not_sent_again(client, address):
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], "public, max-age=1")


def test_has_another_tag_once_somebody_confirmed(client, address, petition, now):
    first = client.get(address)

    confirm(signature=SignatureFactory(campaign=petition), at=now)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]


def test_head_tells_the_same_of_it(client, address):
    got, told = client.get(address), client.head(address)

    assert (told.status_code, told.content) == (200, b"")
    assert told["ETag"] == got["ETag"]


def test_is_the_same_wherever_somebody_came_from(client, address):
    answers = [
        Client().get(address),
        Client(headers={"Referer": "https://www.plan.be/pia?secret=1"}).get(address),
        Client(headers={"Cookie": "sessionid=abc"}).get(address),
    ]

    assert len({answer.content for answer in answers}) == 1
    assert b"plan.be" not in answers[0].content + answers[1].content


def test_is_made_once_a_second(client, address, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(kept, "PAGE_SECONDS", 60)
    first = client.get(address)

    with django_assert_num_queries(0):
        again = client.get(address)

    assert again.content == first.content


def test_is_made_anew_for_each_address_and_language(client, petition, monkeypatch):
    monkeypatch.setattr(kept, "PAGE_SECONDS", 60)
    asked = [
        f"/{code}/petition/{petition.slug}/{query}"
        for code in ("en", "fr")
        for query in ("", "?utm_source=fb")
    ]

    pages = {client.get(address).content for address in asked}

    assert len(pages) == 4


def test_is_not_older_than_it_may_be(client, address, petition, now, monkeypatch):
    monkeypatch.setattr(kept, "PAGE_SECONDS", 0.2)
    first = client.get(address)
    confirm(signature=SignatureFactory(campaign=petition), at=now)

    time.sleep(0.25)

    assert client.get(address).content != first.content


def test_few_pages_are_kept(client, petition, monkeypatch):
    monkeypatch.setattr(kept, "PAGE_SECONDS", 60)
    monkeypatch.setattr(kept, "MOST", 3)

    for number in range(10):
        client.get(page(petition) + f"?utm_source={number}")

    assert len(kept.pages.values) <= 3


def test_counter_may_be_read_by_other_sites(client, petition):
    response = client.get(COUNTER.format(slug=petition.slug))

    assert response["Access-Control-Allow-Origin"] == "*"


def test_form_needs_no_cookie(petition):
    response = Client(enforce_csrf_checks=True).post(page(petition), PIA)

    assert (response.status_code, response.cookies.output()) == (302, "")


def test_petition_that_is_taken_away_is_gone_at_once(client, petition):
    client.get(page(petition))
    Campaign.objects.update(is_public=False)

    assert client.get(page(petition)).status_code == 404
