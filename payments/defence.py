"""Against card testing: who tried how often, and the switch that closes the form."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """The form was sent once. Whoever did is a keyed hash that changes every day."""

    class Outcome(models.TextChoices):
        STARTED = "started", _("payment page opened")
        REFUSED = "refused", _("refused")
        DECLINED = "declined", _("card declined")

    who = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["who", "at"], name="attempt_of_somebody"),
            models.Index(fields=["at"], name="attempt_by_time"),
        ]

    def __str__(self):
        return f"{self.outcome} {self.at:%Y-%m-%d %H:%M}"


class FormSwitch(models.Model):
    """Whether the donation form is open: the newest row holds."""

    is_open = models.BooleanField(_("open"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField(_("since"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("switched by"),
    )

    class Meta:
        verbose_name = _("switch of the donation form")
        verbose_name_plural = _("switch of the donation form")

    def __str__(self):
        return "open" if self.is_open else "closed"
