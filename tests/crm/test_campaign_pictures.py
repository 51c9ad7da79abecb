"""The picture of a campaign: put there by staff, and served to everybody."""

import pytest
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns.models import Campaign
from crm.campaigns.pictures import CampaignPicture
from crm.campaigns.picturing import set_picture
from crm.lib.images import MOST_BYTES
from tests.picture_files import picture_file, turned_file, upload

pytestmark = pytest.mark.django_db
YEAR = 365 * 24 * 3600


def page(campaign, name="picture"):
    return f"/staff/crm/campaign/{campaign.pk}/{name}/"


def address(campaign, key=None, ending=None):
    picture = campaign.picture
    return f"/petition/{campaign.slug}/picture/{key or picture.key}.{ending or picture.ending}"


@pytest.fixture
def pictured(campaign):
    set_picture(campaign=campaign, content=picture_file(), at=timezone.now(), by=None)
    return Campaign.objects.get()


def test_picture_that_was_chosen_is_shown_upright(client, signed_in, campaign):
    user = signed_in(Role.CAMPAIGNER)

    answer = client.post(page(campaign), {"upload": upload(turned_file())})

    picture = CampaignPicture.objects.get(campaign=campaign)
    assert answer.url == page(campaign, "change")
    assert (picture.width, picture.height, picture.content_type) == (300, 400, "image/jpeg")
    assert picture.added_by == user
    assert AuditEntry.objects.get().details == {"fields": ["picture"]}


def test_another_picture_takes_its_place_at_another_address(client, signed_in, pictured):
    signed_in(Role.CAMPAIGNER)
    old = address(pictured)

    client.post(page(pictured), {"upload": upload(picture_file(colour="coral"))})

    new = address(Campaign.objects.get())
    assert CampaignPicture.objects.count() == 1
    assert (new != old, client.get(old).status_code, client.get(new).status_code) == (
        True,
        404,
        200,
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not a picture", "This is no JPEG, PNG or WebP picture, or the file is damaged."),
        (b"x" * (MOST_BYTES + 1), "This file is too large: at most 10.0\xa0MB are kept."),
        (
            picture_file((9000, 9000), "PNG", mode="1", colour=1),
            "This picture has too many pixels: save it smaller, at most 50 million.",
        ),
        (
            picture_file((50, 50)),
            "This picture is too small: each side needs 200 pixels at least.",
        ),
        (b"", "The submitted file is empty."),
        (None, "This field is required."),
    ],
)
def test_what_is_no_picture_comes_back_with_its_reason(client, signed_in, pictured, content, told):
    signed_in(Role.CAMPAIGNER)
    sent = {} if content is None else {"upload": upload(content)}

    answer = client.post(page(pictured), sent, headers={"accept-language": "en"})

    assert answer.context["form"].errors == {"upload": [told]}
    assert CampaignPicture.objects.get().digest == pictured.picture.digest


def test_picture_is_removed_after_a_question(client, signed_in, pictured):
    signed_in(Role.CAMPAIGNER)

    asked = client.post(page(pictured, "picture/remove"))
    assert (asked.templates[0].name, CampaignPicture.objects.count()) == ("staff/confirm.html", 1)
    client.post(page(pictured, "picture/remove"), {"confirmed": "yes"})

    assert not CampaignPicture.objects.exists()


def test_everybody_gets_the_picture_and_may_keep_it_for_a_year(client, pictured):
    answer = client.get(address(pictured))

    kept = sorted(answer["Cache-Control"].split(", "))
    assert answer.content == bytes(pictured.picture.content)
    assert answer["Content-Type"] == "image/jpeg"
    assert kept == ["immutable", f"max-age={YEAR}", "public"]
    assert not answer.cookies


def test_picture_that_a_browser_has_is_not_sent_again(client, pictured):
    etag = client.get(address(pictured))["ETag"]

    answer = client.get(address(pictured), headers={"if-none-match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("key", "ending"), [("0" * 20, "jpg"), ("a", "jpg"), (None, "webp"), (None, "exe")]
)
def test_under_another_address_there_is_no_picture(client, pictured, key, ending):
    assert client.get(address(pictured, key, ending)).status_code == 404


def test_campaign_without_picture_has_no_address_for_one(client, campaign):
    assert client.get(f"/petition/{campaign.slug}/picture/{'0' * 20}.jpg").status_code == 404
