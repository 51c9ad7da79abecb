"""How a campaign counts, told on a page of its own."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from crm.campaigns import tallies
from crm.campaigns.counting import StatusCount
from crm.public.kept import forget_all
from tests.factories import CampaignTextFactory
from tests.sheet_factories import counted, enter, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def titled(campaign):
    forget_all()
    CampaignTextFactory(campaign=campaign)
    yield campaign
    forget_all()


def close(campaign):
    campaign.closes_at = campaign.opens_at
    campaign.save()


def page_of(campaign, language="en", name="petition-count-about"):
    with translation.override(language):
        return reverse(f"public:{name}", args=[campaign.slug])


def test_page_tells_each_number_and_their_sum(client, titled):
    counted(titled)
    tallies.fold()
    enter(titled, row(valid=1800, struck=0))

    context = client.get(page_of(titled)).context

    told = [(str(part["title"]), part["number"]) for part in context["parts"]]
    assert told == [("Confirmed online", "1"), ("On paper", "1,800")]
    assert context["total"] == "1,801"


def test_page_before_anybody_signed_defines_the_numbers_all_the_same(client, titled):
    page = client.get(page_of(titled)).content.decode()

    assert "Nobody has signed yet." in page
    assert "told once no more names are taken" in page
    close(titled)
    forget_all()
    assert "counted within the hour" in client.get(page_of(titled)).content.decode()


def test_what_waits_is_one_number_held_back_or_not(client, titled):
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    close(titled)
    for status, number in (("pending", 7), ("held", 3), ("withdrawn", 2)):
        StatusCount.objects.create(campaign=titled, status=status, number=number, counted_at=at)

    page = client.get(page_of(titled))

    assert [part["number"] for part in page.context["beside"]] == ["10", "2"]
    assert "held" not in page.content.decode().lower()
    assert "10:30" in page.content.decode()  # in Belgium


def test_data_adds_up_to_the_counter_and_may_be_read_from_other_sites(client, titled):
    counted(titled)
    enter(titled, row("Shops", valid=50, struck=0), way="historical")

    answer = client.get(page_of(titled, name="petition-count-data"))

    assert answer.json() == {
        "count": 51,
        "counted": {"online": 1, "paper": 0, "taken-over": 0, "historical": 50},
        "beside": None,
        "beside_counted_at": None,
    }
    counter = client.get(page_of(titled, name="petition-count")).json()
    assert counter["count"] == 51
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == (
        "*",
        "public, max-age=1",
    )


def test_data_of_a_closed_campaign_tells_what_waited_and_what_was_withdrawn(client, titled):
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    StatusCount.objects.create(campaign=titled, status="pending", number=7, counted_at=at)
    close(titled)

    told = client.get(page_of(titled, name="petition-count-data")).json()

    assert told["beside"] == {"waiting": 7, "withdrawn": 0}
    assert told["beside_counted_at"] == at.isoformat()


def test_page_is_not_sent_again_while_nothing_changed(client, titled):
    first = client.get(page_of(titled))

    again = client.get(page_of(titled), headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304


def test_petition_leads_to_the_page(client, titled):
    address = page_of(titled)

    petition = client.get(page_of(titled, name="petition")).content.decode()

    assert f'href="{address}' in petition


@pytest.mark.parametrize("name", ["petition-count-about", "petition-count-data"])
def test_campaign_that_is_not_public_has_no_such_page(client, titled, name):
    titled.is_public = False
    titled.save()

    assert client.get(page_of(titled, name=name)).status_code == 404


def test_page_costs_the_same_however_many_have_signed(client, titled, django_assert_num_queries):
    for _signature in range(3):
        counted(titled)

    with django_assert_num_queries(5):
        client.get(page_of(titled))
