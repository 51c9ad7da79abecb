"""What donors ask of their regular gifts: more, less, a pause, an end."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm.audit import AuditEntry
from crm.donations.instructions import Instruction
from crm.donations.models import Plan
from crm.lib import tokens
from tests.crm.donor_page import page_of
from tests.factories import PlanFactory, SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    return SupporterFactory(given_name="Dora", language="en")


@pytest.fixture
def plan(dora):
    return PlanFactory(supporter=dora, reference="stripe:sub_1", amount=1000)


def path_of(plan, what=""):
    return page_of(plan.supporter, f"plan/{plan.public_id}/{what}")


def post(client, plan, what, **fields):
    return client.post(path_of(plan, what), {"key": str(uuid.uuid4()), **fields})


def asked():
    fields = ("kind", "amount", "until", "reason", "state", "asked_by")
    return list(Instruction.objects.order_by("pk").values_list(*fields))


def queued():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def state(client, **fields):
    plan = PlanFactory(reference=f"stripe:{uuid.uuid4()}", **fields)
    [view] = client.get(page_of(plan.supporter)).context["plans"]
    return view.state


def test_amount_is_changed(client, plan):
    answer = post(client, plan, "amount/", amount="12,50")

    assert (answer.status_code, answer["Location"]) == (303, f"{path_of(plan)}?said=asked")
    assert asked() == [("change_amount", 1250, None, "", "waiting", None)]
    assert queued() == ["payments.carry_out"]
    plan.refresh_from_db()
    assert plan.amount == 1000  # until the provider says so


def test_what_is_asked_is_shown_until_it_is_done(client, plan):
    post(client, plan, "amount/", amount="12.50")

    pages = [client.get(path).content.decode() for path in (path_of(plan), page_of(plan.supporter))]
    Instruction.objects.update(state=Instruction.State.DONE)
    after = client.get(path_of(plan)).content.decode()

    assert ["You asked to give €12.50 from now on." in page for page in pages] == [True, True]
    assert "You asked" not in after


def test_what_was_refused_is_told_until_something_newer_is_asked(client, plan):
    post(client, plan, "amount/", amount="20")
    Instruction.objects.update(state=Instruction.State.REFUSED)

    refused = client.get(path_of(plan)).content.decode()
    post(client, plan, "amount/", amount="30")
    again = client.get(path_of(plan)).content.decode()

    assert "could not be done" in refused
    assert "could not be done" not in again


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "This field is required."),
        ("a lot", "Write an amount such as 25 or 12.50."),
        ("12,5050", "Write an amount such as 25 or 12.50."),
        ("-5", "Write an amount such as 25 or 12.50."),
        ("0.99", "Choose an amount between €1 and €10,000."),
        ("10000.01", "Choose an amount between €1 and €10,000."),
        ("10", "This is what you give already."),
    ],
)
def test_amount_that_cannot_be_given_is_refused_and_kept_in_the_form(client, plan, amount, words):
    answer = post(client, plan, "amount/", amount=amount)

    form = answer.context["amount_form"]
    assert (answer.status_code, form.errors) == (422, {"amount": [words]})
    assert form["amount"].value() == amount
    assert asked() == []


def test_amount_is_read_in_the_currency_of_the_plan(client, dora):
    plan = PlanFactory(supporter=dora, reference="stripe:sub_2", amount=1000, currency="JPY")

    post(client, plan, "amount/", amount="2500")

    assert asked()[0][1] == 2500
    assert post(client, plan, "amount/", amount="25,50").status_code == 422


def test_pause_is_one_two_or_three_months(client, plan, monkeypatch):
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    monkeypatch.setattr("crm.public.donor_plans.timezone.now", lambda: now)

    for months in (1, 2, 3):
        post(client, plan, "pause/", months=months)

    assert [until for _kind, _amount, until, *_ in asked()] == [
        datetime(2026, 2, 28, 12, tzinfo=UTC),
        datetime(2026, 3, 31, 11, tzinfo=UTC),  # summer time: the local clock says the same
        datetime(2026, 4, 30, 11, tzinfo=UTC),
    ]


@pytest.mark.parametrize("months", ["", "0", "4", "x"])
def test_pause_of_another_length_is_not_asked(client, plan, months):
    answer = post(client, plan, "pause/", months=months)

    assert answer["Location"] == f"{path_of(plan)}?said=unclear"
    assert asked() == []


def test_paused_gift_goes_on(client, plan):
    Plan.objects.update(status=Plan.Status.PAUSED)

    assert "Go on giving" in client.get(path_of(plan)).content.decode()
    post(client, plan, "resume/")

    assert asked() == [("resume", None, None, "", "waiting", None)]


def test_yearly_gift_offers_no_pause(client, dora):
    plan = PlanFactory(supporter=dora, reference="stripe:sub_2", interval="year")

    assert "Make a pause" not in client.get(path_of(plan)).content.decode()
    assert post(client, plan, "pause/", months="1")["Location"].endswith("?said=unclear")
    assert asked() == []


def test_ending_offers_less_and_a_pause_and_asks_once_more(client, plan):
    page = client.get(path_of(plan, "end/")).content.decode()

    assert all(words in page for words in ("Give less", "Make a pause", "Yes, end it"))
    assert asked() == []


@pytest.mark.parametrize("reason", ["", "money"])
def test_regular_gift_is_ended_with_or_without_a_reason(client, plan, reason):
    post(client, plan, "end/", reason=reason)

    assert asked() == [("cancel", None, None, reason, "waiting", None)]
    assert AuditEntry.objects.get().action == "plan.cancel_asked"


def test_reason_of_ones_own_making_is_refused(client, plan):
    answer = post(client, plan, "end/", reason="<script>")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert asked() == []


@pytest.mark.parametrize("what", ["amount/", "pause/", "resume/", "end/"])
def test_form_sent_twice_asks_once(client, plan, what):
    key = str(uuid.uuid4())

    for _ in range(2):
        answer = post(client, plan, what, key=key, amount="20", months="1")

    assert answer.status_code == 303
    assert Instruction.objects.count() == 1
    assert len(queued()) == 1


@pytest.mark.parametrize("what", ["amount/", "pause/", "resume/", "end/"])
def test_form_without_its_key_asks_nothing(client, plan, what):
    post(client, plan, what, key="", amount="20", months="1")

    assert asked() == []


@pytest.mark.parametrize("what", ["", "amount/", "pause/", "resume/", "end/"])
def test_somebody_elses_regular_gift_is_not_found(client, plan, what):
    other = SupporterFactory()
    path = page_of(other, f"plan/{plan.public_id}/{what}")
    fields = {"key": str(uuid.uuid4()), "amount": "20", "months": "1"}

    answer = client.get(path) if what == "" else client.post(path, fields)

    assert answer.status_code == 404
    assert asked() == []


@pytest.mark.parametrize(
    "fields", [{"status": "ended"}, {"reference": "paper:1"}], ids=["ended", "not at Stripe"]
)
def test_what_no_provider_can_change_is_told_so(client, plan, fields):
    Plan.objects.update(**fields)

    page = client.get(path_of(plan)).content.decode()
    answer = post(client, plan, "end/")

    assert "End my regular gift" not in page
    assert answer["Location"] == f"{path_of(plan)}?said=cannot"
    assert asked() == []
    assert "cannot be changed here" in client.get(answer["Location"]).content.decode()


def test_state_is_told_in_a_sentence(client):
    day = datetime(2026, 4, 2, 22, 30, tzinfo=UTC)  # the third, in Brussels

    told = [
        state(client),
        state(client, status="starting"),
        state(client, next_at=day),
        state(client, cancels_at=day, next_at=day),
        state(client, status="past_due", next_at=day),
        state(client, status="paused"),
        state(client, status="paused", resumes_at=day),
        state(client, status="ended"),
        state(client, status="ended", ended_at=day),
    ]

    assert told == [
        "It goes on.",
        "It begins.",
        "Next payment on April 3, 2026.",
        "It ends on April 3, 2026.",
        "The last payment did not go through.",
        "Paused until you let it go on.",
        "Paused: it goes on on April 3, 2026.",
        "Ended.",
        "Ended on April 3, 2026.",
    ]


def test_plans_that_go_on_stand_before_those_that_ended(client, dora):
    ended = PlanFactory(supporter=dora, status="ended", started_at=timezone.now())
    running = PlanFactory(supporter=dora)

    views = client.get(page_of(dora)).context["plans"]

    assert [view.plan for view in views] == [running, ended]


def test_link_to_mend_the_card_is_for_this_plan_alone(client, plan):
    [view] = client.get(page_of(plan.supporter)).context["plans"]

    signed = tokens.read("plan", view.card_token, max_age=timedelta(minutes=1))
    assert signed == str(plan.public_id)
