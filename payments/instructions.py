"""Carrying out what staff and donors ask of Stripe: in order, each once, whatever is cut short."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from crm.donations.instructions import Instruction
from crm.donations.models import Plan
from crm.donations.operations import MoneyDiffers
from payments import alerts, gateway, handlers, operations, orders

State = Instruction.State
GONE = "gone"


@transaction.atomic
def carry_out(instruction_id: int, *, now: datetime) -> None:
    """Do what is asked, after what was asked before of the same gift or plan.

    Cut short, it is done again, which Stripe notices. Raises gateway.StripeUnavailable.
    """
    asked = Instruction.objects.get(pk=instruction_id)
    lock(asked)
    about = {"gift": asked.gift_id, "plan": asked.plan_id}
    same = Instruction.objects.select_related("gift", "plan", "supporter").filter(**about)
    for each in same.filter(state=State.WAITING, pk__lte=asked.pk).order_by("pk"):
        carry_out_one(each, now=now)


def carry_out_one(instruction: Instruction, *, now: datetime) -> None:
    refusal = ask(instruction)
    follow(instruction, now)
    if refusal and not has_ended_anyway(instruction):
        mark(instruction, State.REFUSED, answer=refusal, at=now)
        alerts.tell_of_refusal(instruction=instruction, at=now)
    else:
        mark(instruction, State.DONE, answer="", at=now)


def ask(instruction: Instruction) -> str:
    """Put it to Stripe; return why it refuses, or ""."""
    try:
        ORDERS[Instruction.Kind(instruction.kind)](instruction)
    except gateway.Unknown:
        return GONE
    except gateway.Refused as refusal:
        return refusal.code[:120]
    return ""


def follow(instruction: Instruction, now: datetime) -> None:
    """Write down what came of it, as if Stripe had told already."""
    with suppress(gateway.Unknown, MoneyDiffers):
        if instruction.gift is not None:
            handlers.follow_payment(stripe_id(instruction), now)
        else:
            handlers.follow_plan(stripe_id(instruction), now)


def has_ended_anyway(instruction: Instruction) -> bool:
    """Say whether a plan is at its end, as was asked for: perhaps by a try that was cut short."""
    if instruction.kind != Instruction.Kind.CANCEL:
        return False
    return Plan.objects.filter(instructions=instruction, status=Plan.Status.ENDED).exists()


def mark(instruction: Instruction, state: str, *, answer: str, at: datetime) -> None:
    waiting = Instruction.objects.filter(pk=instruction.pk, state=State.WAITING)
    waiting.update(state=state, answer=answer, done_at=at)


def lock(instruction: Instruction) -> None:
    if instruction.gift_id is not None:
        operations.lock_payment(stripe_id(instruction))
    else:
        operations.lock_plan(stripe_id(instruction))


def stripe_id(instruction: Instruction) -> str:
    subject = instruction.gift or instruction.plan
    assert subject is not None
    return subject.reference.removeprefix("stripe:")


def refund(asked: Instruction) -> None:
    assert asked.amount is not None
    orders.refund(stripe_id(asked), amount=asked.amount, key=str(asked.public_id))


def change_amount(asked: Instruction) -> None:
    assert asked.amount is not None
    orders.change_amount(stripe_id(asked), amount=asked.amount, key=str(asked.public_id))


def pause(asked: Instruction) -> None:
    orders.pause(stripe_id(asked), until=asked.until, key=str(asked.public_id))


def resume(asked: Instruction) -> None:
    orders.resume(stripe_id(asked), key=str(asked.public_id))


def cancel(asked: Instruction) -> None:
    orders.cancel(stripe_id(asked), comment=asked.reason, key=str(asked.public_id))


ORDERS: dict[str, Callable[[Instruction], None]] = {
    Instruction.Kind.REFUND: refund,
    Instruction.Kind.CHANGE_AMOUNT: change_amount,
    Instruction.Kind.PAUSE: pause,
    Instruction.Kind.RESUME: resume,
    Instruction.Kind.CANCEL: cancel,
}
