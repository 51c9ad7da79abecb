"""What every page knows: whose it is, and whether its data is a demo."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from crm.audit import DEMO_LOADED, AuditEntry


def organisation(_request: HttpRequest) -> dict[str, Any]:
    return {
        "organisation": {
            "name": settings.ORGANISATION_NAME,
            "url": settings.ORGANISATION_URL,
            "email": settings.ORGANISATION_EMAIL,
            "report_url": settings.REPORT_ABUSE_URL,
        },
        "is_demo": is_demo(),
    }


def is_demo() -> bool:
    """Whether the demo was loaded, asked of the database once a minute."""
    loaded = AuditEntry.objects.filter(action=DEMO_LOADED)
    return bool(cache.get_or_set("is_demo", loaded.exists, timeout=60))
