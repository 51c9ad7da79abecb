"""What staff write down of a gift, correct in it, and read of it."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.credits import SoftCredit, Tribute
from crm.mailing.models import Mail
from tests.factories import (
    AT,
    EntryFactory,
    FundFactory,
    GiftFactory,
    MatchingGiftFactory,
    PlanFactory,
    ReceiptFactory,
    SoftCreditFactory,
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


def test_page_of_a_gift_tells_all_that_belongs_to_it(client, fundraiser):
    gift = GiftFactory(amount=5000, fund=FundFactory(name="Shelter", purpose="Beds only"))
    EntryFactory(gift=gift, amount=5000)
    EntryFactory(gift=gift, kind="refund", amount=-1000)
    ReceiptFactory(gift=gift, number=7, voided_at=AT)
    valid = ReceiptFactory(gift=gift, number=8)
    Tribute.objects.create(gift=gift, kind="memory", name="Rosa", notify_email="lea@example.org")
    credit = SoftCreditFactory(gift=gift, supporter__given_name="Fay", amount=3000)
    MatchingGiftFactory(gift=gift, employer__family_name="Brewery")

    answer = client.get(page_of(gift), headers={"accept-language": "en"})

    told = answer.context
    assert (told["amount"], told["net"], told["credited"]) == ("€50", "€40", "€30")
    assert [receipt.voided_at for receipt in told["receipts"]] == [AT, None]
    assert [name for name, _words in told["actions"]] == [
        "crm_gift_refund",
        "crm_gift_correct",
        "crm_gift_tribute",
        "crm_gift_credit",
    ]
    page = answer.content.decode()
    words = ("Shelter", "Beds only", "In memory of Rosa", "Fay", "Brewery", str(valid))
    assert [word for word in words if word not in page] == []
    assert reverse("admin:crm_softcredit_take_back", args=[credit.pk]) in page


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_gift_takes_as_many_queries_for_three_of_each_as_for_one(
    client, fundraiser, number, django_assert_num_queries
):
    gift = GiftFactory(amount=9000)
    EntryFactory.create_batch(number, gift=gift)
    SoftCreditFactory.create_batch(number, gift=gift)
    client.get(page_of(gift))

    with django_assert_num_queries(15):
        client.get(page_of(gift))


def test_reader_without_rights_sees_no_credit_and_no_action(client, staff):
    user = staff(Role.FUNDRAISER)
    group = user.groups.get()
    kept = ("view_gift", "see_money", "view_supporter")
    group.permissions.set(group.permissions.filter(codename__in=kept))
    client.force_login(user)
    gift = GiftFactory()
    SoftCreditFactory(gift=gift, supporter__given_name="Fay")
    Tribute.objects.create(gift=gift, kind="memory", name="Rosa")

    page = client.get(page_of(gift)).content.decode()
    answers = [act(client, gift, name) for name in ("refund", "correct", "tribute", "credit")]

    assert [word in page for word in ("Fay", "Rosa", "/refund/", "/correct/")] == [False] * 4
    assert [answer.status_code for answer in answers] == [403] * 4


def test_fund_is_corrected_and_a_closed_one_is_named(client, fundraiser):
    gift, fund, closed = GiftFactory(), FundFactory(), FundFactory(is_open=False)

    refused = act(client, gift, "correct", fund=closed.pk)
    done = act(client, gift, "correct", fund=fund.pk, is_anonymous="on")

    gift.refresh_from_db()
    assert list(refused.context["form"].errors) == ["fund"]
    assert (done.url, gift.fund, gift.is_anonymous) == (page_of(gift), fund, True)
    assert AuditEntry.objects.get(action="gift.corrected").by == fundraiser


def test_tribute_is_added_and_whom_was_told_stays(client, fundraiser):
    gift = GiftFactory()
    rosa = {"kind": "memory", "name": "Rosa", "notify_email": "lea@example.org", "language": "nl"}

    act(client, gift, "tribute", **rosa)
    act(client, gift, "tribute", **{**rosa, "name": "Rosa Maes", "notify_email": "x@example.org"})

    tribute = Tribute.objects.get()
    assert (tribute.name, tribute.notify_email) == ("Rosa Maes", "lea@example.org")
    assert Mail.objects.count() == 1


def test_tribute_of_a_gift_that_has_not_come_is_refused(client, fundraiser):
    gift = GiftFactory(status="processing", received_on=None)

    answer = act(client, gift, "tribute", kind="honour", name="Rosa", language="nl")

    assert list(answer.context["form"].errors) == ["__all__"]
    assert Tribute.objects.count() == 0


def test_credit_is_given_and_taken_back_after_a_question(client, fundraiser):
    gift, friend = GiftFactory(amount=2500), SupporterFactory()
    act(client, gift, "credit", supporter=friend.pk, kind="solicitor", amount="20")
    credit = SoftCredit.objects.get()
    address = reverse("admin:crm_softcredit_take_back", args=[credit.pk])

    too_much = act(
        client, gift, "credit", supporter=SupporterFactory().pk, kind="other", amount="5,01"
    )
    giver = act(client, gift, "credit", supporter=gift.supporter_id, kind="other", amount="1")
    client.get(address)
    client.post(address)
    before = SoftCredit.objects.count()
    client.post(address, {"confirmed": "yes"})

    assert credit.amount == 2000
    assert list(too_much.context["form"].errors) == ["amount"]
    assert list(giver.context["form"].errors) == ["supporter"]
    assert (before, SoftCredit.objects.count()) == (1, 0)


def test_credited_supporter_sees_it_under_its_own_heading_and_in_the_timeline(client, fundraiser):
    friend = SupporterFactory()
    gift = GiftFactory(supporter__given_name="Gill", supporter__family_name="Giver")
    EntryFactory(gift=gift)
    SoftCreditFactory(gift=gift, supporter=friend, amount=1000)

    page = client.get(
        reverse("admin:crm_supporter_change", args=[friend.pk]), headers={"accept-language": "en"}
    ).context

    assert page["giving"]["number"] == 0
    assert page["credits"] == {"total": "€10", "number": 1}
    assert [event.title for event in page["events"]] == [
        "Credited with €10 of the gift of Gill Giver"
    ]


def test_timeline_names_yearly_gifts_legacies_and_things(client, fundraiser):
    donor = SupporterFactory()
    plan = PlanFactory(supporter=donor, interval="year")
    GiftFactory(supporter=donor, plan=plan)
    GiftFactory(supporter=donor, kind="legacy")
    GiftFactory(supporter=donor, kind="in_kind", description="A van")

    page = client.get(
        reverse("admin:crm_supporter_change", args=[donor.pk]), headers={"accept-language": "en"}
    ).context

    assert {event.title for event in page["events"]} == {
        "Yearly gift of €25",
        "Legacy of €25",
        "Gift in kind: A van",
        "Began to give every year",
    }
    assert (page["giving"]["number"], page["giving"]["in_kind"]) == (2, 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind__exact=in_kind", ["Van"]),
        ("method__exact=cheque", ["Cheque"]),
        ("fund={fund}", ["Shelter"]),
        ("fund=none", ["Anna", "Cheque", "Van"]),
        ("is_anonymous__exact=1", ["Anna"]),
        ("fund=x", ["Anna", "Cheque", "Shelter", "Van"]),
    ],
)
def test_filters_narrow_the_list_of_gifts(client, fundraiser, query, found):
    fund = FundFactory()
    GiftFactory(supporter__given_name="Van", kind="in_kind")
    GiftFactory(supporter__given_name="Cheque", method="cheque")
    GiftFactory(supporter__given_name="Shelter", fund=fund)
    GiftFactory(supporter__given_name="Anna", is_anonymous=True)

    answer = client.get(f"/staff/crm/gift/?{query.format(fund=fund.pk)}")

    rows = answer.context["cl"].result_list
    assert sorted(gift.supporter.given_name for gift in rows) == found
