"""Where Facebook tells that somebody filled in a lead form: verify, keep, answer."""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.campaigns import graph
from crm.campaigns.lead_operations import keep_leads

LARGEST = 1 << 20  # bytes; a thousand leads, which is all that Facebook sends at once, are a third
LONGEST = 200
NUMBER = re.compile(r"\d{1,40}", re.ASCII)
logger = logging.getLogger(__name__)


@csrf_exempt  # Facebook signs what it posts, and has no cookie of ours
@never_cache
@require_http_methods(["GET", "POST"])
def leads(request: HttpRequest) -> HttpResponse:
    """Prove that we expect what Facebook sends, or take it."""
    if not graph.is_set_up():
        raise Http404
    return take(request) if request.method == "POST" else prove(request)


def prove(request: HttpRequest) -> HttpResponse:
    """Answer with the word that Facebook sent, to who knows the word that staff agreed with it."""
    told = request.GET
    is_known = constant_time_compare(
        told.get("hub.verify_token", ""), settings.FACEBOOK_VERIFY_TOKEN
    )
    if told.get("hub.mode") != "subscribe" or not is_known:
        return HttpResponse(status=403)
    return HttpResponse(told.get("hub.challenge", "")[:LONGEST], content_type="text/plain")


def take(request: HttpRequest) -> HttpResponse:
    """Keep the leads that are announced; they are fetched later."""
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse(status=413)
    if len(body) > LARGEST:
        return HttpResponse(status=413)
    if not is_signed(body, request.headers.get("X-Hub-Signature-256", "")):
        logger.warning("a webhook for leads was refused")
        return HttpResponse(status=403)
    try:
        announced = list(announced_in(json.loads(body)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    keep_leads(announced=announced, at=timezone.now())
    return HttpResponse(status=200)


def is_signed(body: bytes, signature: str) -> bool:
    key = settings.FACEBOOK_APP_SECRET.encode()
    return constant_time_compare(
        f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}", signature
    )


def announced_in(message: dict) -> Iterator[tuple[str, str]]:
    """Yield the number of each lead and of its form. What is about other things is passed over.

    Raises ValueError, LookupError, TypeError or AttributeError for what Facebook would not send.
    """
    if message["object"] != "page":
        return
    for entry in message["entry"]:
        for change in entry.get("changes", []):
            if change["field"] == "leadgen":
                value = change["value"]
                yield number(value["leadgen_id"]), number(value["form_id"])


def number(told: int | str) -> str:
    """Return a number of Facebook's, which it writes as a number or as text."""
    if not NUMBER.fullmatch(str(told)):
        raise ValueError
    return str(told)
