"""Groups of supporters by conditions. Who is in them is computed above, in `crm.segments`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import RELATIONS
from crm.lib.merging import Merging
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter


class Segment(models.Model):
    """Conditions, and a name. As an audience, its members are kept and their changes are told."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("what it is for"), max_length=300, blank=True)
    conditions = models.JSONField(_("conditions"), default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="segments",
        verbose_name=_("made by"),
    )
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)
    is_audience = models.BooleanField(
        _("audience of newsletters"),
        default=False,
        help_text=_("Its members are kept, and who enters or leaves is told."),
    )
    holdout = models.PositiveSmallIntegerField(
        _("held out, in percent"),
        default=0,
        help_text=_("A random part that is not written to, to see what the writing brings."),
    )
    counted = models.PositiveIntegerField(_("supporters"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)
    # The last transaction of the change feed that the list of members heeds.
    read_to = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    modified_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.CheckConstraint(condition=Q(holdout__lte=50), name="holdout_is_a_part")
        ]

    def __str__(self):
        return self.name


class SegmentMember(models.Model):
    """Somebody in an audience. Who is held out stays so as long as they are in it."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="segments")
    since = models.DateTimeField(_("since"), default=timezone.now)
    is_held_out = models.BooleanField(_("held out"), default=False)

    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = Merging(
        combined=lambda theirs, own: {
            "since": min(theirs.since, own.since),
            "is_held_out": theirs.is_held_out or own.is_held_out,
        }
    )

    class Meta:
        verbose_name = _("member of a segment")
        verbose_name_plural = _("members of segments")
        constraints = [
            models.UniqueConstraint(fields=["segment", "supporter"], name="in_segment_once")
        ]

    def __str__(self):
        return f"#{self.supporter_id} in {self.segment_id}"
