"""What pages tell by themselves: that they were seen, and that a signer shared."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from crm.campaigns import tallies, viewing
from crm.campaigns.counting import SignatureDelta
from crm.campaigns.models import Source
from crm.campaigns.shares import Share
from crm.campaigns.sources import Trail
from crm.lib import tokens
from crm.public import steps as beacons
from crm.public.signer import THANKS
from tests.crm.pia import page
from tests.crm.spreading import joined, sign

pytestmark = pytest.mark.django_db
FROM = {"utm_source": "facebook", "utm_medium": "", "utm_campaign": "", "ref": "", "r": ""}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def nobody_was_here(monkeypatch):
    monkeypatch.setattr(beacons, "recent", {})
    monkeypatch.setattr(viewing, "made", viewing.Counter())


def see(client, petition, told=FROM, **headers):
    address = f"{page(petition)}seen/"
    return client.post(address, urlencode(told), content_type=FORM, headers=headers)


def views():
    rows = SignatureDelta.objects.filter(step="view").order_by("pk")
    return list(rows.values_list("source__channel", "source__utm_source", "number"))


def test_page_that_was_seen_is_counted_by_its_source_and_not_by_the_counter(client, petition):
    response = see(client, petition)

    assert (response.status_code, response.content, dict(response.cookies)) == (204, b"", {})
    assert views() == [("facebook", "facebook", 1)]
    assert tallies.count(petition) == 0


def test_host_that_led_here_is_counted_too(client, petition):
    see(client, petition, FROM | {"utm_source": "", "ref": "www.plan.be"})

    assert SignatureDelta.objects.get().source.referrer_host == "www.plan.be"


@pytest.mark.parametrize(
    "headers", [{"DNT": "1"}, {"Sec-GPC": "1"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_view_of_who_is_not_to_be_followed_or_of_another_site_is_not_counted(
    client, petition, headers
):
    response = see(client, petition, **headers)

    assert (response.status_code, views()) == (204, [])


def test_long_message_is_not_read(client, petition):
    response = see(client, petition, FROM | {"utm_source": "x" * 2000})

    assert (response.status_code, views()) == (204, [])


def test_only_posts_are_views_and_only_of_campaigns_that_there_are(client, petition):
    assert client.get(f"{page(petition)}seen/").status_code == 405
    assert client.post("/en/petition/none/seen/").status_code == 404
    assert views() == []


def test_one_network_is_counted_so_many_times_a_minute(client, petition, monkeypatch):
    monkeypatch.setattr(beacons, "PER_NETWORK", 2)
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.8"):
        client.post(f"{page(petition)}seen/", FROM, REMOTE_ADDR=address)

    assert len(views()) == 3


def test_more_networks_than_are_remembered_are_not_counted(client, petition, monkeypatch):
    monkeypatch.setattr(beacons, "NETWORKS", 1)
    for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
        client.post(f"{page(petition)}seen/", FROM, REMOTE_ADDR=address)

    assert len(views()) == 2


def test_views_of_a_second_are_one_row(petition, now, monkeypatch):
    waits = []
    monkeypatch.setattr(viewing, "EVERY", 1)
    monkeypatch.setattr(
        viewing.threading.Timer, "start", lambda timer: waits.append(timer.interval)
    )
    for trail in [Trail(), Trail(utm_source="facebook"), Trail()]:
        viewing.note_view(campaign=petition, trail=trail, language="en", at=now)
    before = views()

    viewing.write()

    assert (before, waits) == ([], [1])
    assert sorted(views()) == [("direct", "", 2), ("facebook", "facebook", 1)]


def test_more_kinds_of_views_than_fit_are_dropped_and_counting_goes_on(petition, now, monkeypatch):
    monkeypatch.setattr(viewing, "EVERY", 1)
    monkeypatch.setattr(viewing, "MOST", 1)
    monkeypatch.setattr(viewing.threading.Timer, "start", lambda timer: None)
    for trail in [Trail(), Trail(utm_source="facebook"), Trail()]:
        viewing.note_view(campaign=petition, trail=trail, language="en", at=now)

    viewing.write()

    assert views() == [("direct", "", 2)]


def test_flood_of_invented_sources_makes_only_so_many(petition, now, monkeypatch):
    monkeypatch.setattr(viewing, "NEW_SOURCES", 2)
    for number in range(4):
        trail = Trail(utm_source="facebook", utm_campaign=f"invented{number}")
        viewing.note_view(campaign=petition, trail=trail, language="en", at=now)

    found = Source.objects.order_by("pk").values_list("utm_source", "utm_campaign")
    assert list(found) == [("facebook", "invented0"), ("facebook", "invented1"), ("", "")]
    assert [number for *_source, number in views()] == [1, 1, 1, 1]


def test_next_hour_takes_new_sources_again(petition, monkeypatch):
    monkeypatch.setattr(viewing, "NEW_SOURCES", 1)
    for hour in (9, 9, 10):
        trail = Trail(utm_source=f"new{Source.objects.count()}")
        at = datetime(2026, 3, 14, hour, tzinfo=UTC)
        viewing.note_view(campaign=petition, trail=trail, language="en", at=at)

    assert list(Source.objects.order_by("pk").values_list("utm_source", flat=True)) == [
        "new0",
        "",
        "new2",
    ]


@pytest.fixture
def anna(petition, now):
    return joined(petition, "anna", now)


def share(client, petition, signature, medium="whatsapp", token=None):
    token = token or tokens.make(THANKS, str(signature.public_id))
    return client.post(f"{page(petition)}shared/", {"s": token, "medium": medium})


def test_way_that_a_signer_used_is_kept_once(client, petition, anna):
    answers = [share(client, petition, anna).status_code for _ in range(2)]

    assert answers == [204, 204]
    assert list(Share.objects.values_list("signature", "medium")) == [(anna.pk, "whatsapp")]


@pytest.mark.parametrize("wrong", [{"medium": "pigeon"}, {"medium": ""}, {"token": "forged"}])
def test_what_no_signer_of_ours_told_is_not_kept(client, petition, anna, wrong):
    response = share(client, petition, anna, **wrong)

    assert (response.status_code, Share.objects.count()) == (204, 0)


def test_unconfirmed_signer_is_not_believed(client, petition, now):
    share(client, petition, sign(petition, "ben", now))

    assert not Share.objects.exists()
