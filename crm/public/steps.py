"""What pages tell by themselves: that a petition was seen, and that a signer shared it.

Browsers send it beside the page (`navigator.sendBeacon`); without scripts nothing is told, and all
works. No cookie is set or read, and nothing is kept of who was there.
"""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crm.campaigns import sharing
from crm.campaigns.shares import Medium
from crm.campaigns.viewing import note_view
from crm.lib.network import network_of
from crm.public.campaigns import find_to_sign
from crm.public.signer import thanked
from crm.public.trail import trail_from

LONGEST = 2000  # characters that a page tells at once
PER_NETWORK = 60  # views a minute, in each process
NETWORKS = 10_000  # of which these are remembered in a minute
recent: dict[int, Counter[str]] = {}


@csrf_exempt  # whoever could send this from elsewhere could as well open the page
@require_POST
def seen(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, now = find_to_sign(slug), timezone.now()
    if may_count(request, minute=int(now.timestamp()) // 60):
        language = get_language() or "fr"
        note_view(campaign=campaign, trail=trail_from(request), language=language, at=now)
    return HttpResponse(status=204)


@csrf_exempt  # the signed token of the thanks page says who shares; no cookie does
@require_POST
def shared(request: HttpRequest, slug: str) -> HttpResponse:
    if is_short(request) and (medium := request.POST.get("medium", "")) in Medium:
        signature = thanked(request.POST.get("s", ""), find_to_sign(slug))
        if signature is not None:
            sharing.share(signature=signature, medium=Medium(medium), at=timezone.now())
    return HttpResponse(status=204)


def is_short(request: HttpRequest) -> bool:
    length = request.headers.get("Content-Length") or "0"
    return length.isdecimal() and int(length) <= LONGEST


def wants_no_notice(request: HttpRequest) -> bool:
    """Whether the browser says that its reader is not to be followed: then nothing is counted."""
    return "1" in {request.headers.get("DNT"), request.headers.get("Sec-GPC")}


def is_own_page(request: HttpRequest) -> bool:
    """Whether it was one of our pages that told; older browsers do not say."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def may_count(request: HttpRequest, *, minute: int) -> bool:
    """Whether a view counts: its network, which is forgotten then, has not too many this minute."""
    if wants_no_notice(request) or not (is_short(request) and is_own_page(request)):
        return False
    network = network_of(request)
    if minute not in recent:
        recent.clear()
    views = recent.setdefault(minute, Counter())
    if network not in views and len(views) >= NETWORKS:
        return False
    views[network] += 1
    return not network or views[network] <= PER_NETWORK
