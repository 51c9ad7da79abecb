"""The picture of a campaign, at an address that changes with it, so that caches may keep it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from crm.campaigns.pictures import CampaignPicture

A_YEAR = 365 * 24 * 3600


def with_pictures(campaigns: Any) -> Any:
    """Campaigns with all of their picture but the picture itself, in the same query."""
    return campaigns.select_related("picture").defer("picture__content")


@require_safe
def picture(request: HttpRequest, slug: str, digest: str, ending: str) -> HttpResponse:
    """The picture; under a digest that is not its own, there is nothing."""
    found = get_object_or_404(CampaignPicture, campaign__slug=slug)
    if (found.key, found.ending) != (digest, ending):
        raise Http404(digest)
    etag = f'"{found.key}"'
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return get_conditional_response(request, etag=etag, response=response) or response
