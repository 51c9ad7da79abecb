"""Promises to pay a sum in parts: made, paid, late, given up; never money."""

import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.models import Entry, Gift
from crm.donations.pledges import Instalment, Pledge
from crm.donations.promises import NothingLeft, give_up, pay_instalment, totals
from tests.crm.promised import gift_of, payment, state
from tests.factories import (
    CampaignTextFactory,
    FundFactory,
    InstalmentFactory,
    PledgeFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db
ADD = "/staff/crm/pledge/add/"
LIST = "/staff/crm/pledge/"
CAME, LATER = date(2026, 3, 1), date(2999, 1, 1)


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


@pytest.fixture
def pledge(campaign):
    """100 euros in two parts: one late, one far away."""
    CampaignTextFactory(campaign=campaign)
    made = PledgeFactory(campaign=campaign, fund=FundFactory())
    InstalmentFactory(pledge=made, due_on=CAME, amount=6000)
    InstalmentFactory(pledge=made, due_on=LATER, amount=4000)
    return made


@pytest.fixture
def late(pledge):
    return pledge.instalments.get(due_on=CAME)


def filled(supporter, **changes):
    return {
        "key": str(uuid.uuid4()),
        "supporter": supporter.pk,
        "promised_on": "2026-03-01",
        "amount": "100",
        "number": "3",
        "months": "1",
        "first_on": "2026-01-31",
        "note": "by telephone",
        **changes,
    }


def schedule():
    parts = Instalment.objects.order_by("due_on").values_list("due_on", "amount")
    return [(day.isoformat(), amount) for day, amount in parts]


def test_schedule_is_shown_before_it_is_saved(client, fundraiser):
    answer = client.post(ADD, filled(SupporterFactory()))

    shown = [(str(each["due_on"]), each["amount"]) for each in answer.context["parts"]]
    assert shown == [("2026-01-31", "€33.34"), ("2026-02-28", "€33.33"), ("2026-03-31", "€33.33")]
    assert Pledge.objects.count() == 0


def test_confirmed_pledge_is_written_once(client, fundraiser, campaign):
    pia, fund = SupporterFactory(), FundFactory()
    form = filled(pia, campaign=campaign.pk, fund=fund.pk, confirmed="yes")

    client.post(ADD, form)
    answer = client.post(ADD, form)

    pledge = Pledge.objects.get()
    assert answer.url == reverse("admin:crm_pledge_change", args=[pledge.pk])
    assert (pledge.supporter, pledge.amount, pledge.note) == (pia, 10000, "by telephone")
    assert (pledge.campaign, pledge.fund) == (campaign, fund)
    assert schedule() == [("2026-01-31", 3334), ("2026-02-28", 3333), ("2026-03-31", 3333)]
    assert AuditEntry.objects.values_list("action", "by").get() == ("pledge.made", fundraiser.pk)
    assert (Gift.objects.count(), Entry.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("months", "days"),
    [("3", ["2026-01-31", "2026-04-30"]), ("12", ["2026-01-31", "2027-01-31"])],
)
def test_parts_come_in_their_rhythm(client, fundraiser, months, days):
    client.post(ADD, filled(SupporterFactory(), number="2", months=months, confirmed="yes"))

    assert schedule() == [(day, 5000) for day in days]


def test_own_parts_replace_the_rhythm(client, fundraiser):
    own = "15/05/2026 70\n\n2026-04-01 30,00"

    client.post(
        ADD, filled(SupporterFactory(), own_parts=own, number="", first_on="", confirmed="yes")
    )

    assert schedule() == [("2026-04-01", 3000), ("2026-05-15", 7000)]


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        (
            {"own_parts": "2026-04-01 50\nsoon 50"},
            "own_parts",
            "Line 2: write a day and an amount, such as 15/05/2026 100.",
        ),
        (
            {"own_parts": "2026-04-01 lots"},
            "own_parts",
            "Line 1: Write an amount, such as 25 or 12,50.",
        ),
        (
            {"own_parts": "2026-04-01 50\n1/4/2026 50"},
            "own_parts",
            "Two instalments are due on the same day.",
        ),
        (
            {"own_parts": "2026-04-01 99"},
            "own_parts",
            "The instalments add up to €99, and the total is €100.",
        ),
        ({"amount": "0,02"}, "number", "These are more instalments than cents."),
        ({"promised_on": "2999-01-01"}, "promised_on", "This day has not come yet."),
    ],
    ids=["day", "amount", "twice", "sum", "cents", "future"],
)
def test_pledge_that_makes_no_sense_is_refused(client, fundraiser, changes, field, told):
    form = filled(SupporterFactory(), confirmed="yes", **changes)

    answer = client.post(ADD, form)

    assert answer.context["form"].errors == {field: [told]}
    assert Pledge.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "121", "x", ""])
