"""Who looked at a supporter: a line in the audit trail, one an hour for each reader and record."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from crm import audit
from crm.audit import AuditEntry, subject_of

VIEWED = "supporter.viewed"
ONCE_IN = timedelta(hours=1)
LAST = 10


def note(subject: Model, *, by: Any, at: datetime, page: str = "profile") -> None:
    """Remember that somebody was shown a record, unless they were within the hour."""
    seen = AuditEntry.objects.filter(
        subject=subject_of(subject), action=VIEWED, by=by, at__gt=at - ONCE_IN, details__page=page
    )
    if not seen.exists():
        audit.log(VIEWED, subject, by=by, at=at, page=page)


def lookers(subject: Model, reader: Any) -> list[AuditEntry]:
    """Return who looked last, newest first, for those who may read the audit trail."""
    if not reader.has_perm("crm.view_auditentry"):
        return []
    seen = AuditEntry.objects.filter(subject=subject_of(subject), action=VIEWED)
    return list(seen.select_related("by").order_by("-pk")[:LAST])
