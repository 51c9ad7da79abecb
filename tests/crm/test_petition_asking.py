"""The form of a petition asks what its campaign asks, and keeps nothing else."""

import pytest

from crm.campaigns.comments import Comment
from crm.campaigns.models import Ask, Signature
from crm.people.contact_points import Phone
from crm.people.models import Supporter
from tests.crm.pia import PIA, page
from tests.factories import WordingFactory

pytestmark = pytest.mark.django_db
NAMED = {name: PIA[name] for name in ("given_name", "family_name", "email")}
ALWAYS = ["given_name", "family_name", "email", "topic"]
EVERYTHING = PIA | {"phone": "0475 12 34 56", "comment": "Why.", "comment_is_public": "on"}
REQUIRED = ["This field is required."]


def ask(campaign, asked=(), required=(), purposes=()):
    campaign.asked, campaign.required = list(asked), list(required)
    campaign.purposes = list(purposes)
    campaign.save()


def kept():
    supporter, signature = Supporter.objects.get(), Signature.objects.get()
    comment = Comment.objects.values_list("text", "is_public").first()
    return {
        "postcode": supporter.postcode,
        "country": supporter.country.code,
        "region": signature.region,
        "phone": list(Phone.objects.values_list("number", flat=True)),
        "comment": comment,
    }


NOTHING = {"postcode": "", "country": "", "region": "", "phone": [], "comment": None}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], {}),
        (["postcode"], {"postcode": "2000"}),
        (["country"], {"country": "BE"}),
        (["postcode", "country"], {"postcode": "2000", "country": "BE", "region": "BE-VAN"}),
        (["phone"], {"phone": ["+32475123456"]}),
        (["comment"], {"comment": ("Why.", True)}),
    ],
)
def test_only_what_is_asked_is_shown_and_kept_whatever_is_sent(client, petition, asked, told):
    ask(petition, asked)
    fields = [*asked, *(["comment_is_public"] if "comment" in asked else [])]

    shown = client.get(page(petition)).context["form"].fields
    answer = client.post(page(petition), EVERYTHING)

    assert sorted(shown) == sorted([*ALWAYS, *fields])
    assert answer.status_code == 302
    assert kept() == NOTHING | told


@pytest.mark.parametrize("asked", [["postcode"], ["country"], ["phone"], ["comment"], Ask.values])
def test_what_must_be_told_is_missed_beside_its_field_and_what_need_not_is_not(
    client, petition, asked
):
    ask(petition, Ask.values, asked)

    answer = client.post(page(petition), NAMED | {"country": "" if "country" in asked else "BE"})

    missed = answer.context["form"].errors
    told = [name for name in asked if name != "postcode" or "country" not in asked]
    assert (answer.status_code, missed) == (422, dict.fromkeys(told, REQUIRED))
    assert not Signature.objects.exists()


def test_everything_may_stay_empty_where_nothing_must_be_told(client, petition):
    ask(petition, Ask.values)

    answer = client.post(page(petition), NAMED | {"country": "", "postcode": "", "phone": ""})

    assert answer.status_code == 302
    assert kept() == NOTHING


def test_country_that_may_stay_empty_can_be_left_out_again(client, petition):
    ask(petition, ["country"])
    optional = client.get(page(petition)).content.decode()
    ask(petition, ["country"], ["country"])

    # At another address: a page is kept for a second.
    required = client.get(f"{page(petition)}?utm_source=x").content.decode()

    first = '<option value="">–</option>'
    assert (first in optional, first in required) == (True, False)


@pytest.mark.parametrize(
    ("country", "postcode", "status"),
    [
        ("BE", "", 422),
        ("NL", "", 422),
        ("CG", "", 302),
        ("BE", "200", 422),
        ("NL", "1011 AB", 302),
    ],
)
def test_postcode_that_must_be_told_may_be_missing_far_away_only(
    client, petition, country, postcode, status
):
    ask(petition, ["postcode", "country"], ["postcode", "country"])

    answer = client.post(page(petition), NAMED | {"country": country, "postcode": postcode})

    assert answer.status_code == status


