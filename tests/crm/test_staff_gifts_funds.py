"""Funds, and what employers promised to add."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.credits import MatchingGift
from crm.donations.models import Fund
from tests.factories import (
    EntryFactory,
    FundFactory,
    GiftFactory,
    MatchingGiftFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def page_of(gift):
    return reverse("admin:crm_gift_change", args=[gift.pk])


def act(client, gift, page, **fields):
    return client.post(reverse(f"admin:crm_gift_{page}", args=[gift.pk]), fields)


def test_fund_is_added_closed_and_audited(client, fundraiser):
    client.post(
        "/staff/crm/fund/add/",
        {"name": "Shelter", "code": "shelter", "purpose": "Beds only", "is_open": "on"},
    )
    fund = Fund.objects.get()

    client.post(
        reverse("admin:crm_fund_change", args=[fund.pk]), {"name": "Shelter", "purpose": "Beds"}
    )

    fund.refresh_from_db()
    assert (fund.code, fund.purpose, fund.is_open) == ("shelter", "Beds", False)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "details")) == [
        ("fund.added", {}),
        ("fund.changed", {"fields": ["is_open", "purpose"]}),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_funds_adds_up_each_in_one_query(
    client, fundraiser, number, django_assert_num_queries
):
    for fund in FundFactory.create_batch(number):
        gift = GiftFactory(fund=fund)
        EntryFactory(gift=gift)
        EntryFactory(gift=gift, kind="refund", amount=-500)
        EntryFactory(gift=gift, kind="fee", amount=-40)
    client.get("/staff/crm/fund/")

    with django_assert_num_queries(8):
        answer = client.get("/staff/crm/fund/", headers={"accept-language": "en"})

    page = answer.content.decode()
    assert [page.count(text) for text in ("€25", "-€5", "-€0.40", "€19.60")] == [number] * 4


def test_matching_gift_is_received_by_the_employers_gift(client, fundraiser):
    matching = MatchingGiftFactory()
    answer = GiftFactory(supporter=matching.employer)
    stranger = GiftFactory()
    address = reverse("admin:crm_matchinggift_change", args=[matching.pk])

    refused = client.post(address, {"gift": stranger.pk})
    done = client.post(address, {"gift": answer.pk})

    matching.refresh_from_db()
    assert list(refused.context["form"].errors) == ["gift"]
    assert (done.url, matching.received) == (address, answer)


def test_matching_gift_is_cancelled_after_a_question(client, fundraiser):
    matching = MatchingGiftFactory()
    address = reverse("admin:crm_matchinggift_cancel", args=[matching.pk])

    client.get(address)
    client.post(address)
    waiting = MatchingGift.objects.waiting().count()
    client.post(address, {"confirmed": "yes"})

    assert (waiting, MatchingGift.objects.waiting().count()) == (1, 0)
    assert AuditEntry.objects.get().action == "matching.cancelled"


def test_promise_is_added_to_a_gift_once(client, fundraiser):
    gift, employer = GiftFactory(), SupporterFactory()
    fields = {"employer": employer.pk, "amount": "10", "promised_on": "2026-03-02"}

    done = act(client, gift, "match", **fields)
    again = act(client, gift, "match", **fields)

    assert (done.url, list(again.context["form"].errors)) == (page_of(gift), ["employer"])
    assert MatchingGift.objects.get().amount == 1000


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_matching_gifts_tells_totals_in_as_many_queries(
    client, fundraiser, number, django_assert_num_queries
):
    MatchingGiftFactory.create_batch(number)
    paid = MatchingGiftFactory()
    paid.received = GiftFactory(supporter=paid.employer)
    paid.save()
    EntryFactory(gift=paid.received, amount=1900)
    client.get("/staff/crm/matchinggift/")

    with django_assert_num_queries(7):
        answer = client.get("/staff/crm/matchinggift/", headers={"accept-language": "en"})

    assert answer.context["totals"] == [{"expected": f"€{25 * number}", "received": "€19"}]
