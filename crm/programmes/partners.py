"""Companies that signed The Code: the state of its six criteria, with evidence and reports.

The criteria are those of www.thecode.org.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import PROGRAMMES
from crm.lib.merging import Merging
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.notes import Task


class Criterion(models.IntegerChoices):
    POLICY = 1, _("policy and procedures")
    TRAINING = 2, _("employees trained")
    CONTRACTS = 3, _("zero-tolerance clause in contracts")
    TRAVELLERS = 4, _("information for travellers")
    STAKEHOLDERS = 5, _("stakeholders engaged")
    REPORT = 6, _("annual report")


class PartnerQuerySet(models.QuerySet["Partner"]):
    def current(self):
        """Those whose organisation was not merged into another record."""
        return self.filter(organisation__merged_into=None)

    def active(self, day=None):
        """Partners that signed and have not left, by a day (or ever)."""
        found = self.current().exclude(signed_on=None)
        if day is None:
            return found.filter(left_on=None)
        return found.filter(signed_on__lte=day).filter(Q(left_on=None) | Q(left_on__gt=day))

    def preparing(self):
        return self.current().filter(signed_on=None)

    def left(self):
        return self.current().exclude(left_on=None)

    def overdue(self, day):
        """Active partners whose report should have come before `day`."""
        return self.active().filter(next_report_on__lt=day)


class Partner(models.Model):
    """An organisation that commits to The Code, or prepares to: `signed_on` is then empty."""

    class Sector(models.TextChoices):
        HOTEL = "hotel", _("hotel")
        SCHOOL = "school", _("school of tourism")
        TRAVEL = "travel", _("travel agency or tour operator")
        TRANSPORT = "transport", _("transport")
        OTHER = "other", _("other")

    organisation = models.OneToOneField(
        Supporter, models.CASCADE, related_name="partner", verbose_name=_("organisation")
    )
    sector = models.CharField(_("sector"), max_length=10, choices=Sector.choices)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    next_report_on = models.DateField(_("next report due"), null=True, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accompanied by"),
    )
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = PartnerQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PROGRAMMES, owner="organisation", dated="modified_at", drop=EVERYTHING
    )
    merging = Merging(stays=True)

    class Meta:
        verbose_name = _("partner of The Code")
        verbose_name_plural = _("partners of The Code")
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(signed_on__lte=models.F("left_on")),
                name="partner_leaves_after_signing",
            )
        ]

    def __str__(self):
        return f"#{self.organisation_id}"


class CriterionState(models.Model):
    """How far a partner is with one criterion; without a row, it has not begun."""

    class State(models.TextChoices):
        BEGUN = "begun", _("in progress")
        MET = "met", _("met")
        LAPSED = "lapsed", _("no longer met")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="criteria")
    criterion = models.PositiveSmallIntegerField(_("criterion"), choices=Criterion.choices)
    state = models.CharField(_("state"), max_length=6, choices=State.choices)
    since = models.DateField(_("since"))
    evidence = models.CharField(
        _("evidence"), max_length=300, blank=True, help_text=_("What shows it, in a few words.")
    )
    file = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )

    personal_data = PersonalData(
        activity=PROGRAMMES, owner="partner__organisation", drop=EVERYTHING
    )

    class Meta:
        verbose_name = _("state of a criterion")
        verbose_name_plural = _("states of criteria")
        constraints = [
            models.UniqueConstraint(fields=["partner", "criterion"], name="one_state_per_criterion")
        ]

    def __str__(self):
        return f"{self.partner_id}/{self.criterion} {self.state}"


class PartnerReport(models.Model):
    """A partner's yearly report: due, and received or not yet."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="reports")
    year = models.PositiveSmallIntegerField(_("year"))
    due_on = models.DateField(_("due"))
    received_on = models.DateField(_("received"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )
    # What asks a colleague for it, once it is overdue.
    task = models.OneToOneField(
        Task, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    personal_data = PersonalData(
        activity=PROGRAMMES, owner="partner__organisation", drop=EVERYTHING
    )

    class Meta:
        verbose_name = _("report of a partner")
        verbose_name_plural = _("reports of partners")
        constraints = [
            models.UniqueConstraint(fields=["partner", "year"], name="one_report_per_year")
        ]

    def __str__(self):
        return f"{self.partner_id} {self.year}"
