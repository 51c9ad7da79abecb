"""The page of a campaign: read, signed, and its counter."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign
from crm.public.accepting import accept
from crm.public.campaigns import about, find, find_to_sign
from crm.public.counter import counter_of
from crm.public.kept import shown_to_all
from crm.public.signature_form import SignatureForm
from crm.public.trail import trail_query

COMMENTS = 3


@csrf_exempt  # signing needs no cookie, and whoever could send this form could send it anyway
@require_http_methods(["GET", "HEAD", "POST"])
def petition(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return shown_to_all(request, lambda: page(request, find(slug), at=now))
    campaign = find_to_sign(slug)
    form = SignatureForm(request.POST, campaign=campaign)
    if not (campaign.is_open(now) and form.is_valid()):
        return page(request, campaign, form, at=now)
    trail = accept(request, form=form, campaign=campaign, at=now)
    # The same answer for everybody: nobody learns here who has signed already.
    return redirect(reverse("public:petition-signed", args=[slug]) + trail_query(trail))


def page(
    request: HttpRequest, campaign: Campaign, form: SignatureForm | None = None, *, at: datetime
) -> HttpResponse:
    """The page, with an empty form or with one that could not be taken."""
    comments = Comment.objects.shown().filter(signature__campaign=campaign)
    told = about(campaign) | {
        "form": form or SignatureForm(campaign=campaign),
        "is_open": campaign.is_open(at),
        "is_early": at < campaign.opens_at,
        "comments": comments.select_related("signature__supporter")[:COMMENTS],
    }
    return render(request, "public/petition.html", told, status=422 if form else 200)


@require_safe
def count(request: HttpRequest, slug: str) -> HttpResponse:
    """The counter as JSON, which caches may keep for some seconds, and other sites may read."""
    response = shown_to_all(request, lambda: counted(find(slug)))
    response["Access-Control-Allow-Origin"] = "*"
    return response


def counted(campaign: Campaign) -> HttpResponse:
    counter = counter_of(campaign)
    return JsonResponse(
        {
            "count": counter.count,
            "filled": counter.filled,
            "text": counter.text,
            "goal": counter.goal,
            "goal_text": counter.goal_text,
        }
    )