def test_postcode_that_must_be_told_without_a_country_may_not_be_missing(client, petition):
    ask(petition, ["postcode"], ["postcode"])

    answer = client.post(page(petition), NAMED)

    assert answer.context["form"].errors == {"postcode": REQUIRED}


@pytest.mark.parametrize(
    ("country", "number", "kept_as"),
    [
        ("BE", "0475 12.34/56", "+32475123456"),
        ("FR", "06 12 34 56 78", "+33612345678"),
        ("", "0475123456", "+32475123456"),
        ("BE", "+33 6 12 34 56 78", "+33612345678"),
    ],
)
def test_telephone_is_read_as_it_is_dialled_in_the_country(
    client, petition, country, number, kept_as
):
    ask(petition, ["country", "phone"])

    client.post(page(petition), NAMED | {"country": country, "phone": number})

    assert Phone.objects.get().number == kept_as


@pytest.mark.parametrize("number", ["12", "no number", "0475 12 34 56 78 90 12", "x" * 41])
def test_what_is_no_telephone_number_comes_back_with_the_error_beside_it(client, petition, number):
    ask(petition, ["phone"])

    answer = client.post(page(petition), NAMED | {"phone": number})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["phone"])
    assert answer.context["form"]["phone"].value() == number


def test_each_consent_has_a_box_of_its_own_unticked_with_the_words_that_were_shown(
    client, petition
):
    news = WordingFactory(language="en", text="Yes, news.")
    gifts = WordingFactory(language="en", purpose="appeals", text="Yes, appeals.")
    WordingFactory(language="fr", purpose="appeals", text="Oui.")
    ask(petition, purposes=["appeals", "newsletter"])

    boxes = client.get(page(petition)).context["form"].boxes
    client.post(page(petition), NAMED | {"appeals": str(gifts.pk)})

    assert [(box.name, box.label, box.value()) for box in boxes] == [
        ("appeals", "Yes, appeals.", None),
        ("newsletter", "Yes, news.", None),
    ]
    signature = Signature.objects.get()
    assert (signature.appeals, signature.newsletter) == (gifts, None)
    assert news.pk != gifts.pk


def test_consent_that_is_not_asked_for_is_not_taken_even_when_sent(client, petition):
    news = WordingFactory(language="en")
    gifts = WordingFactory(language="en", purpose="appeals")
    ask(petition, purposes=["newsletter"])

    client.post(page(petition), NAMED | {"appeals": str(gifts.pk), "newsletter": str(news.pk)})

    signature = Signature.objects.get()
    assert (signature.newsletter, signature.appeals) == (news, None)


def test_words_of_one_consent_are_not_taken_for_another(client, petition):
    news = WordingFactory(language="en")
    WordingFactory(language="en", purpose="appeals")
    ask(petition, purposes=["appeals"])

    client.post(page(petition), NAMED | {"appeals": str(news.pk)})

    assert Signature.objects.get().appeals is None


def test_boxes_are_there_again_when_something_was_wrong(client, petition):
    gifts = WordingFactory(language="en", purpose="appeals")
    WordingFactory(language="en")
    ask(petition, purposes=["newsletter", "appeals"])

    again = client.post(page(petition), NAMED | {"email": "", "appeals": str(gifts.pk)})

    boxes = again.context["form"].boxes
    assert [(box.name, bool(box.value())) for box in boxes] == [
        ("newsletter", False),
        ("appeals", True),
    ]


def test_comment_that_must_be_told_is_not_folded_away(client, petition):
    ask(petition, ["comment"])
    folded = client.get(page(petition)).content.decode()
    ask(petition, ["comment"], ["comment"])

    shown = client.get(f"{page(petition)}?utm_source=x").content.decode()

    assert ("<details" in folded, "<details" in shown) == (True, False)
