"""That signers shared a campaign, and by which medium."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.campaigns.models import Signature
from crm.lib.activities import PETITIONS
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData, Retention


class Medium(models.TextChoices):
    WHATSAPP = "whatsapp", "WhatsApp"
    FACEBOOK = "facebook", "Facebook"
    X = "x", "X"
    MAIL = "mail", pgettext_lazy("share by", "E-mail")
    COPY = "copy", _("Copied link")


class Share(models.Model):
    """A signer used one of the ways to share; each way counts once."""

    signature = models.ForeignKey(Signature, models.CASCADE, related_name="shares", db_index=False)
    medium = models.CharField(_("by"), max_length=10, choices=Medium.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)

    personal_data = PersonalData(
        activity=PETITIONS, owner="signature__supporter", dated="at", drop=EVERYTHING
    )
    retention = Retention(
        key="shares",
        title=_("who shared a campaign"),
        since="at",
        months=36,
        of=Q(pk__isnull=False),
        is_on=True,
        least=3,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [models.UniqueConstraint(fields=["signature", "medium"], name="share_once")]

    def __str__(self):
        return self.medium
