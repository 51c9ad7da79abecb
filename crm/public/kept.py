"""What is shown to everybody alike is made once a second, not once a visitor."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language

PAGE_SECONDS = 1.0  # how far behind a page may be
BROWSER_SECONDS = 1  # for how long browsers and proxies may keep one
MOST = 200
EVERYTHING: "list[Kept]" = []


class Page(NamedTuple):
    content: bytes
    content_type: str
    etag: str


class Kept:
    """Values that hold for a while in this process; all go when they are many."""

    def __init__(self) -> None:
        self.values: dict[object, tuple[float, float, Any]] = {}
        EVERYTHING.append(self)

    def get(self, key: object, make: Callable[[], Any], *, seconds: float) -> Any:
        """Return what was made under this key less than `seconds` ago, else what is made now.

        At half its time one visitor makes it anew, and the others are served what there is.
        """
        began = time.monotonic()
        due, ends, value = self.values.get(key, (began, began, None))
        if began < due:
            return value
        if began < ends:
            self.values[key] = (ends, ends, value)
        value = make()
        if len(self.values) >= MOST:
            self.values = {}
        # As old as what was read for it, not as when it was done.
        self.values[key] = (began + seconds / 2, began + seconds, value)
        return value


def forget_all() -> None:
    for kept in EVERYTHING:
        kept.values = {}


pages = Kept()


def shown_to_all(request: HttpRequest, make: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer with a page that depends on nothing but its address and language.

    What one visitor brings along must not be shown to the next: the page they came from is told by
    the browser (trail.js), and there is no cookie.
    """
    request.META.pop("HTTP_REFERER", None)
    key = (request.get_host(), request.get_full_path(), get_language())
    page = pages.get(key, lambda: page_of(make()), seconds=PAGE_SECONDS)
    response = HttpResponse(page.content, content_type=page.content_type)
    response["ETag"] = page.etag
    patch_cache_control(response, public=True, max_age=BROWSER_SECONDS)
    return get_conditional_response(request, etag=page.etag, response=response) or response


def page_of(response: HttpResponse) -> Page:
    etag = f'"{sha256(response.content).hexdigest()[:20]}"'
    return Page(response.content, response["Content-Type"], etag)
