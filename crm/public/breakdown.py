"""How a campaign counts: a page that defines each number, and the same as JSON.

How many wait or withdrew is told once no more names are taken: before, whoever signs with somebody
else's address would see by these whether it had signed.
"""

from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.campaigns.breakdown import Breakdown, breakdown_of
from crm.campaigns.counting_words import BESIDE, WAYS
from crm.campaigns.models import Campaign
from crm.public.campaigns import find
from crm.public.kept import shown_to_all


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """What is in the number on the petition, what is not, and what each means."""
    return shown_to_all(request, lambda: told(request, find(slug), at=timezone.now()))


def told(request: HttpRequest, campaign: Campaign, *, at: datetime) -> HttpResponse:
    found, is_open = breakdown_of(campaign), campaign.is_open(at)
    context = {
        "campaign": campaign,
        "text": campaign.text(),
        "count": found.total,
        "total": intcomma(found.total),
        "parts": [part(WAYS[way], number) for way, number in found.ways.items() if number],
        "others": [part(WAYS[way], number) for way, number in found.ways.items() if not number],
        "beside": [part(BESIDE[name], number) for name, number in beside(found).items()],
        "counted_at": None if is_open else found.counted_at,
        "is_open": is_open,
        "joining": campaign.kind == Campaign.Kind.SIGN_UP,
    }
    return render(request, "public/breakdown.html", context)


def part(words: tuple[Any, Any], number: int) -> dict[str, Any]:
    title, sentence = words
    return {"title": title, "sentence": sentence, "number": intcomma(number)}


def beside(found: Breakdown) -> dict[str, int]:
    return {"waiting": found.waiting, "withdrawn": found.withdrawn}


@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers, which any site may read: they are sums, and nobody is signed in here."""
    response = shown_to_all(request, lambda: numbers(find(slug), at=timezone.now()))
    response["Access-Control-Allow-Origin"] = "*"
    return response


def numbers(campaign: Campaign, *, at: datetime) -> HttpResponse:
    """`counted` adds up to `count`, the counter; `beside`, null while it is open, is not in it."""
    found, is_open = breakdown_of(campaign), campaign.is_open(at)
    told = {
        "count": found.total,
        "counted": found.ways,
        "beside": None if is_open else beside(found),
        "beside_counted_at": found.counted_at.isoformat()
        if found.counted_at and not is_open
        else None,
    }
    return JsonResponse(told)
