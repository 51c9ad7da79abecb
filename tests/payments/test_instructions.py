"""What staff and donors ask of Stripe is done once, or refused and told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.donations.instructions import CannotRefund, Instruction, instruct_plan, refund, refundable
from crm.donations.models import Entry, Gift, Plan
from crm.mailing.alarms import Alarm
from payments import gateway, jobs
from payments.instructions import carry_out
from tests.jobs import forget_jobs, run_jobs, run_periodic
from tests.payments.donor import Donor
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(donor):
    """25 euros by card, paid."""
    donor.give()
    donor.hear()
    return Gift.objects.get()


@pytest.fixture
def plan(donor):
    """10 euros every month by card."""
    donor.give(frequency="monthly", amount="1000")
    donor.hear()
    return Plan.objects.get()


def ask_refund(gift, amount):
    return refund(gift=gift, amount=amount, reason="", key=uuid4(), at=timezone.now())


def ask(plan, kind, **more):
    return instruct_plan(plan=plan, kind=kind, key=uuid4(), at=timezone.now(), **more)


def subscription(donor, plan):
    found = donor.stripe.client().v1.subscriptions
    return found.retrieve(plan.reference.removeprefix("stripe:"))


def refunds(donor):
    return [made.amount for made in donor.stripe.client().v1.refunds.list().data]


def entries(kind):
    return sorted(Entry.objects.filter(kind=kind).values_list("amount", flat=True))


def states():
    return list(Instruction.objects.order_by("pk").values_list("state", "answer"))


def test_refund_is_made_at_stripe_and_written_down_once_with_its_webhook(donor, gift):
    instruction = ask_refund(gift, 700)
    assert refunds(donor) == []

    run_jobs()
    assert (refunds(donor), entries("refund")) == ([700], [-700])
    donor.hear()

    assert entries("refund") == [-700]
    instruction.refresh_from_db()
    assert (instruction.state, instruction.answer) == ("done", "")
    assert instruction.done_at is not None
    assert refundable(gift) == 1800


def test_refunds_of_parts_and_then_of_the_rest_leave_nothing(donor, gift):
    for amount in (500, 500, 1500):
        ask_refund(gift, amount)
        run_jobs()
    donor.hear()

    assert entries("refund") == [-1500, -500, -500]
    assert (refundable(gift), states()) == (0, [("done", "")] * 3)
    with pytest.raises(CannotRefund):
        ask_refund(gift, 1)


def test_more_refunds_than_stripe_shows_at_once_are_all_written_down(donor, gift):
    for _ in range(12):
        donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment(), "amount": 100})

    donor.hear("charge.refunded")

    assert entries("refund") == [-100] * 12


@pytest.mark.parametrize("way", ["sepa_debit", "bancontact"])
def test_refund_that_the_bank_sends_back_is_undone(donor, way):
    donor.give(way)
    if way == "sepa_debit":
        donor.stripe.settle(donor.payment())
    donor.hear()
    gift = Gift.objects.get()
    donor.stripe.settings(refunds_fail=True)
    ask_refund(gift, 2500)
    run_jobs()
    donor.hear()
    assert (entries("refund"), entries("reversal"), refundable(gift)) == ([-2500], [], 0)

    donor.stripe.advance(30)
    donor.hear()

    assert (entries("refund"), entries("reversal"), refundable(gift)) == ([-2500], [2500], 2500)


def test_refund_of_a_disputed_gift_is_refused_and_staff_are_told(donor, gift, staff, mailoutbox):
    staff()
    ask_refund(gift, 2500)
    donor.stripe.dispute(donor.charge())

    run_jobs()

    assert states() == [("refused", "charge_disputed")]
    assert (refunds(donor), entries("refund")) == ([], [])
    alarm = Alarm.objects.get(kind="refused")
    assert alarm.address == reverse("admin:crm_gift_change", args=[gift.pk])
    assert [mail.to for mail in mailoutbox if mail.to != ["dora@example.org"]] == [
        ["administrator@example.org"]
    ] * Alarm.objects.count()


def test_refund_of_what_was_refunded_in_the_dashboard_meanwhile_is_refused(donor, gift):
    ask_refund(gift, 2500)
    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment(), "amount": 1000})

    run_jobs()

    [(state, answer)] = states()
    assert (state, bool(answer)) == ("refused", True)
    assert (entries("refund"), refundable(gift)) == ([-1000], 1500)


def test_key_that_may_not_refund_is_told_to_staff_and_not_tried_for_ever(donor, gift):
    donor.stripe.faults({"method": "POST", "path": "/v1/refunds", "status": 403})
    ask_refund(gift, 700)

    run_jobs()

    assert states() == [("refused", "not_allowed")]
    assert Alarm.objects.get().kind == "refused"


def test_stripe_out_of_reach_leaves_it_waiting_and_the_next_try_does_it(donor, gift):
    instruction = ask_refund(gift, 700)
    forget_jobs()
    donor.stripe.faults({"method": "POST", "path": "/v1/refunds", "drop": True, "times": 3})

    with pytest.raises(gateway.StripeUnavailable):
        jobs.carry_out.func(instruction_id=instruction.pk)
    assert states() == [("waiting", "")]
    jobs.carry_out.func(instruction_id=instruction.pk)

    assert (refunds(donor), states()) == ([700], [("done", "")])


def test_answer_that_got_lost_does_not_refund_twice(donor, gift):
    instruction = ask_refund(gift, 700)
    forget_jobs()
    donor.stripe.faults({"method": "POST", "path": "/v1/refunds", "drop_after": True, "times": 3})

    with pytest.raises(gateway.StripeUnavailable):
        jobs.carry_out.func(instruction_id=instruction.pk)
    jobs.carry_out.func(instruction_id=instruction.pk)

    assert (refunds(donor), entries("refund")) == ([700], [-700])


@pytest.mark.parametrize("kind", ["refund", "cancel", "change_amount", "pause", "resume"])
def test_work_cut_short_before_it_was_marked_is_done_again_without_harm(donor, kind):
    donor.give(frequency="monthly", amount="1000")
    donor.hear()
    plan, gift = Plan.objects.get(), Gift.objects.get()
    instruction = ask_refund(gift, 300) if kind == "refund" else ask(plan, kind, amount=2000)
    forget_jobs()
    carry_out(instruction.pk, now=timezone.now())
    Instruction.objects.update(state="waiting", done_at=None)

    carry_out(instruction.pk, now=timezone.now())

    assert states() == [("done", "")]
    assert len(refunds(donor)) == (kind == "refund")
    assert not Alarm.objects.exists()


def test_refund_whose_key_stripe_forgot_is_not_made_twice(donor, gift):
    instruction = ask_refund(gift, 700)
    metadata = {"instruction": str(instruction.public_id)}
    donor.stripe.client().v1.refunds.create(
        {"payment_intent": donor.payment(), "amount": 700, "metadata": metadata}
    )

    run_jobs()

    assert (refunds(donor), states()) == ([700], [("done", "")])


def test_two_workers_at_once_refund_once(transactional_db, client, stripe):
    donor = Donor(client, stripe)
    donor.give()
    donor.hear()
    gift = Gift.objects.get()
    instruction = ask_refund(gift, 700)
    forget_jobs()

    at_once(lambda _n: carry_out(instruction.pk, now=timezone.now()), range(4))

    assert (refunds(donor), entries("refund"), states()) == ([700], [-700], [("done", "")])


def test_amount_of_a_plan_is_changed_from_the_next_payment_on(donor, plan):
    ask(plan, "change_amount", amount=1750)

    run_jobs()

    plan.refresh_from_db()
    assert (plan.amount, plan.interval, Gift.objects.count()) == (1750, "month", 1)
    donor.stripe.renew(plan.reference.removeprefix("stripe:"))
    donor.hear()
    assert sorted(Gift.objects.values_list("amount", flat=True)) == [1000, 1750]
    assert states() == [("done", "")]


def test_plan_is_paused_until_a_day_and_goes_on_when_asked(donor, plan):
    until = timezone.now().replace(microsecond=0) + timedelta(days=60)
    ask(plan, "pause", until=until)
    run_jobs()
    plan.refresh_from_db()
    assert (plan.status, plan.resumes_at) == ("paused", until)

    ask(plan, "resume")
    run_jobs()

    plan.refresh_from_db()
    assert (plan.status, plan.resumes_at, states()) == ("active", None, [("done", "")] * 2)


def test_plan_is_ended_at_once_and_stripe_is_told_why(donor, plan):
    ask(plan, "cancel", reason="moves abroad")

    run_jobs()
    donor.hear()

    plan.refresh_from_db()
    assert plan.status == "ended"
    assert subscription(donor, plan).cancellation_details.comment == "moves abroad"
    assert states() == [("done", "")]


def test_end_of_a_plan_that_has_ended_at_stripe_already_is_done(donor, plan):
    ask(plan, "cancel")
    donor.stripe.client().v1.subscriptions.cancel(plan.reference.removeprefix("stripe:"))

    run_jobs()

    plan.refresh_from_db()
    assert (plan.status, states(), Alarm.objects.count()) == ("ended", [("done", "")], 0)


@pytest.mark.parametrize("kind", ["change_amount", "pause", "resume"])
def test_change_of_a_plan_that_has_ended_at_stripe_is_refused_and_told(donor, plan, kind):
    ask(plan, kind, amount=2000)
    donor.stripe.client().v1.subscriptions.cancel(plan.reference.removeprefix("stripe:"))

    run_jobs()

    plan.refresh_from_db()
    assert (plan.status, states()) == ("ended", [("refused", "gone")])
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.address) == (
        "refused",
        reverse("admin:crm_plan_change", args=[plan.pk]),
    )


def test_instructions_for_one_plan_are_carried_out_in_the_order_they_were_given(donor, plan):
    for kind, amount in (("change_amount", 1500), ("pause", None), ("change_amount", 3000)):
        last = ask(plan, kind, amount=amount)
    forget_jobs()

    jobs.carry_out.func(instruction_id=last.pk)

    plan.refresh_from_db()
    assert (plan.amount, plan.status, states()) == (3000, "paused", [("done", "")] * 3)


def test_later_instruction_is_left_for_its_own_job(donor, plan):
    first = ask(plan, "change_amount", amount=1500)
    ask(plan, "cancel")
    forget_jobs()

    jobs.carry_out.func(instruction_id=first.pk)

    assert [state for state, _answer in states()] == ["done", "waiting"]


def test_instruction_whose_job_was_lost_is_taken_up_again(donor, gift):
    ask_refund(gift, 700)
    forget_jobs()
    run_periodic("payments.take_up_instructions")
    assert run_jobs() == []
    Instruction.objects.update(asked_at=timezone.now() - timedelta(minutes=11))

    for _ in range(2):
        run_periodic("payments.take_up_instructions")

    assert run_jobs().count("payments.carry_out") == 1
    assert (refunds(donor), states()) == ([700], [("done", "")])
