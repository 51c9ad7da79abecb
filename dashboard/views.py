"""The dashboard's addresses. Each asks for the session and the rights of its page first."""

import gzip
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple

from dash.exceptions import DependencyException
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from dashboard import bridge, exports
from dashboard.app import PREFIX, app
from dashboard.bridge import Visit
from dashboard.pages import PAGES, Page

SUITES = "_dash-component-suites/"
View = Callable[..., HttpResponse]


def gated(view: View) -> View:
    """Let in who is signed in and may see the page; tell Dash's script the rest in JSON."""

    @wraps(view)
    def inner(request: HttpRequest, *, page: str, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if "/_dash-" in request.path:
                return JsonResponse({"error": "sign in"}, status=401)
            return redirect_to_login(request.get_full_path())
        if not PAGES[page].may_be_seen_by(request.user):
            raise PermissionDenied
        return view(request, page=PAGES[page], **kwargs)

    return inner


@gated
@require_GET
@cache_control(private=True, no_store=True)
def index(request: HttpRequest, page: Page) -> HttpResponse:
    """The page, whose forms set the CSRF cookie that Dash's script sends back."""
    return bridge.answer(app.server, Visit(request, page.name), PREFIX)


@gated
@require_http_methods(["GET", "POST"])
@cache_control(private=True, no_store=True)
def dash(request: HttpRequest, page: Page, endpoint: str) -> HttpResponse:
    """What Dash's script asks for: layout, dependencies, and the answers of callbacks."""
    return bridge.answer(app.server, Visit(request, page.name), f"{PREFIX}_dash-{endpoint}")


class Suite(NamedTuple):
    packed: bytes
    content_type: str
    is_fingerprinted: bool


@lru_cache(maxsize=64)
def packed_suite(path: str) -> Suite:
    """A script of Dash's, compressed once per process. Raises Http404."""
    with app.server.test_request_context(f"{PREFIX}{SUITES}{path}"):
        try:
            answer = app.server.full_dispatch_request()
        except DependencyException as error:
            raise Http404 from error
    if answer.status_code != 200:
        raise Http404
    packed = gzip.compress(answer.get_data(), 9)
    return Suite(packed, answer.content_type, answer.cache_control.max_age is not None)


@gated
@require_GET
@vary_on_headers("Accept-Encoding")
def suite(request: HttpRequest, page: Page, path: str) -> HttpResponse:
    found = packed_suite(path)
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    body = found.packed if is_packed else gzip.decompress(found.packed)
    answer = HttpResponse(body, content_type=found.content_type)
    if is_packed:
        answer["Content-Encoding"] = "gzip"
    year = "private, max-age=31536000, immutable"
    answer["Cache-Control"] = year if found.is_fingerprinted else "private, max-age=3600"
    return answer


@gated
@require_GET
@cache_control(private=True, no_store=True)
def export(request: HttpRequest, page: Page, chart: str) -> HttpResponse:
    """The table behind a chart, for the same filters."""
    if chart not in page.titles:
        raise Http404
    return HttpResponse(
        exports.file_of(page, chart, request.GET),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{chart}.csv"'},
    )