def test_number_of_parts_has_its_limits(client, fundraiser, number):
    answer = client.post(ADD, filled(SupporterFactory(), number=number, confirmed="yes"))

    assert list(answer.context["form"].errors) == ["number"]


def test_page_tells_part_by_part(client, fundraiser, pledge, late):
    pay_instalment(instalment=late, gift=gift_of(pledge, 5000), at=timezone.now())

    told = client.get(reverse("admin:crm_pledge_change", args=[pledge.pk])).context

    parts = [(str(each["state"]), each["is_outstanding"]) for each in told["parts"]]
    assert parts == [("paid", False), ("to come", True)]
    assert (told["amount"], told["came"], told["outstanding"]) == ("€100", "€50", "€40")


def test_rest_is_given_up_after_a_question(client, fundraiser, pledge, late):
    pay_instalment(instalment=late, gift=gift_of(pledge), at=timezone.now())
    address = reverse("admin:crm_pledge_give_up", args=[pledge.pk])

    asked = client.post(address)
    before = state(client, pledge)
    client.post(address, {"confirmed": "yes"})
    client.post(address, {"confirmed": "yes"})

    page = client.get(reverse("admin:crm_pledge_change", args=[pledge.pk]))
    assert (asked.status_code, before, str(page.context["state"])) == (200, "to come", "given up")
    assert [str(each["state"]) for each in page.context["parts"]] == ["paid", "given up"]
    assert AuditEntry.objects.filter(action="pledge.cancelled").count() == 1
    assert totals(CAME) == []


def test_fulfilled_pledge_has_nothing_to_give_up(pledge):
    for part in pledge.instalments.all():
        pay_instalment(instalment=part, gift=gift_of(pledge), at=timezone.now())

    with pytest.raises(NothingLeft):
        give_up(pledge=pledge, at=timezone.now())


@pytest.mark.parametrize("wanted", ["open", "late", "fulfilled", "cancelled"])
def test_list_is_filtered_by_state(client, fundraiser, wanted):
    made = {name: PledgeFactory() for name in ("open", "late", "fulfilled", "cancelled")}
    InstalmentFactory(pledge=made["open"], due_on=LATER)
    InstalmentFactory(pledge=made["late"], due_on=CAME)
    InstalmentFactory(pledge=made["fulfilled"], gift=gift_of(made["fulfilled"]))
    InstalmentFactory(pledge=made["cancelled"], due_on=CAME)
    give_up(pledge=made["cancelled"], at=timezone.now())

    found = client.get(LIST, {"state": wanted}).context["cl"].result_list

    both = [made["late"], made["open"]]
    assert list(found) == (both if wanted == "open" else [made[wanted]])


def test_list_adds_up_what_is_outstanding_and_late(client, fundraiser, pledge):
    answer = client.get(LIST)

    assert answer.context["totals"] == [{"outstanding": "€100", "late": "€60"}]


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_more_pledges(
    client, fundraiser, number, django_assert_num_queries
):
    for _each in range(number):
        InstalmentFactory()

    with django_assert_num_queries(8):
        client.get(LIST)


def test_profile_and_timeline_tell_of_pledges(client, fundraiser, pledge):
    give = client.get(reverse("admin:crm_supporter_change", args=[pledge.supporter_id]))

    (told,) = give.context["pledges"]
    assert (told["outstanding"], told["late"]) == ("€100", "€60")
    titles = [event.title for event in give.context["events"] if event.kind == "pledge"]
    assert titles == ["Pledged €100 in 2 parts"]


def test_pledges_are_not_money(client, fundraiser, pledge):
    give = client.get(reverse("admin:crm_supporter_change", args=[pledge.supporter_id]))

    assert (give.context["giving"]["number"], give.context["giving"]["total"]) == (0, "€0")
    assert (Gift.objects.count(), Entry.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["crm_pledge_pay", "crm_pledge_give_up"])
def test_who_does_not_see_money_changes_no_pledge(client, staff, pledge, name):
    client.force_login(staff(Role.CAMPAIGNER))

    answer = client.post(
        reverse(f"admin:{name}", args=[pledge.pk]), {**payment(), "confirmed": "yes"}
    )

    pledge.refresh_from_db()
    assert (answer.status_code, pledge.cancelled_at, Gift.objects.count()) == (403, None, 0)
