"""Promises to pay a sum in several parts, by hand or by transfer (plans are Stripe's)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.donations.models import Fund, Gift
from crm.lib.personal import PersonalData
from crm.people.models import Supporter


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

    personal_data = PersonalData(owner="supporter", erase={"note": ""})

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
        """Parts of pledges that still hold, and that were not paid."""
        return self.filter(gift=None, pledge__cancelled_at=None)


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
    personal_data = PersonalData(owner="pledge__supporter")

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["pledge", "due_on"], name="instalment_once_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_is_positive"),
        ]

    def __str__(self):
        return f"{self.due_on} {self.amount}"
