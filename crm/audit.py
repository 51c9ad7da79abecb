"""Who did what to which record. Written by operations and pages, never changed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.personal import Retention

DEMO_LOADED = "demo.loaded"  # while this action stands in the trail, every page says it is a demo


class AuditEntry(models.Model):
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("record"), max_length=80)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    details = models.JSONField(_("details"), default=dict)

    retention = Retention(
        key="audit",
        title=_("the trail of what staff did"),
        since="at",
        months=120,
        of=~models.Q(action=DEMO_LOADED),
        least=36,
        is_on=True,
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["subject", "-id"], name="audit_of_record")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"


def subject_of(record: models.Model) -> str:
    """Return how the trail names a record."""
    return f"{record._meta.model_name}:{record.pk}"


def log(
    action: str,
    subject: models.Model,
    *,
    by: Any = None,
    at: datetime | None = None,
    **details: Any,
) -> AuditEntry:
    """Note an action. `details` holds numbers and names of fields, never personal data."""
    return AuditEntry.objects.create(
        action=action, subject=subject_of(subject), by=by, at=at or timezone.now(), details=details
    )


def is_demo() -> bool:
    """Whether the demo was loaded, asked of the database once a minute."""
    loaded = AuditEntry.objects.filter(action=DEMO_LOADED)
    return bool(cache.get_or_set("is_demo", loaded.exists, timeout=60))
