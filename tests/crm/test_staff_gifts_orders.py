"""Giving money back, and changing regular gifts: asked twice, then asked of Stripe."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.instructions import CARRY_OUT, Instruction
from crm.donations.models import Entry
from crm.lib.periods import local_day, noon
from tests.factories import EntryFactory, GiftFactory, PlanFactory

pytestmark = pytest.mark.django_db
ENGLISH = {"headers": {"accept-language": "en"}}


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


@pytest.fixture
def stripe_gift(db):
    gift = GiftFactory(reference="stripe:ch_1", amount=5000)
    EntryFactory(gift=gift, amount=5000)
    return gift


@pytest.fixture
def cash_gift(db):
    gift = GiftFactory(reference="staff:1", amount=5000)
    EntryFactory(gift=gift, amount=5000)
    return gift


@pytest.fixture
def plan(db):
    return PlanFactory(reference="stripe:sub_1", amount=1000)


def back(client, gift, **fields):
    fields = {"key": str(uuid.uuid4()), "amount": "20", "confirmed": "yes", **fields}
    return client.post(reverse("admin:crm_gift_refund", args=[gift.pk]), fields, **ENGLISH)


def order(client, plan, name, **fields):
    fields = {"key": str(uuid.uuid4()), "confirmed": "yes", **fields}
    return client.post(reverse(f"admin:crm_plan_{name}", args=[plan.pk]), fields, **ENGLISH)


def jobs():
    return ProcrastinateJob.objects.filter(task_name=CARRY_OUT).count()


def instructions():
    return list(Instruction.objects.order_by("pk").values_list("kind", "amount", "state"))


def test_refund_is_asked_for_in_a_question_first(client, fundraiser, stripe_gift):
    answer = back(client, stripe_gift, confirmed="")

    question = "Give €20 back to Sam Supporter? Stripe is asked at once."
    assert answer.context["question"].startswith(question)
    assert (instructions(), jobs()) == ([], 0)


def test_refund_waits_for_stripe_and_its_state_is_shown(client, fundraiser, stripe_gift):
    answer = back(client, stripe_gift, reason="Gave twice")

    page = client.get(answer.url, **ENGLISH)
    assert (instructions(), jobs()) == ([("refund", 2000, "waiting")], 1)
    assert Entry.objects.filter(kind="refund").count() == 0
    (row,) = page.context["instructions"]
    assert (row["amount"], row["instruction"].reason) == ("€20", "Gave twice")
    assert (row["instruction"].asked_by, row["tone"]) == (fundraiser, "")
    Instruction.objects.update(state="refused", answer="Too old")
    page = client.get(answer.url, **ENGLISH).content.decode()
    assert [word in page for word in ("refused", "Too old")] == [True, True]


def test_same_refund_sent_twice_is_one(client, fundraiser, stripe_gift):
    key = str(uuid.uuid4())

    for _ in range(2):
        back(client, stripe_gift, key=key)

    assert (instructions(), jobs()) == ([("refund", 2000, "waiting")], 1)


@pytest.mark.parametrize("amount", ["30,01", "0", "-1", "a", ""])
def test_more_than_is_left_is_refused_and_what_is_left_named(
    client, fundraiser, stripe_gift, amount
):
    back(client, stripe_gift)

    answer = back(client, stripe_gift, amount=amount)

    form = answer.context["form"]
    assert list(form.errors) == ["amount"]
    assert form.fields["amount"].help_text == "At most €30 can go back."
    assert instructions() == [("refund", 2000, "waiting")]


def test_nothing_is_left_of_a_gift_that_went_back(client, fundraiser, stripe_gift):
    EntryFactory(gift=stripe_gift, kind="dispute", amount=-5000)

    answer = client.get(reverse("admin:crm_gift_refund", args=[stripe_gift.pk]), **ENGLISH)

    assert answer.context["refusal"] == "Nothing is left of this gift that could go back."
    assert b'name="amount"' not in answer.content


def test_cash_that_went_back_is_an_entry_at_once(client, fundraiser, cash_gift):
    key = str(uuid.uuid4())

    for _ in range(2):
        answer = back(client, cash_gift, key=key, returned_on="2026-03-09")

    assert answer.url == reverse("admin:crm_gift_change", args=[cash_gift.pk])
    entry = Entry.objects.get(kind="refund")
    assert (entry.amount, entry.day) == (-2000, date(2026, 3, 9))
    assert entry.reference == f"staff:{key}:refund"
    assert (instructions(), jobs()) == ([], 0)
    assert AuditEntry.objects.get().by == fundraiser


@pytest.mark.parametrize("day", ["2026-02-28", "3026-01-01", "then"])
def test_money_goes_back_between_the_gift_and_today(client, fundraiser, cash_gift, day):
    answer = back(client, cash_gift, returned_on=day)

    assert list(answer.context["form"].errors) == ["returned_on"]
    assert Entry.objects.filter(kind="refund").count() == 0


@pytest.mark.parametrize(
    ("name", "fields", "written"),
    [
        ("amount", {"amount": "15,50"}, ("change_amount", 1550, "waiting")),
        ("pause", {}, ("pause", None, "waiting")),
        ("cancel", {"reason": "Moved away"}, ("cancel", None, "waiting")),
    ],
)
def test_order_about_a_plan_is_asked_twice_and_waits(
    client, fundraiser, plan, name, fields, written
):
    asked = order(client, plan, name, **fields, confirmed="")
    before = instructions()

    done = order(client, plan, name, **fields)

    assert "Sam Supporter" in asked.context["question"]
    assert (before, instructions(), jobs()) == ([], [written], 1)
    plan.refresh_from_db()
    assert (plan.status, plan.amount) == ("active", 1000)
    page = client.get(done.url, **ENGLISH)
    assert page.context["instructions"][0]["instruction"].asked_by == fundraiser
    offered = [address for address, _words in page.context["actions"]]
    assert f"crm_plan_{name}" not in offered


def test_pause_has_an_end_that_is_still_to_come(client, fundraiser, plan):
    day = local_day(timezone.now()) + timedelta(days=40)

    late = order(client, plan, "pause", until="2020-01-01")
    order(client, plan, "pause", until=day.isoformat())

    assert list(late.context["form"].errors) == ["until"]
    assert Instruction.objects.get().until == noon(day)


def test_amount_that_stands_already_is_no_change(client, fundraiser, plan):
    answer = order(client, plan, "amount", amount="10")

    assert list(answer.context["form"].errors) == ["amount"]
    assert instructions() == []


def test_same_order_sent_twice_is_one(client, fundraiser, plan):
    key = str(uuid.uuid4())

    answers = [order(client, plan, "pause", key=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (instructions(), jobs()) == ([("pause", None, "waiting")], 1)


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ({"status": "starting"}, ["cancel"]),
        ({"status": "active"}, ["amount", "pause", "cancel"]),
        ({"status": "past_due"}, ["amount", "pause", "cancel"]),
        ({"status": "paused"}, ["amount", "resume", "cancel"]),
        ({"status": "ended"}, []),
        ({"reference": "paper:1"}, []),
    ],
)
def test_only_what_fits_the_state_of_the_plan_can_be_asked(client, fundraiser, state, possible):
    plan = PlanFactory(**{"reference": "stripe:sub_1", **state})
    names = ["amount", "pause", "resume", "cancel"]

    page = client.get(reverse("admin:crm_plan_change", args=[plan.pk]))
    answers = {name: order(client, plan, name, amount="15") for name in names}

    assert [name for name, _words in page.context["actions"]] == [f"crm_plan_{n}" for n in possible]
    done = [name for name, answer in answers.items() if answer.status_code == 302]
    assert done == possible
    refused = [answer for answer in answers.values() if answer.status_code == 200]
    assert {answer.context["refusal"] for answer in refused} <= {"This is not possible now."}
    assert Instruction.objects.count() == len(possible)


def test_who_may_not_instruct_neither_refunds_nor_orders(client, staff, stripe_gift, plan):
    user = staff(Role.FUNDRAISER)
    group = user.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_instruction"))
    client.force_login(user)

    answers = [back(client, stripe_gift), order(client, plan, "cancel")]

    assert [answer.status_code for answer in answers] == [403, 403]
    page = client.get(reverse("admin:crm_plan_change", args=[plan.pk]))
    assert (page.context["actions"], instructions()) == ([], [])


@pytest.mark.parametrize(
    ("query", "found"),
    [("interval__exact=year", ["Yara"]), ("status__exact=paused", ["Paul"])],
)
def test_list_of_plans_is_narrowed_by_interval_and_state(client, fundraiser, query, found):
    PlanFactory(supporter__given_name="Yara", interval="year")
    PlanFactory(supporter__given_name="Paul", status="paused")

    answer = client.get(f"/staff/crm/plan/?{query}")

    assert [plan.supporter.given_name for plan in answer.context["cl"].result_list] == found


def test_amounts_are_read_in_the_currency_of_the_gift(client, fundraiser):
    gift = GiftFactory(reference="stripe:ch_2", amount=2500, currency="JPY")
    EntryFactory(gift=gift, amount=2500, currency="JPY")

    cents = back(client, gift, amount="12,50")
    back(client, gift, amount="1200")

    assert list(cents.context["form"].errors) == ["amount"]
    assert instructions() == [("refund", 1200, "waiting")]
