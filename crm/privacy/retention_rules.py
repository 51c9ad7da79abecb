"""What staff decided about how long data is kept, and what was deleted by it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RetentionRule(models.Model):
    """Staff's word on one of the rules that models declare; without it, the declared one holds."""

    key = models.CharField(max_length=40, unique=True)
    months = models.PositiveSmallIntegerField(_("months"))
    is_on = models.BooleanField(_("is carried out every night"), default=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")

    def __str__(self):
        return self.key


class RetentionRun(models.Model):
    """One night's work of one rule: what it deleted, in numbers."""

    key = models.CharField(_("rule"), max_length=40)
    before = models.DateTimeField(_("older than"))
    rows = models.PositiveIntegerField(_("rows"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("run of a retention rule")
        verbose_name_plural = _("runs of retention rules")
        indexes = [models.Index(fields=["key", "-at"], name="retention_run_newest")]

    def __str__(self):
        return f"{self.key} {self.at:%Y-%m-%d}"
