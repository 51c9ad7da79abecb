"""Lets the history of rows know which member of staff changes them."""

from collections.abc import Callable

import pghistory
from django.http import HttpRequest, HttpResponse

STAFF = "/staff/"
SAFE = ("GET", "HEAD", "OPTIONS")


class ActingMiddleware:
    """Puts who acts beside each change of a staff page. Other pages do not pay for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or not request.path.startswith(STAFF):
            return self.get_response(request)
        with pghistory.context(user=request.user.pk):
            return self.get_response(request)
