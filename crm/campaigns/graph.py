"""Asking Facebook's Graph API what somebody filled in. The only place that speaks to it."""

import hashlib
import hmac
import json
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

from django.conf import settings

FIELDS = "id,created_time,form_id,field_data,custom_disclaimer_responses"
PATIENCE = 15  # seconds
LARGEST = 1 << 20  # bytes
NEEDED = ("FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN", "FACEBOOK_PAGE_TOKEN")
# Numbers of Facebook's errors: it is busy, or we asked too often…
BUSY = {1, 2, 4, 17, 32, 341, 368, 613}
# …or our token has ended, or lacks a permission.
FORBIDDEN = {10, 102, 190, *range(200, 300)}


class TryLater(Exception):
    """Facebook cannot be reached, or is busy."""


class NotAllowed(TryLater):
    """Facebook does not accept our page's token, until somebody renews it."""


class Unknown(Exception):
    """Facebook knows no such lead, or does not show it to us."""


def is_set_up() -> bool:
    """Whether this server has all that Facebook and we agreed upon."""
    return all(getattr(settings, name) for name in NEEDED)


def lead(lead_id: str) -> dict[str, Any]:
    """Return what Facebook has of a lead. Raises TryLater (of which NotAllowed) and Unknown."""
    token = settings.FACEBOOK_PAGE_TOKEN
    query = urlencode({"fields": FIELDS, "appsecret_proof": proof_of(token)})
    address = f"{settings.FACEBOOK_GRAPH_URL}/{lead_id}?{query}"
    request = Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with opener().open(request, timeout=PATIENCE) as answer:
            found = read(answer)
    except (URLError, OSError) as error:
        raise TryLater(type(error).__name__) from error
    if answer.status == 200 and isinstance(found.get("field_data"), list):
        return found
    raise refusal(answer.status, found.get("error"))


def opener() -> OpenerDirector:
    """Follow no redirect, which would carry the token elsewhere; an error is an answer."""
    plain = OpenerDirector()
    plain.add_handler(HTTPHandler())
    plain.add_handler(HTTPSHandler())
    return plain


def proof_of(token: str) -> str:
    """Prove that whoever uses the token is our app; apps can be told to insist on it."""
    key = settings.FACEBOOK_APP_SECRET.encode()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()


def read(answer: Any) -> dict[str, Any]:
    try:
        found = json.loads(answer.read(LARGEST))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refusal(status: int, error: Any) -> Exception:
    """Return what an answer without a lead means. Its message is not kept: it may quote people."""
    told = error if isinstance(error, dict) else {}
    code = told.get("code")
    if told.get("is_transient") or code in BUSY or status == 429 or status >= 500:
        return TryLater(f"{status} {code}")
    if code in FORBIDDEN or status in (401, 403):
        return NotAllowed(f"{status} {code}")
    return Unknown(f"{status} {code}") if 400 <= status < 500 else TryLater(f"{status} {code}")
