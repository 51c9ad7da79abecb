"""A signer's own page: what they signed, put right, said, shared and withdrew."""

import pytest
from django.utils import timezone

from crm.campaigns import operations, sharing, tallies
from crm.campaigns.comments import Comment
from crm.campaigns.counting import RegionTally
from crm.campaigns.models import Campaign, Signature
from crm.lib import tokens
from crm.people.models import Change, Supporter
from crm.people.proposals import Proposal
from crm.privacy.erasure import erase
from tests.crm.pia import page as petition_page
from tests.crm.signer_pages import own_page, to_confirm
from tests.factories import SignatureFactory, SourceFactory

pytestmark = pytest.mark.django_db
DATA = {"given_name": "Pia", "family_name": "Peeters", "postcode": "2000", "country": "BE"}
PARTS = ["data", "comment", "withdraw"]


@pytest.fixture
def counted(signature):
    return operations.confirm(signature=signature, at=timezone.now())


def fold():
    while tallies.fold():
        continue
    return set(RegionTally.objects.exclude(number=0).values_list("region", "number"))


def friends_of(signature, number, **fields):
    told = {"status": "confirmed", "confirmed_at": timezone.now(), "referrer": signature}
    return SignatureFactory.create_batch(
        number, campaign=signature.campaign, generation=1, **told | fields
    )


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_page_shows_what_was_signed_and_is_kept_from_caches_and_searches(client, counted, language):
    answer = client.get(own_page(counted, language=language))

    html = answer.content.decode()
    assert (answer.status_code, f'<html lang="{language}">' in html) == (200, True)
    assert "Stop child trafficking" in html
    assert "p…a@example.org" in html
    assert "pia@example.org" not in html
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_looking_changes_nothing(client, counted):
    models = (Signature, Supporter, Change, Comment)
    before = [list(model.objects.values()) for model in models]

    answers = [client.get(own_page(counted)), client.head(own_page(counted))]
    answers.append(client.get(own_page(counted, "withdraw")))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [list(model.objects.values()) for model in models] == before


def test_share_links_carry_the_signers_code_and_the_number_names_nobody(client, counted):
    friends_of(counted, 3)
    friends_of(counted, 2, status="pending", confirmed_at=None)

    answer = client.get(own_page(counted))

    assert answer.context["share_address"].endswith(f"&r={sharing.code_of(counted)}")
    assert answer.context["brought"] == 3
    html = answer.content.decode()
    assert "3 people have signed through your link." in html
    assert "Supporter" not in html


def test_number_of_queries_does_not_grow_with_those_who_were_brought(
    client, counted, django_assert_num_queries
):
    # The signature with all that hangs on it, texts, the counter, and who was brought.
    for _time in range(2):
        friends_of(counted, 2)
        client.get(own_page(counted))
        with django_assert_num_queries(4):
            client.get(own_page(counted))


def test_corrected_data_is_written_at_once_and_the_signature_moves(client, counted):
    page = own_page(counted)  # the token tells its second
    answer = client.post(f"{page}data/", DATA | {"given_name": "Pía", "postcode": "B-4000"})

    who = Supporter.objects.get()
    assert answer["Location"] == f"{page}?said=corrected#data"
    assert (who.given_name, who.postcode, who.region) == ("Pía", "4000", "BE-WLG")
    counted.refresh_from_db()
    assert (counted.region, str(counted.country)) == ("BE-WLG", "BE")
    assert (fold(), tallies.count(counted.campaign)) == ({("BE-WLG", 1)}, 1)
    assert not Proposal.objects.exists()


def test_signer_who_moves_before_confirming_is_counted_where_they_live(client, signature):
    client.post(own_page(signature, "data"), DATA | {"postcode": "4000"})
    signature.refresh_from_db()

    operations.confirm(signature=signature, at=timezone.now())

    assert fold() == {("BE-WLG", 1)}


