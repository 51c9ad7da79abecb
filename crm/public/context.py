"""What every page knows: whose it is, its other languages, and whether its data is a demo."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import translate_url
from django.utils.translation import get_language_info

from crm.audit import is_demo
from crm.public.trail import trail_fields, trail_from, trail_query


def organisation(request: HttpRequest) -> dict[str, Any]:
    return {
        "organisation": {
            "name": settings.ORGANISATION_NAME,
            "url": settings.ORGANISATION_URL,
            "email": settings.ORGANISATION_EMAIL,
            "founded": settings.ORGANISATION_FOUNDED,
            "report_url": settings.REPORT_ABUSE_URL,
        },
        "site_url": settings.SITE_URL,
        "is_demo": is_demo(),
        # Callables: staff pages, which show none of these, do no work for them.
        "language_links": lambda: list(language_links(request)),
        "trail_fields": lambda: trail_fields(trail_from(request)),
        "trail_query": lambda: trail_query(trail_from(request)),
        "trail_parameters": lambda: QueryDict(trail_query(trail_from(request))[1:]),
    }


def language_links(request: HttpRequest) -> Iterator[dict[str, str]]:
    """Yield this very page in each language: a link for visitors, an address for machines."""
    query = request.GET.copy()
    for name, value in trail_fields(trail_from(request)):
        if value:
            query[name] = value
    for code, _name in settings.LANGUAGES:
        path = translate_url(request.path, code)
        yield {
            "code": code,
            "name": get_language_info(code)["name_local"],
            "url": f"{path}?{query.urlencode()}" if query else path,
            "address": settings.SITE_URL + path,
        }
