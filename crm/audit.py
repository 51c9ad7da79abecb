"""Who did what to which record. Written by operations and pages, never changed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DEMO_LOADED = "demo.loaded"  # while this action stands in the trail, every page says it is a demo


class AuditEntry(models.Model):
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("record"), max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"


def log(action: str, subject: models.Model, *, by: Any = None, **details: Any) -> AuditEntry:
    """Note an action. `details` holds numbers and names of fields, never personal data."""
    return AuditEntry.objects.create(
        action=action, subject=f"{subject._meta.model_name}:{subject.pk}", by=by, details=details
    )
