"""Who sends the form, as far as counting needs it: keyed hashes, with a new key every day."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from crm.lib.network import network_of
from crm.lib.periods import local_day


@dataclass(frozen=True)
class Visitor:
    """Hashes of a visitor's network address and of their browser; "" where it says nothing."""

    address: str
    browser: str


def visitor_of(request: HttpRequest, *, at: datetime) -> Visitor:
    # Whoever sends a form has this cookie already: no other one is needed to tell browsers apart.
    cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    return Visitor(address=hashed(network_of(request), at), browser=hashed(cookie, at))


def hashed(text: str, at: datetime) -> str:
    if not text:
        return ""
    return salted_hmac(f"soutien.visitor.{local_day(at)}", text, algorithm="sha256").hexdigest()
