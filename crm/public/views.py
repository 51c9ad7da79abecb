"""Pages for everybody: what there is to sign, to join and to give for."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns import operations
from crm.campaigns.models import Campaign, Comment
from crm.lib.tokens import BadToken
from crm.public import signer
from crm.public.counter import counter_of
from crm.public.forms import SignatureForm
from crm.public.sharing import address, shares
from crm.public.showcase import showcase
from crm.public.trail import trail_from, trail_query

COMMENTS = 3
COUNTER_SECONDS = 5
CAMPAIGN_SECONDS = 1


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/home.html", showcase(now=timezone.now()))


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
        operations.sign(
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


@require_safe
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "public/signed.html", about(find(slug)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        signature = signer.signature_to_confirm(token)
    except BadToken:
        return render(request, "public/confirm_old.html", status=410)
    if request.method == "POST":
        operations.confirm(signature=signature, at=timezone.now())
        return redirect(signer.thanks_url(signature))
    return render(request, "public/confirm.html", about(signature.campaign))


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = find(slug)
    page = about(campaign) | {
        "shares": shares(campaign),
        "share_address": address(campaign, "link"),
        "signer_trail": signer.query_of(request.GET.get("s", "")),
    }
    return render(request, "public/thanks.html", page)


def find(slug: str) -> Campaign:
    """Return a campaign that people sign or join. Raises Http404."""
    signable = Campaign.objects.public().exclude(kind=Campaign.Kind.APPEAL)
    return get_object_or_404(signable.with_texts(), slug=slug)


def find_to_sign(slug: str) -> Campaign:
    """Return it as it was a moment ago: thousands who sign at once need not all ask for it.

    Its days hold to the second; what staff change holds after `CAMPAIGN_SECONDS`.
    """
    key = f"campaign:{slug[:60]}"  # real ones are shorter
    campaign: Campaign | None = cache.get(key)
    if campaign is None:
        campaign = find(slug)
        cache.set(key, campaign, CAMPAIGN_SECONDS)
    return campaign


def about(campaign: Campaign) -> dict[str, Any]:
    """What every page about a campaign shows."""
    return {
        "campaign": campaign,
        "text": campaign.text(),
        "counter": counter_of(campaign),
        "joining": campaign.kind == Campaign.Kind.SIGN_UP,
    }
