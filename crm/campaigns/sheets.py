"""Signatures that were not given here: sheets of paper, and counts from before our records."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.campaigns.models import Campaign, Signature, Source
from crm.people.models import LANGUAGES


class SheetQuerySet(models.QuerySet["Sheet"]):
    def counted(self):
        return self.filter(withdrawn_at=None)


class Sheet(models.Model):
    """A sheet, or a bundle of them, with its control totals: lines = valid + struck out.

    The valid lines count, whether or not somebody types the names on them. What was collected
    before there were records (`way` historical) is such a bundle too: counted, never named.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="sheets", verbose_name=_("campaign")
    )
    number = models.CharField(_("sheet number"), max_length=40)
    way = models.CharField(
        _("how it was collected"),
        max_length=10,
        choices=[each for each in Signature.Way.choices if each[0] in ("paper", "historical")],
        default=Signature.Way.PAPER,
    )
    begins_on = models.DateField(_("collected from"), null=True, blank=True)
    ends_on = models.DateField(_("collected until"), help_text=_("The day on which they count."))
    place = models.CharField(_("place"), max_length=120, blank=True)
    country = CountryField(_("country"), blank=True, default="BE")
    region = models.CharField(_("region"), max_length=6, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    lines = models.PositiveIntegerField(_("lines with writing"))
    valid = models.PositiveIntegerField(_("valid signatures"))
    struck = models.PositiveIntegerField(_("struck out"), default=0)
    note = models.CharField(
        _("note"),
        max_length=300,
        blank=True,
        help_text=_("Where it is kept, who checked it. Name no signer here."),
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(lines=F("valid") + F("struck")), name="sheet_adds_up"
            ),
        ]

    def __str__(self):
        return self.number
