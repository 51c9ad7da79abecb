"""Gifts, the entries that say what became of their money, monthly plans, and receipts."""

import uuid

from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign, Source
from crm.lib.personal import PersonalData
from crm.people.models import LANGUAGES, Supporter


class Method(models.TextChoices):
    CARD = "card", _("card")
    BANCONTACT = "bancontact", "Bancontact"
    IDEAL = "ideal", "iDEAL"
    SEPA_DEBIT = "sepa_debit", _("direct debit")
    BANK_TRANSFER = "bank_transfer", _("bank transfer")
    CASH = "cash", _("cash")
    OTHER = "other", _("other")


class Plan(models.Model):
    """A promise to give every month. What came of it are gifts."""

    class Status(models.TextChoices):
        STARTING = "starting", _("starting")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("payment failed")
        ENDED = "ended", _("ended")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=120, unique=True)
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="plans", verbose_name=_("supporter")
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("campaign"),
    )
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    # Nothing is emptied: the accounts keep amounts and dates.
    personal_data = PersonalData(owner="supporter")

    class Meta:
        verbose_name = _("monthly gift")
        verbose_name_plural = _("monthly gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_is_positive"),
        ]

    def __str__(self):
        return f"{self.reference} {self.amount} {self.currency}"


class GiftQuerySet(models.QuerySet["Gift"]):
    def paid(self):
        return self.filter(status=Gift.Status.PAID)

    def with_sums(self):
        """Each gift with `net`: what reached the bank, in cents."""
        return self.annotate(net=Sum("entries__amount"))


class Gift(models.Model):
    """Money that somebody gives. `reference` is the provider's name for it, and is unique.

    Once paid it is never edited: what happens to its money later are entries.
    """

    class Status(models.TextChoices):
        PROCESSING = "processing", _("being processed")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=120, unique=True)
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="gifts", verbose_name=_("supporter")
    )
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="gifts")
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="gifts",
        verbose_name=_("campaign"),
    )
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(_("state"), max_length=10, choices=Status.choices)
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    given_at = models.DateTimeField(_("given"))
    received_on = models.DateField(_("received"), null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)

    objects = GiftQuerySet.as_manager()
    # Nothing is emptied: the accounts keep amounts and dates.
    personal_data = PersonalData(owner="supporter")

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="gift_is_positive"),
            models.CheckConstraint(
                condition=Q(status="paid", received_on__isnull=False)
                | (~Q(status="paid") & Q(received_on=None)),
                name="paid_has_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["-given_at", "-id"], name="gift_newest"),
            models.Index(fields=["modified_at", "id"], name="gift_modified"),
            models.Index(fields=["supporter", "received_on"], name="gift_of_supporter"),
            models.Index(fields=["received_on", "supporter"], name="gift_by_day"),
        ]

    def __str__(self):
        return f"{self.reference} {self.amount} {self.currency}"


class Entry(models.Model):
    """A movement of a gift's money, signed: what came, what was kept, what went back."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        FEE = "fee", _("fee")
        REFUND = "refund", _("refund")
        DISPUTE = "dispute", _("charged back")
        REVERSAL = "reversal", _("refund or chargeback undone")

    reference = models.CharField(_("reference"), max_length=120, unique=True)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="entries", verbose_name=_("gift"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("when"))

    personal_data = PersonalData(owner="gift__supporter")

    class Meta:
        verbose_name = _("movement of money")
        verbose_name_plural = _("movements of money")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["payment", "reversal"], amount__gt=0)
                | Q(kind__in=["refund", "dispute"], amount__lt=0)
                | (Q(kind="fee") & ~Q(amount=0)),
                name="entry_has_its_sign",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.amount} {self.currency}"


class Receipt(models.Model):
    """The paper that says a gift arrived. Numbers run without gaps within a year."""

    gift = models.OneToOneField(
        Gift, models.PROTECT, related_name="receipt", verbose_name=_("gift")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    issued_at = models.DateTimeField(_("issued"))

    personal_data = PersonalData(owner="gift__supporter")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="receipt_number_once")
        ]

    def __str__(self):
        return f"{self.year}-{self.number:06d}"


class GiftDelta(models.Model):
    """An entry that the tallies do not hold yet."""

    day = models.DateField()
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=3)
    is_monthly = models.BooleanField()
    gifts = models.SmallIntegerField(default=0)
    gross = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0)
    refunds = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.day} {self.gross}"


class GiftTally(models.Model):
    """The money of one local day; `fees` and `refunds` are negative. net = the sum of the three."""

    day = models.DateField()
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="+")
    currency = models.CharField(max_length=3)
    is_monthly = models.BooleanField()
    gifts = models.IntegerField()
    gross = models.BigIntegerField()
    fees = models.BigIntegerField()
    refunds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "campaign", "currency", "is_monthly"],
                nulls_distinct=False,
                name="one_gift_tally_per_day",
            )
        ]

    def __str__(self):
        return f"{self.day} {self.gross}"
