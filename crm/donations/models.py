"""Gifts, the entries that say what became of their money, plans, funds and tallies."""

import uuid

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign, Source
from crm.lib.activities import ACCOUNTS
from crm.lib.merging import MOVES, Merging
from crm.lib.personal import PersonalData
from crm.people.models import Supporter


class Method(models.TextChoices):
    CARD = "card", _("card")
    BANCONTACT = "bancontact", "Bancontact"
    IDEAL = "ideal", "iDEAL"
    SEPA_DEBIT = "sepa_debit", _("direct debit")
    BANK_TRANSFER = "bank_transfer", _("bank transfer")
    CASH = "cash", _("cash")
    CHEQUE = "cheque", _("cheque")
    OTHER = "other", _("other")


class Fund(models.Model):
    """A purpose that money is kept apart for. What has no fund may be used where it is needed."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("what it may be used for"), blank=True)
    is_open = models.BooleanField(_("open for gifts"), default=True)

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")

    def __str__(self):
        return self.name


class PlanQuerySet(models.QuerySet["Plan"]):
    def running(self):
        """Plans that are to bring money again, whether or not the last payment failed."""
        return self.filter(status__in=[Plan.Status.ACTIVE, Plan.Status.PAST_DUE])

    def unended(self):
        """Plans that still bind their donor: running, starting or paused."""
        return self.exclude(status=Plan.Status.ENDED)


class Plan(models.Model):
    """A promise to give every month or every year. What came of it are gifts."""

    class Status(models.TextChoices):
        STARTING = "starting", _("starting")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("payment failed")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Interval(models.TextChoices):
        MONTH = "month", _("every month")
        YEAR = "year", _("every year")

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
    interval = models.CharField(
        _("how often"),
        max_length=5,
        choices=Interval.choices,
        default=Interval.MONTH,
        db_default="month",
    )
    status = models.CharField(_("state"), max_length=10, choices=Status.choices)
    method = models.CharField(
        _("method"), max_length=20, choices=Method.choices, blank=True, default="", db_default=""
    )
    started_at = models.DateTimeField(_("started"))
    next_at = models.DateTimeField(_("next payment"), null=True, blank=True)
    resumes_at = models.DateTimeField(_("goes on"), null=True, blank=True)
    cancels_at = models.DateTimeField(_("will end"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS,
        owner="supporter",
        is_accounting=True,
        dated="started_at",
        ties=~Q(status="ended"),
    )
    merging = MOVES

    class Meta:
        verbose_name = _("regular gift")
        verbose_name_plural = _("regular gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_is_positive"),
        ]

    def __str__(self):
        return f"{self.reference} {self.amount} {self.currency}"


class GiftQuerySet(models.QuerySet["Gift"]):
    def paid(self):
        return self.filter(status=Gift.Status.PAID)

    def of_money(self):
        """Paid gifts that brought money, unlike those in kind."""
        return self.paid().exclude(kind=Gift.Kind.IN_KIND)

    def with_kept(self):
        """Each gift with `kept`: what its giver gave in the end, whatever the fees were.

        Nearly nothing ever goes back: which gifts those are is read once, not gift by gift.
        """
        went_back = Entry.objects.filter(gift=OuterRef("pk"), kind__in=Entry.WENT_BACK)
        in_its_currency = went_back.filter(currency=OuterRef("currency"))
        sums = in_its_currency.order_by().values("gift").annotate(sum=Sum("amount")).values("sum")
        left = Case(
            When(Exists(went_back), then=F("amount") + Coalesce(Subquery(sums), 0)),
            default=F("amount"),
            output_field=models.BigIntegerField(),
        )
        return self.annotate(kept=left)

    def with_sums(self):
        """Each gift with `net`: what reached the bank, in minor units of the gift's currency."""
        return self.annotate(
            net=Sum("entries__amount", filter=Q(entries__currency=F("currency"))),
        )


class Gift(models.Model):
    """Money that somebody gives. `reference` is the provider's name for it, and is unique.

    Once paid it is never edited: what happens to its money later are entries.
    """

    class Status(models.TextChoices):
        PROCESSING = "processing", _("being processed")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")

    class Kind(models.TextChoices):
        MONEY = "money", _("gift of money")
        LEGACY = "legacy", _("legacy")
        IN_KIND = "in_kind", _("gift in kind")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=120, unique=True)
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind.choices, default=Kind.MONEY, db_default="money"
    )
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
    # Where the donor first came from, where that was elsewhere: a petition, years before.
    first_source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="gifts", verbose_name=_("fund")
    )
    status = models.CharField(_("state"), max_length=10, choices=Status.choices)
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    is_anonymous = models.BooleanField(
        _("anonymous"),
        default=False,
        db_default=False,
        help_text=_("The donor's name is never shown outside."),
    )
    description = models.CharField(
        _("what was given"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("For gifts in kind."),
    )
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    given_at = models.DateTimeField(_("given"))
    received_on = models.DateField(_("received"), null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)

    objects = GiftQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS, owner="supporter", is_accounting=True, dated="given_at", shows_life=True
    )
    merging = Merging(dated="modified_at")

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

    WENT_BACK = (Kind.REFUND, Kind.DISPUTE, Kind.REVERSAL)  # what changes how much was given

    reference = models.CharField(_("reference"), max_length=120, unique=True)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="entries", verbose_name=_("gift"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    # What the provider's balance calls the movement, and what it was there in its own currency.
    transaction = models.CharField(
        _("transaction"), max_length=120, blank=True, default="", db_default=""
    )
    settled_amount = models.BigIntegerField(_("booked amount in cents"), null=True, blank=True)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("when"))

    personal_data = PersonalData(
        activity=ACCOUNTS, owner="gift__supporter", is_accounting=True, dated="day"
    )

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
        indexes = [
            models.Index(
                fields=["transaction"], condition=~Q(transaction=""), name="entry_of_transaction"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.amount} {self.currency}"


class GiftDelta(models.Model):
    """An entry that the tallies do not hold yet."""

    day = models.DateField()
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, related_name="+", db_index=False
    )
    # Not constrained: the row lives for seconds, and comes with a gift, which is.
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    first_source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    currency = models.CharField(max_length=3)
    is_recurring = models.BooleanField()
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
    is_recurring = models.BooleanField()
    gifts = models.IntegerField()
    gross = models.BigIntegerField()
    fees = models.BigIntegerField()
    refunds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "campaign", "currency", "is_recurring"],
                nulls_distinct=False,
                name="one_gift_tally_per_day",
            )
        ]

    def __str__(self):
        return f"{self.day} {self.gross}"


class GiftSourceTally(models.Model):
    """The money of one local day by where its donors came from, this time and the first time."""

    day = models.DateField()
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, null=True, related_name="+", db_index=False)
    first_source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=3)
    is_recurring = models.BooleanField()
    gifts = models.IntegerField()
    gross = models.BigIntegerField()
    fees = models.BigIntegerField()
    refunds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "campaign", "source", "first_source", "currency", "is_recurring"],
                nulls_distinct=False,
                name="one_gift_tally_per_source",
            )
        ]

    def __str__(self):
        return f"{self.day} {self.gross}"
