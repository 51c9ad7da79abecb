"""Words that staff attach to supporters."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import RELATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter


class Tag(models.Model):
    name = models.CharField(_("tag"), max_length=60)
    description = models.CharField(_("what it is for"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_once")]

    def __str__(self):
        return self.name


class Tagging(models.Model):
    """That a supporter has a tag, since when, and from where."""

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")
    source = models.CharField(_("source"), max_length=80, blank=True)
    tagged_at = models.DateTimeField(_("when"), default=timezone.now)
    tagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = MOVES

    class Meta:
        verbose_name = _("tagging")
        verbose_name_plural = _("taggings")
        constraints = [models.UniqueConstraint(fields=["supporter", "tag"], name="tagged_once")]

    def __str__(self):
        return f"#{self.supporter_id} {self.tag_id}"
