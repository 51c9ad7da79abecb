"""The page of a campaign: read, signed, and its counter."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns import signing
from crm.campaigns.comments import Comment
from crm.public.campaigns import about, find, find_to_sign
from crm.public.counter import counter_of
from crm.public.signature_form import SignatureForm
from crm.public.trail import trail_from, trail_query

COMMENTS = 3
COUNTER_SECONDS = 5


@require_http_methods(["GET", "HEAD", "POST"])
def petition(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = find_to_sign(slug) if request.method == "POST" else find(slug)
    now = timezone.now()
    form = SignatureForm(request.POST if request.method == "POST" else None)
    if not (campaign.is_open(now) and form.is_valid()):
        comments = Comment.objects.shown().filter(signature__campaign=campaign)
        page = about(campaign) | {
            "form": form,
            "is_open": campaign.is_open(now),
            "is_early": now < campaign.opens_at,
            "comments": comments.select_related("signature__supporter")[:COMMENTS],
        }
        return render(request, "public/petition.html", page, status=422 if form.is_bound else 200)
    trail = trail_from(request)
    if not form.is_robot:
        signing.sign(
            campaign=campaign, language=get_language(), trail=trail, at=now, **form.cleaned_data
        )
    # The same answer for everybody: nobody learns here who has signed already.
    return redirect(reverse("public:petition-signed", args=[slug]) + trail_query(trail))


@require_safe
def count(request: HttpRequest, slug: str) -> HttpResponse:
    """The counter as JSON, which caches may keep for some seconds."""
    counter = counter_of(find(slug))
    response = JsonResponse(
        {"count": counter.count, "filled": counter.filled, "text": counter.text}
    )
    response["ETag"] = counter.etag
    patch_cache_control(response, public=True, max_age=COUNTER_SECONDS)
    return get_conditional_response(request, etag=counter.etag, response=response) or response
