"""What the programmes reach: a page for everybody, and the same as JSON."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from crm.lib.periods import local_day
from crm.programmes.impact import Figure, by_year, newest

SECONDS = 300


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    years = by_year(today=local_day(timezone.now()))
    return render(request, "public/impact.html", {"figures": newest(years), "years": years})


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The figures as JSON (docs/programmes.md tells its shape), which caches may keep."""
    years = by_year(today=local_day(timezone.now()))
    answer = {
        "organisation": settings.ORGANISATION_NAME,
        "figures": [told(figure) for figure in newest(years)],
        "years": {str(year): [told(figure) for figure in found] for year, found in years},
    }
    response = JsonResponse(answer)
    # Any site may show them: they are sums, and nobody is signed in here.
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


def told(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "year": figure.year,
        "value": figure.value,
        "source": "records" if figure.is_counted else "reported",
        "until": figure.until.isoformat(),
    }