def test_name_alone_does_not_move_a_signature_given_elsewhere(client, counted):
    Signature.objects.update(region="BE-VAN")
    Supporter.objects.update(postcode="4000", region="BE-WLG")

    client.post(own_page(counted, "data"), DATA | {"postcode": "4000", "given_name": "Pía"})

    counted.refresh_from_db()
    assert counted.region == "BE-VAN"


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_written(client, counted):
    answer = client.post(own_page(counted, "data"), DATA | {"given_name": "", "postcode": "12"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"given_name", "postcode"}
    assert Supporter.objects.get().given_name == "Pia"


def test_what_the_campaign_does_not_ask_is_neither_shown_nor_taken(client, counted):
    Campaign.objects.update(asked=[])

    client.post(own_page(counted, "data"), DATA | {"postcode": "4000", "given_name": "Pía"})
    shown = client.get(own_page(counted))

    who = Supporter.objects.get()
    assert (who.given_name, who.postcode) == ("Pía", "2000")
    assert list(shown.context["form"].fields) == ["given_name", "family_name"]
    assert shown.context["comment_form"] is None


def test_changed_comment_waits_for_approval_again(client, counted):
    said = Comment.objects.create(signature=counted, text="Old", is_public=True)
    operations.approve_comment(comment=said, at=timezone.now())

    page = own_page(counted)
    answer = client.post(f"{page}comment/", {"text": "New", "is_public": "on"})

    assert answer["Location"] == f"{page}?said=said#comment"
    assert list(Comment.objects.values_list("text", "is_public", "approved_at")) == [
        ("New", True, None)
    ]


def test_comment_that_is_saved_unchanged_stays_approved(client, counted):
    said = Comment.objects.create(signature=counted, text="Same", is_public=True)
    operations.approve_comment(comment=said, at=timezone.now())

    client.post(own_page(counted, "comment"), {"text": "Same", "is_public": "on"})

    assert Comment.objects.get().approved_at is not None


def test_comment_is_taken_back_and_written_anew(client, counted):
    Comment.objects.create(signature=counted, text="Old", is_public=True)

    back = client.post(own_page(counted, "comment"), {"text": "Old", "take_back": "1"})
    gone = Comment.objects.count()
    client.post(own_page(counted, "comment"), {"text": "Anew"})

    assert (back["Location"].partition("?")[2], gone) == ("said=unsaid#comment", 0)
    assert Comment.objects.get().text == "Anew"


def test_withdrawing_takes_one_more_button_and_signing_again_is_possible(client, counted):
    asked = client.get(own_page(counted, "withdraw"))
    still = tallies.count(counted.campaign)
    answer = client.post(own_page(counted, "withdraw"))

    counted.refresh_from_db()
    assert (asked.status_code, still, tallies.count(counted.campaign)) == (200, 1, 0)
    assert (counted.status, counted.ended) == ("withdrawn", "signer")
    over = client.get(answer["Location"]).content.decode()
    assert f'href="{petition_page(counted.campaign)}"' in over
    assert "Withdraw my signature" not in over
    client.post(petition_page(counted.campaign), DATA | {"email": "pia@example.org"})
    client.post(to_confirm(counted))
    assert tallies.count(counted.campaign) == 1
    assert client.get(own_page(counted)).context["is_counted"] is True


def test_withdrawing_twice_uncounts_once(client, counted):
    SignatureFactory(campaign=counted.campaign)
    for _time in range(2):
        client.post(own_page(counted, "withdraw"))

    assert tallies.count(counted.campaign) == 0


def test_page_of_a_closed_campaign_works_until_it_is_archived(client, counted):
    Campaign.objects.update(closes_at=timezone.now())
    closed = client.get(own_page(counted))
    Campaign.objects.update(archived_at=timezone.now())

    archived = [client.get(own_page(counted)), *(client.post(own_page(counted, p)) for p in PARTS)]

    assert (closed.status_code, closed.context["is_open"]) == (200, False)
    assert [answer.status_code for answer in archived] == [410] * 4
    assert tallies.count(counted.campaign) == 1


@pytest.mark.parametrize("what", ["erased", "disowned", "forged", "other purpose"])
def test_page_is_closed_to_everybody_else(client, counted, what):
    address = own_page(counted)
    if what == "erased":
        erase(supporter=counted.supporter, at=timezone.now())
    elif what == "disowned":
        Signature.objects.update(status="withdrawn", ended="not-me")
    elif what == "forged":
        address = address[:-2] + "/"
    else:
        address = f"/en/signature/{tokens.make('thanks', str(counted.public_id))}/"

    assert client.get(address).status_code == 410
    assert client.post(f"{address}withdraw/").status_code == 410


def test_refused_methods(client, counted):
    assert [client.get(own_page(counted, part)).status_code for part in ("data", "comment")] == [
        405,
        405,
    ]


def test_links_to_share_and_thanks_do_not_open_the_page(client, counted):
    """People pass pages on: what they copy there opens nothing of theirs."""
    thanks = client.post(to_confirm(counted)).url
    html = client.get(thanks).content.decode()

    assert "/signature/" not in html
    assert "Peeters" not in html


def test_thanks_show_the_signers_own_link_and_whom_it_brought(client, counted):
    friends_of(counted, 1, source=SourceFactory(channel="share"))

    thanks = client.get(client.post(to_confirm(counted)).url)

    assert thanks.context["share_address"].endswith(f"&r={sharing.code_of(counted)}")
    assert "One person has signed through your link." in thanks.content.decode()


def test_thanks_of_another_campaign_show_no_link_of_the_signer(client, counted):
    other = SignatureFactory().campaign
    token = client.post(to_confirm(counted)).url.partition("?s=")[2]

    thanks = client.get(f"{petition_page(other)}thanks/?s={token}")

    assert (thanks.context["share_token"], "&r=" in thanks.context["share_address"]) == ("", False)
