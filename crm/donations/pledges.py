"""Promises to pay a sum in several parts, by hand or by transfer (plans are Stripe's)."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Exists, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.donations.models import Entry, Fund, Gift
from crm.lib.activities import DONATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData
from crm.people.models import Supporter


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def still_open(self):
        """Pledges of which something is still to come."""
        waiting = Instalment.objects.outstanding().filter(pledge=OuterRef("pk"))
        return self.filter(Exists(waiting))

    def late(self, day: date):
        """Pledges of which something should have come before `day`."""
        waiting = Instalment.objects.late(day).filter(pledge=OuterRef("pk"))
        return self.filter(Exists(waiting))

    def fulfilled(self):
        waiting = Instalment.objects.outstanding().filter(pledge=OuterRef("pk"))
        return self.filter(~Exists(waiting), cancelled_at=None)

    def cancelled(self):
        return self.exclude(cancelled_at=None)

    def with_sums(self, day: date):
        """Each pledge with what came (and was kept), what is to come, and what is late."""
        came = Entry.objects.filter(
            gift__instalment__pledge=OuterRef("pk"), currency=OuterRef("currency")
        ).exclude(kind=Entry.Kind.FEE)
        waiting, late = Instalment.objects.outstanding(), Instalment.objects.late(day)
        return self.annotate(
            came=total(came.values("gift__instalment__pledge")),
            outstanding=total(waiting.filter(pledge=OuterRef("pk")).values("pledge")),
            late_sum=total(late.filter(pledge=OuterRef("pk")).values("pledge")),
            next_on=Subquery(
                waiting.filter(pledge=OuterRef("pk"))
                .values("pledge")
                .annotate(next=Min("due_on"))
                .values("next")
            ),
        )


def total(rows: models.QuerySet) -> Coalesce:
    """What the amounts of grouped rows add up to, as a column of another query."""
    return Coalesce(Subquery(rows.order_by().annotate(sum=Sum("amount")).values("sum")), 0)


class Pledge(models.Model):
    """What somebody promised to give, in instalments."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="pledges", verbose_name=_("supporter")
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
    )
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fund")
    )
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    promised_on = models.DateField(_("promised"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    objects = PledgeQuerySet.as_manager()
    personal_data = PersonalData(activity=DONATIONS, owner="supporter", erase={"note": ""})
    merging = MOVES

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="pledge_is_positive"),
        ]

    def __str__(self):
        return f"#{self.pk} {self.amount} {self.currency}"


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    def outstanding(self):
        """Parts of pledges that still hold, and that were not paid, or whose money went back."""
        kept = Gift.objects.with_kept().filter(pk=OuterRef("gift"), kept__gt=0)
        return self.filter(~Exists(kept), pledge__cancelled_at=None)

    def late(self, day: date):
        """Parts that should have been paid before `day`."""
        return self.outstanding().filter(due_on__lt=day)


class Instalment(models.Model):
    """A part of a pledge, due on a day, and the gift that paid it."""

    pledge = models.ForeignKey(
        Pledge, models.PROTECT, related_name="instalments", verbose_name=_("pledge")
    )
    due_on = models.DateField(_("due"))
    amount = models.BigIntegerField(_("amount in cents"))
    gift = models.OneToOneField(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instalment",
        verbose_name=_("paid by"),
    )

    objects = InstalmentQuerySet.as_manager()
    personal_data = PersonalData(
        activity=DONATIONS,
        owner="pledge__supporter",
        ties=Q(gift=None, pledge__cancelled_at=None),
        proof=_("It belongs to a pledge, and names nobody by itself."),
    )

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["pledge", "due_on"], name="instalment_once_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_is_positive"),
        ]

    def __str__(self):
        return f"{self.due_on} {self.amount}"
