"""Who brought whom, and how far it went."""

from datetime import timedelta

import pytest

from crm.campaigns import sharing
from crm.campaigns.attribution import follow_link
from crm.campaigns.models import Signature
from crm.campaigns.operations import withdraw
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.public.sharing import address
from tests.crm.pia import PIA, page
from tests.crm.spreading import joined, sign, steps
from tests.factories import CampaignFactory, CampaignTextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(petition, now):
    return joined(petition, "anna", now)


def came(signature):
    signature.refresh_from_db()
    return signature.referrer_id, signature.generation


def test_friend_who_signs_through_a_link_is_of_the_next_generation(petition, anna, now):
    ben = joined(petition, "ben", now, through=anna)
    cleo = joined(petition, "cleo", now, through=ben)

    assert [came(each) for each in (anna, ben, cleo)] == [(None, 0), (anna.pk, 1), (ben.pk, 2)]
    assert [sharing.brought_by(each) for each in (anna, ben, cleo)] == [1, 1, 0]
    assert [sharing.reached_by(each) for each in (anna, ben, cleo)] == [2, 1, 0]
    assert set(sharing.downstream(anna)) == {ben, cleo}


def test_link_on_the_page_is_carried_by_the_form(client, petition, anna, settings):
    settings.SITE_URL = "http://testserver"
    link = address(petition, "whatsapp", anna)
    hidden = dict(client.get(link).context["trail_fields"]())

    client.post(page(petition), PIA | hidden)

    pia = Signature.objects.get(supporter__email="pia@example.org")
    assert came(pia) == (anna.pk, 1)
    assert (pia.source.channel, pia.source.utm_medium) == ("share", "whatsapp")


def test_friend_known_from_before_comes_through_the_link_too(petition, anna, now):
    joined(CampaignFactory(), "ben", now)

    assert came(joined(petition, "ben", now, through=anna)) == (anna.pk, 1)


def test_link_without_its_utm_parameters_is_still_a_share(petition, anna, now):
    ben = sign(petition, "ben", now, through=anna, utm_source="", utm_medium="")

    assert (came(ben), ben.source.channel) == ((anna.pk, 1), "share")


def test_link_of_another_campaign_tells_only_the_source(petition, anna, now):
    CampaignTextFactory(campaign=(other := CampaignFactory()))

    ben = sign(other, "ben", now, through=anna)

    assert (came(ben), ben.source.channel) == ((None, 0), "share")


def test_forged_link_tells_only_the_source(petition, now):
    ben = sign(petition, "ben", now, through="1abcdefgh")

    assert (came(ben), ben.source.channel) == ((None, 0), "share")


@pytest.mark.parametrize(("status", "brings"), [("pending", True), ("held", False)])
def test_who_has_not_confirmed_may_bring_but_who_is_held_back_may_not(
    petition, now, status, brings
):
    anna = sign(petition, "anna", now)
    Signature.objects.update(status=status)

    ben = sign(petition, "ben", now, through=anna)

    assert came(ben) == ((anna.pk, 1) if brings else (None, 0))


def test_who_withdrew_brings_nobody_any_more(petition, anna, now):
    withdraw(signature=anna, at=now)

    assert came(sign(petition, "ben", now, through=anna)) == (None, 0)


def test_nobody_brings_themselves(petition, anna, now):
    again = sign(petition, "anna", now, through=anna)

    assert (again, came(again)) == (anna, (None, 0))


@pytest.mark.parametrize("names", [("anna", "anna+friend"), ("anna+friend", "anna")])
def test_alias_of_the_same_mailbox_is_nobody_new(petition, now, names):
    anna = joined(petition, names[0], now)
    alias = Signature(campaign=petition, supporter=Supporter(email=f"{names[1]}@example.org"))

    follow_link(alias, sharing.code_of(anna))

    assert (alias.referrer_id, alias.generation) == (None, 0)


def test_gift_through_a_link_is_counted_to_the_medium(client, petition, anna):
    query = address(petition, "mail", anna).partition("?")[2]

    hidden = client.get(f"/en/give/?{query}").context["trail_fields"]()

    assert dict(hidden) == {
        "utm_source": "share",
        "utm_medium": "mail",
        "utm_campaign": petition.slug,
        "ref": "",
        "r": sharing.code_of(anna),
    }


def test_first_link_wins_however_often_one_signs(petition, anna, now):
    ben, cleo = joined(petition, "ben", now), joined(petition, "cleo", now, through=anna)

    for name in ("ben", "cleo"):
        sign(petition, name, now + timedelta(days=1), through=anna if name == "ben" else ben)

    assert [came(ben), came(cleo)] == [(None, 0), (anna.pk, 1)]


def test_withdrawn_friend_is_not_counted_but_whom_they_brought_is(petition, anna, now):
    ben = joined(petition, "ben", now, through=anna)
    cleo = joined(petition, "cleo", now, through=ben)

    withdraw(signature=ben, at=now)

    assert (sharing.brought_by(anna), sharing.reached_by(anna)) == (0, 1)
    assert list(sharing.downstream(anna)) == [cleo]


def test_who_turns_out_to_be_the_same_person_was_not_brought(petition, now):
    anna = joined(petition, "anna", now)
    ann = joined(petition, "ann", now, through=anna)

    merge(kept=anna.supporter, lost=ann.supporter, at=now)

    assert (sharing.brought_by(anna), steps("bring")) == (0, [])


@pytest.mark.parametrize("brought", [1, 3])
def test_how_far_it_went_is_one_query(petition, anna, now, brought, django_assert_num_queries):
    last = anna
    for number in range(brought):
        last = joined(petition, f"friend{number}", now, through=last)

    with django_assert_num_queries(1):
        assert sharing.reached_by(anna) == brought
    with django_assert_num_queries(1):
        assert len(sharing.downstream(anna)) == brought


def test_without_a_link_nothing_is_asked(petition, django_assert_num_queries):
    new = Signature(campaign=petition)

    with django_assert_num_queries(0):
        follow_link(new, "")
