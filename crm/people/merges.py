"""Merges of two records, with all that is needed to take them apart again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import QUALITY
from crm.lib.merging import STAYS
from crm.lib.personal import PersonalData, Retention
from crm.people.models import Supporter


class Merge(models.Model):
    """`lost` became part of `kept`. The journal holds what was moved, and what was there before."""

    kept = models.ForeignKey(Supporter, models.PROTECT, related_name="merges")
    lost = models.ForeignKey(Supporter, models.PROTECT, related_name="merges_lost")
    journal = models.JSONField(default=dict)
    score = models.FloatField(
        _("probability"), null=True, blank=True, help_text=_("Where a rule merged by itself.")
    )
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged by"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    # Erased people are not taken apart any more.
    personal_data = PersonalData(
        activity=QUALITY,
        owner="kept",
        others=("lost",),
        erase={"journal": {}},
        internal=("journal",),
    )
    retention = Retention(
        key="merges",
        title=_("what is needed to take merged records apart again"),
        since="merged_at",
        months=36,
        of=~Q(journal={}),
        empty={"journal": {}},
        is_on=True,
    )
    merging = STAYS

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(
                fields=["lost"], condition=Q(undone_at=None), name="merged_once"
            ),
        ]

    def __str__(self):
        return f"#{self.lost_id} into #{self.kept_id}"
