"""Hands to Dash what Django has let through. Dash's own server never sees the network."""

from contextvars import ContextVar
from io import BytesIO, StringIO
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

KEPT = ("Content-Type", "Cache-Control", "Location")


class Visit(NamedTuple):
    """Who asks, and on which page."""

    request: Any  # an HttpRequest, with what middleware has added
    page: str


_visit: ContextVar[Visit] = ContextVar("dashboard_visit")


def current() -> Visit:
    """The visit that a layout or a callback runs for. Raises LookupError outside of one."""
    return _visit.get()


def is_visited() -> bool:
    """False while Dash sets itself up."""
    return _visit.get(None) is not None


def answer(server: Any, visit: Visit, path: str) -> HttpResponse:
    """Let Dash's Flask answer a request, as if it had come to `path`.

    What a callback raises passes through, so that Django logs and answers it.
    """
    token = _visit.set(visit)
    try:
        with server.request_context(environ(visit.request, path)):
            flask = server.full_dispatch_request()
    finally:
        _visit.reset(token)
    headers = {name: flask.headers[name] for name in KEPT if name in flask.headers}
    return HttpResponse(flask.get_data(), status=flask.status_code, headers=headers)


def environ(request: HttpRequest, path: str) -> dict[str, Any]:
    """The request as WSGI tells it, whatever server brought it to Django."""
    body = request.body
    return {
        **{name: value for name, value in request.META.items() if isinstance(value, str)},
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
    }
