"""What Stripe's own books say, kept beside ours: payouts, their lines, and what differs."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Gift
from crm.lib.activities import ACCOUNTS
from crm.lib.personal import PersonalData
from payments.statements import BankLine


class PayoutQuerySet(models.QuerySet["Payout"]):
    def unfinished(self):
        """Not compared yet, or still on its way."""
        under_way = [Payout.Status.PENDING, Payout.Status.IN_TRANSIT]
        return self.filter(Q(checked_at=None) | Q(status__in=under_way))


class Payout(models.Model):
    """Money that Stripe sent to the bank, and the line of the statement on which it came."""

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        IN_TRANSIT = "in_transit", _("on its way")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("cancelled")

    payout_id = models.CharField(_("reference"), max_length=120, unique=True)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices)
    created_at = models.DateTimeField(_("sent by Stripe"))
    arrives_on = models.DateField(_("arrives"))
    # None: its lines cannot be read, as for payouts that were asked for by hand.
    lines_sum = models.BigIntegerField(_("sum of its lines in cents"), null=True, blank=True)
    our_sum = models.BigIntegerField(_("our sum in cents"), null=True, blank=True)
    checked_at = models.DateTimeField(_("compared"), null=True, blank=True)
    bank_line = models.OneToOneField(
        BankLine,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="payout",
        verbose_name=_("line on the bank statement"),
    )

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        indexes = [models.Index(fields=["-created_at", "-id"], name="payout_newest")]

    def __str__(self):
        return f"{self.payout_id} {self.amount} {self.currency}"


class PayoutLine(models.Model):
    """One movement in Stripe's balance that a payout carried to the bank."""

    transaction = models.CharField(_("transaction"), max_length=120, unique=True)
    payout = models.ForeignKey(
        Payout, models.CASCADE, related_name="lines", verbose_name=_("payout")
    )
    kind = models.CharField(_("kind"), max_length=60)
    source = models.CharField(_("what it is about"), max_length=120, blank=True)
    amount = models.BigIntegerField(_("amount in cents"))
    fee = models.BigIntegerField(_("fee in cents"))
    net = models.BigIntegerField(_("net in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    at = models.DateTimeField(_("when"))
    # None: of no gift of ours, such as Stripe's own monthly fee.
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("gift")
    )

    personal_data = PersonalData(
        activity=ACCOUNTS, owner="gift__supporter", is_accounting=True, dated="at"
    )

    class Meta:
        verbose_name = _("line of a payout")
        verbose_name_plural = _("lines of payouts")

    def __str__(self):
        return f"{self.transaction} {self.net} {self.currency}"


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    def last_finished(self):
        return self.exclude(finished_at=None).order_by("-until").first()


class Reconciliation(models.Model):
    """One walk through Stripe's books: from when, until when, what was repaired."""

    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    events = models.PositiveIntegerField(_("events read"), default=0)
    repaired = models.PositiveIntegerField(_("repaired"), default=0)
    differences = models.PositiveIntegerField(_("differences"), default=0)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison with Stripe")
        verbose_name_plural = _("comparisons with Stripe")

    def __str__(self):
        return f"{self.since:%Y-%m-%d %H:%M} – {self.until:%Y-%m-%d %H:%M}"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def open(self):
        return self.filter(resolved_at=None)


class Difference(models.Model):
    """Something on which Stripe's books and ours do not agree, until they do again."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("another amount or currency")
        MISSING_HERE = "missing_here", _("only in Stripe's books")
        MISSING_THERE = "missing_there", _("only in our books")
        STATE = "state", _("another state")
        PAYOUT = "payout", _("a payout does not add up")
        NOT_AT_THE_BANK = "not_at_the_bank", _("a payout is not on the bank statement")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    reference = models.CharField(_("what it is about"), max_length=120)
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("gift")
    )
    ours = models.CharField(_("our books"), max_length=80, blank=True)
    theirs = models.CharField(_("Stripe's books"), max_length=80, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS, owner="gift__supporter", is_accounting=True, dated="first_seen_at"
    )

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"],
                condition=Q(resolved_at=None),
                name="open_difference_once",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.reference}"
