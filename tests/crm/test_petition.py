"""Signing on the public page, confirming by the link, and being thanked."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from crm.campaigns import operations
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign, Signature
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.models import ConsentState
from tests.crm.pia import PIA, page
from tests.factories import (
    CampaignFactory,
    CampaignTextFactory,
    SignatureFactory,
    SupporterFactory,
    WordingFactory,
)

pytestmark = pytest.mark.django_db


def invalid_fields(response):
    """The names of the controls that are marked as wrong and point to their error."""
    controls = re.findall(r"<(?:input|select|textarea)[^>]*>", response.content.decode())
    marked = [control for control in controls if 'aria-invalid="true"' in control]
    names = [re.search(r'name="(\w+)"', control)[1] for control in marked]
    for name, control in zip(names, marked, strict=True):
        assert f"id_{name}_error" in re.search(r'aria-describedby="([^"]*)"', control)[1].split()
        assert f'id="id_{name}_error"' in response.content.decode()
    return names


def written():
    return Supporter.objects.count(), Signature.objects.count(), Mail.objects.count()


def test_signing_writes_supporter_signature_and_mail(client, petition):
    response = client.post(page(petition, "nl"), PIA)

    assert (response.status_code, response.url) == (302, f"{page(petition, 'nl')}signed/")
    supporter = Supporter.objects.get()
    assert (supporter.email, supporter.full_name) == ("pia@example.org", "Pia Peeters")
    signature = Signature.objects.get()
    assert (signature.campaign, signature.supporter) == (petition, supporter)
    assert (signature.status, signature.region, signature.language, signature.newsletter) == (
        Signature.Status.PENDING,
        "BE-VAN",
        "nl",
        None,
    )
    mail = Mail.objects.get()
    assert (mail.template, mail.to, mail.language) == ("confirm_signature", supporter.email, "nl")


def test_answer_is_the_same_for_who_has_signed_already(client, petition, signature):
    operations.confirm(signature=signature, at=timezone.now())
    stranger = client.post(page(petition), PIA | {"email": "new@example.org"})

    again = client.post(page(petition), PIA)

    assert (again.status_code, again.url) == (stranger.status_code, stranger.url)
    assert client.get(again.url).content == client.get(stranger.url).content
    assert Signature.objects.count() == 2


def test_newsletter_box_is_unticked_and_carries_the_wording_that_was_shown(client, petition):
    shown = WordingFactory(language="en", text="Yes, the newsletter.")
    form = client.get(page(petition)).context["form"]
    assert (form["newsletter"].label, form["newsletter"].value()) == ("Yes, the newsletter.", None)
    WordingFactory(language="en", text="Newer words, not shown to Pia.")

    client.post(page(petition), PIA | {"newsletter": str(shown.pk)})

    signature = Signature.objects.get()
    assert signature.newsletter == shown
    assert not ConsentState.objects.exists()


@pytest.mark.parametrize("ticked", [True, False])
def test_newsletter_box_is_there_again_when_something_was_wrong(client, petition, ticked):
    wording = WordingFactory(language="en", text="Yes, the newsletter.")
    box = {"newsletter": str(wording.pk)} if ticked else {}

    response = client.post(page(petition), PIA | {"email": ""} | box)

    again = response.context["form"]["newsletter"]
    assert (again.label, bool(again.value())) == ("Yes, the newsletter.", ticked)


def test_number_that_no_wording_can_have_is_no_wording(client, petition):
    WordingFactory(language="en")

    answer = client.post(page(petition), PIA | {"newsletter": "9" * 5000})

    assert answer.status_code == 302
    assert Signature.objects.get().newsletter is None


def test_newsletter_box_is_absent_without_wording_in_the_language(client, petition):
    WordingFactory(language="fr")

    response = client.get(page(petition))

    assert "newsletter" not in response.context["form"].fields


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("fr", "Ce champ est obligatoire."),
        ("nl", "Dit veld is vereist."),
        ("en", "This field is required."),
    ],
)
def test_missing_fields_come_back_marked_in_the_language(client, petition, language, message):
    response = client.post(page(petition, language), {"given_name": "Pia", "country": "FR"})

    assert response.status_code == 422
    assert response.context["form"].errors == {
        name: [message] for name in ("family_name", "email", "postcode")
    }
    assert sorted(invalid_fields(response)) == ["email", "family_name", "postcode"]
    assert response.context["form"]["given_name"].value() == "Pia"
    assert 'value="Pia"' in response.content.decode()
    assert '<option value="FR" selected>' in response.content.decode()
    assert written() == (0, 0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", ""),
        ("given_name", "x" * 101),
        ("given_name", "https://win.example"),
        ("given_name", "www.win.example"),
        ("family_name", "win at casino.com"),
        ("family_name", "pia@example.org"),
        ("family_name", "=1+1"),
        ("family_name", "+32"),
        ("family_name", "-1"),
        ("family_name", "nul\x00"),
        ("email", "nobody"),
        ("email", "nobody@nowhere"),
        ("email", f"{'x' * 250}@example.org"),
        ("email", "pia@example.org, tom@example.org"),
        ("postcode", ""),
        ("postcode", "0999"),
        ("postcode", "20000"),
        ("postcode", "x" * 13),
        ("country", ""),
        ("country", "XX"),
        ("comment", "x" * 501),
    ],
)
def test_bad_field_comes_back_and_nothing_is_written(client, petition, field, value):
    response = client.post(page(petition), PIA | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert invalid_fields(response) == [field]
    assert written() == (0, 0, 0)


@pytest.mark.parametrize(
    ("country", "postcode", "kept"),
    [
        ("BE", "B-1050", "1050"),
        ("FR", "75001", "75001"),
        ("NL", "1012 AB", "1012 AB"),
        ("HK", "", ""),
    ],
)
def test_postcode_is_taken_as_the_country_writes_it(client, petition, country, postcode, kept):
    client.post(page(petition), PIA | {"country": country, "postcode": postcode})

    assert list(Supporter.objects.values_list("country", "postcode")) == [(country, kept)]


@pytest.mark.parametrize("name", ["Anne-Marie", "d'Hondt", "Ñíguez", "J. de Vries", "O.J."])
def test_names_of_people_are_taken(client, petition, name):
    client.post(page(petition), PIA | {"given_name": f" {name} "})

    assert list(Supporter.objects.values_list("given_name", flat=True)) == [name]


def test_countries_begin_with_belgium_and_its_neighbours(client, petition):
    choices = client.get(page(petition, "fr")).context["form"].fields["country"].choices

    assert [code for code, _name in choices][:6] == ["BE", "FR", "NL", "LU", "DE", "AF"]
    assert dict(choices)["DE"] == "Allemagne"


def test_filled_honeypot_is_thanked_and_writes_nothing(client, petition):
    response = client.post(page(petition), PIA | {"topic": "cheap pills"})

    assert (response.status_code, response.url) == (302, f"{page(petition)}signed/")
    assert written() == (0, 0, 0)


def test_comment_is_kept_with_the_wish_to_show_it(client, petition):
    comment = {"comment": "For\r\nmy niece." + "x" * 487, "comment_is_public": "on"}

    client.post(page(petition), PIA | comment)

    assert list(Comment.objects.values_list("text", "is_public", "approved_at")) == [
        ("For\nmy niece." + "x" * 487, True, None)
    ]


def test_source_of_the_first_visit_reaches_the_signature(client, petition):
    utm = "utm_source=Newsletter&utm_medium=email&utm_campaign=spring"
    first = client.get(f"/en/?{utm}", headers={"referer": "https://mail.example.com/inbox?id=1"})
    link = re.search(rf'href="({page(petition)}\?[^"]*)"', first.content.decode())[1]
    second = client.get(link.replace("&amp;", "&"), headers={"referer": "http://testserver/en/"})
    hidden = dict(second.context["trail_fields"]())

    client.post(page(petition), PIA | hidden, headers={"referer": "http://testserver/en/"})

    source = Signature.objects.get().source
    assert (source.channel, source.utm_source, source.utm_medium, source.utm_campaign) == (
        "newsletter",
        "newsletter",
        "email",
        "spring",
    )
    assert source.referrer_host == "mail.example.com"


def test_referrer_of_our_own_pages_is_no_source(client, petition):
    client.post(page(petition), PIA, headers={"referer": f"http://testserver{page(petition)}"})

    assert Signature.objects.get().source.channel == "direct"


def test_overlong_or_odd_source_does_not_stop_anybody(client, petition):
    trail = {"utm_source": "x" * 500, "utm_medium": "\x00", "ref": "http://[/"}

    response = client.post(page(petition), PIA | trail)

    assert response.url == f"{page(petition)}signed/?utm_source={'x' * 100}"
    assert Signature.objects.get().source.utm_source == "x" * 60


def test_closed_campaign_says_so_and_takes_nothing(client, petition):
    Campaign.objects.update(closes_at=datetime(2021, 1, 1, tzinfo=UTC))

    shown = client.get(page(petition))
    sent = client.post(page(petition), PIA)

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "This is closed now" in shown.content.decode()
    assert 'name="email"' not in shown.content.decode()
    assert written() == (0, 0, 0)


def test_campaign_that_opens_later_says_when(client, petition):
    Campaign.objects.update(opens_at=datetime(2999, 1, 2, 12, tzinfo=UTC))

    response = client.get(page(petition))

    assert "It opens on Jan. 2, 2999." in response.content.decode()


@pytest.mark.parametrize("fields", [{"is_public": False}, {"kind": Campaign.Kind.APPEAL}])
@pytest.mark.parametrize("rest", ["", "count/", "signed/", "thanks/"])
def test_what_cannot_be_signed_is_not_found(client, fields, rest):
    hidden = CampaignFactory(**fields)

    assert client.get(page(hidden) + rest).status_code == 404


def test_sign_up_without_goal_speaks_of_joining(client):
    joined = CampaignTextFactory(campaign__kind=Campaign.Kind.SIGN_UP, campaign__goal=None)

    before = client.get(page(joined.campaign)).content.decode()
    signature = SignatureFactory(campaign=joined.campaign)
    operations.confirm(signature=signature, at=timezone.now())

    after = client.get(page(joined.campaign)).content.decode()

    assert "Join us" in before
    assert [html.count("Sign the petition") for html in (before, after)] == [0, 0]
    assert [html.count("<progress") for html in (before, after)] == [0, 0]
    assert [html.count("counter-number") for html in (before, after)] == [0, 1]


def test_texts_fall_back_to_french(client, campaign):
    CampaignTextFactory(campaign=campaign, language="fr", title="Stop à la traite")

    html = client.get(page(campaign, "nl")).content.decode()

    assert '<h1 lang="fr">Stop à la traite</h1>' in html


def test_goal_may_be_exceeded_and_the_bar_is_full(client, petition):
    Campaign.objects.update(goal=1)
    for _ in range(2):
        signature = SignatureFactory(campaign=petition)
        operations.confirm(signature=signature, at=timezone.now())

    html = client.get(page(petition)).content.decode()

    assert '<progress max="1" value="1"' in html
    assert "The goal of 1 is reached" in html


@pytest.mark.parametrize("number", [1, 3])
def test_petition_page_asks_the_same_queries_for_one_comment_and_for_three(
    client, petition, number, django_assert_num_queries
):
    for place in range(number):
        show_comment(petition, text=f"Reason {place}")

    with django_assert_num_queries(6):
        response = client.get(page(petition))

    assert len(response.context["comments"]) == number


def test_shown_comments_are_approved_wanted_confirmed_and_the_newest_three(client, petition):
    for place in range(4):
        show_comment(petition, text=f"Reason {place}", minute=place)
    show_comment(petition, text="not wanted", is_public=False, minute=9)
    show_comment(petition, text="not approved", approved=False, minute=9)
    show_comment(petition, text="not confirmed", status=Signature.Status.PENDING, minute=9)
    show_comment(CampaignFactory(), text="elsewhere", minute=9)

    response = client.get(page(petition))

    shown = [comment.text for comment in response.context["comments"]]
    assert shown == ["Reason 3", "Reason 2", "Reason 1"]


def test_comment_shows_given_name_and_first_letter_and_escapes(client, petition):
    show_comment(petition, text="<script>alert(1)</script>")

    html = client.get(page(petition)).content.decode()

    assert "<figcaption>Sam S.</figcaption>" in html
    assert "Supporter" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def show_comment(
    campaign, *, text, is_public=True, approved=True, status=Signature.Status.CONFIRMED, minute=0
):
    at = datetime(2026, 3, 1, 12, minute, tzinfo=UTC)
    signature = SignatureFactory(
        campaign=campaign, supporter=SupporterFactory(), status=status, confirmed_at=at
    )
    Comment.objects.create(
        signature=signature, text=text, is_public=is_public, approved_at=at if approved else None
    )
