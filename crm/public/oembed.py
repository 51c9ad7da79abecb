"""oEmbed 1.0 (https://oembed.com): how a site shows a petition of which it has the address only."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language_from_path
from django.views.decorators.http import require_safe

from crm.campaigns.embedding import HEIGHT, WIDTH, iframe
from crm.campaigns.models import Campaign
from crm.public import embed

SECONDS = 300
PAGES = ("public:petition", "public:embed")


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Say how to show what stands at an address of ours. Others ask from anywhere."""
    if request.GET.get("format", "json") != "json":
        unknown = HttpResponse(status=501)
        unknown._has_been_logged = True  # type: ignore[attr-defined]  # a visitor's mistake, not ours
        return unknown
    slug, language = petition_at(request.GET.get("url", ""))
    with translation.override(language):
        response = JsonResponse(shown(embed.find(slug), language, request))
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


def petition_at(url: str) -> tuple[str, str]:
    """Return which petition a page of ours is about, and in which language. Raises Http404."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Http404(url) from None
    language = get_language_from_path(parts.path)
    if parts.netloc != urlsplit(settings.SITE_URL).netloc or language is None:
        raise Http404(url)
    try:
        with translation.override(language):
            page = resolve(parts.path)
    except Resolver404:
        raise Http404(url) from None
    if page.view_name not in PAGES:
        raise Http404(url)
    return page.kwargs["slug"], language


def shown(campaign: Campaign, language: str, request: HttpRequest) -> dict[str, str | int]:
    width = smaller(request.GET.get("maxwidth", ""), WIDTH)
    height = smaller(request.GET.get("maxheight", ""), HEIGHT)
    return {
        "version": "1.0",
        "type": "rich",
        "title": campaign.text().title,
        "provider_name": settings.ORGANISATION_NAME,
        "provider_url": settings.ORGANISATION_URL,
        "cache_age": SECONDS,
        "html": iframe(campaign, language, width=str(width), height=height),
        "width": width,
        "height": height,
    }


def smaller(told: str, usual: int) -> int:
    """Return a size, or the one that was asked for where that is smaller."""
    return min(int(told), usual) if told.isdecimal() and 0 < len(told) < 6 and int(told) else usual
