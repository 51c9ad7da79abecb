"""The whole demo: the brochure's 102,911, on the petition's page and on the dashboard."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from crm.campaigns.models import Campaign
from crm.campaigns.operations import confirm
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.demo import load
from crm.lib.periods import local_day
from tests.dashboard.conftest import text_of

pytestmark = pytest.mark.django_db

RAW = """
SELECT (SELECT count(*) FROM crm_signature JOIN crm_campaign ON crm_campaign.id = campaign_id
        WHERE status = 'confirmed' AND slug = 'stop-traite'),
       (SELECT count(*) FROM crm_gift WHERE status = 'paid' AND kind <> 'in_kind'),
       (SELECT sum(amount) FROM crm_entry WHERE kind = 'payment'),
       (SELECT sum(amount) FROM crm_entry)
"""


@pytest.fixture
def petition(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    load.load(today=local_day(timezone.now()), out=io.StringIO())
    return Campaign.objects.get(slug="stop-traite")


def sign_and_confirm(petition, now):
    person = {"given_name": "Pia", "family_name": "Peeters", "email": "pia@example.be"}
    place = {"postcode": "1000", "country": "BE", "language": "fr"}
    signature = sign(campaign=petition, trail=Trail(), at=now, **person, **place)
    confirm(signature=signature, at=now)


@pytest.fixture
def staff(petition):
    """The demo brings its own staff."""
    return lambda role: get_user_model().objects.get(username=role)


def raw_sums():
    with connection.cursor() as cursor:
        cursor.execute(RAW)
        return cursor.fetchone()


def test_pages_show_the_brochures_number_and_what_was_added_as_the_raw_rows_do(
    petition, client, draw
):
    def shown():
        parts = draw("signatures", f"campaign={petition.pk}&period=all")
        counter = client.get("/en/petition/stop-traite/count/").json()["count"]
        charted = sum(parts["signatures-over-time-graph"]["figure"]["data"][0]["y"])
        return counter, charted, text_of(parts["signatures-goals"]["children"])[-1]

    signatures, gifts, gross, net = raw_sums()
    assert shown() == (signatures, signatures, "102,911 of 125,000 (82%)")
    given = draw("donations", "period=all")
    bars = given["gross-and-net-graph"]["figure"]["data"]
    assert [round(sum(bar["y"]) * 100) for bar in bars] == [gross, net]
    assert f"{gifts:,}" in text_of(given["donations-tiles"]["children"])

    sign_and_confirm(petition, timezone.now())

    assert shown() == (102_912, 102_912, "102,912 of 125,000 (82%)")
    assert raw_sums()[0] == 102_912
