"""What staff or donors ask a payment provider to do: refund a gift, change a plan, end it.

It is written down with its job in one transaction, and carried out by `payments`, which this
slice does not know: the job is queued by its name. What comes of it, the provider tells.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from crm import audit
from crm.donations.models import Entry, Gift, Plan
from crm.lib.activities import DONATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData
from crm.people.models import Supporter

CARRY_OUT = "payments.carry_out"


class CannotRefund(Exception):
    """Nothing is left to refund, or less than was asked for; `left` is what is, in cents."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class CannotInstruct(Exception):
    """The plan has ended, or no provider holds it."""


class Instruction(models.Model):
    """One thing that a provider is asked to do. Its `public_id` is the key of the request."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund")
        CHANGE_AMOUNT = "change_amount", _("change the amount")
        PAUSE = "pause", _("pause")
        RESUME = "resume", _("go on")
        CANCEL = "cancel", _("end")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("what is asked"), max_length=14, choices=Kind.choices)
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="+", verbose_name=_("supporter")
    )
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, related_name="instructions", verbose_name=_("gift")
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="instructions", verbose_name=_("plan")
    )
    amount = models.BigIntegerField(_("amount in cents"), null=True)
    until = models.DateTimeField(_("until"), null=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    answer = models.CharField(_("answer"), max_length=120, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    # None: the donor, on their own page.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    done_at = models.DateTimeField(_("done"), null=True)

    personal_data = PersonalData(activity=DONATIONS, owner="supporter", erase={"reason": ""})
    merging = MOVES

    class Meta:
        verbose_name = _("instruction")
        verbose_name_plural = _("instructions")
        constraints = [
            models.CheckConstraint(
                condition=Q(gift=None, plan__isnull=False) | Q(gift__isnull=False, plan=None),
                name="instruction_for_a_gift_or_a_plan",
            ),
        ]

    def __str__(self):
        return f"#{self.pk} {self.kind} {self.state}"


def refundable(gift: Gift) -> int:
    """Return what is left of a paid gift, in cents, less what is being refunded already."""
    if gift.status != Gift.Status.PAID or gift.kind == Gift.Kind.IN_KIND:
        return 0
    kept = gift.entries.exclude(kind=Entry.Kind.FEE).aggregate(sum=Sum("amount"))["sum"] or 0
    waiting = gift.instructions.filter(
        kind=Instruction.Kind.REFUND, state=Instruction.State.WAITING
    )
    return max(kept - (waiting.aggregate(sum=Sum("amount"))["sum"] or 0), 0)


@transaction.atomic
def refund(
    *, gift: Gift, amount: int, reason: str, key: uuid.UUID, at: datetime, by: Any = None
) -> Instruction:
    """Ask the provider to give money back, once per `key`. Raises CannotRefund."""
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    known = Instruction.objects.filter(public_id=key).first()
    if known is not None:
        return known
    left = refundable(locked)
    if not (0 < amount <= left and locked.reference.startswith("stripe:")):
        raise CannotRefund(left)
    instruction = instruct(
        kind=Instruction.Kind.REFUND,
        supporter=locked.supporter,
        gift=locked,
        amount=amount,
        reason=reason,
        key=key,
        at=at,
        by=by,
    )
    audit.log("gift.refund_asked", locked, by=by, at=at, amount=amount)
    return instruction


@transaction.atomic
def instruct_plan(
    *,
    plan: Plan,
    kind: str,
    key: uuid.UUID,
    at: datetime,
    by: Any = None,
    amount: int | None = None,
    until: datetime | None = None,
    reason: str = "",
) -> Instruction:
    """Ask the provider to change, pause, resume or end a plan. Raises CannotInstruct."""
    locked = Plan.objects.select_for_update().get(pk=plan.pk)
    known = Instruction.objects.filter(public_id=key).first()
    if known is not None:
        return known
    if locked.status == Plan.Status.ENDED or not locked.reference.startswith("stripe:"):
        raise CannotInstruct(locked.reference)
    instruction = instruct(
        kind=kind,
        supporter=locked.supporter,
        plan=locked,
        amount=amount,
        until=until,
        reason=reason,
        key=key,
        at=at,
        by=by,
    )
    audit.log(f"plan.{kind}_asked", locked, by=by, at=at)
    return instruction


def instruct(*, key: uuid.UUID, at: datetime, by: Any, **what: Any) -> Instruction:
    instruction = Instruction.objects.create(public_id=key, asked_at=at, asked_by=by, **what)
    app.configure_task(CARRY_OUT, queue="payments").defer(instruction_id=instruction.pk)
    return instruction
