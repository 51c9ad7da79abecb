"""The picture of a campaign, kept in the database like every file."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.lib.images import ENDINGS


class CampaignPicture(models.Model):
    """A picture as it is sent: checked, turned upright, without what the camera noted."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="picture")
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self):
        return f"{self.width} x {self.height}"

    @property
    def key(self) -> str:
        """What its address has of the digest: too much to guess; another for another picture."""
        return self.digest[:20]

    @property
    def ending(self) -> str:
        return ENDINGS[self.content_type]
