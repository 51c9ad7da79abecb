"""HAL: the media type, the links, and the notation of moments."""

import io
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, NotAcceptable, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

HAL = "application/hal+json"
NAMESPACE = "soutien"
SYSTEM = "Soutien"
LONGEST_BODY = 1_048_576  # bytes

Json = dict[str, Any]


class HalRenderer(JSONRenderer):
    media_type = HAL
    format = "hal"


class TooLong(APIException):
    status_code = 413
    default_detail = _("The request is too long.")
    default_code = "too_long"


class JsonParser(JSONParser):
    """JSON of a reasonable length and depth."""

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            raise TooLong
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The request is nested too deeply.")) from error


class HalParser(JsonParser):
    media_type = HAL


class Negotiation(DefaultContentNegotiation):
    """Answer in HAL whatever is asked for: there is nothing else to offer."""

    def filter_renderers(self, renderers, format):  # noqa: A002 (DRF's name)
        return renderers

    def select_renderer(self, request, renderers, format_suffix=None):
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type


def link(request: Request, name: str, *ids: Any) -> Json:
    """A link to one of our own addresses."""
    return {"href": request.build_absolute_uri(reverse(f"api:{name}", args=ids))}


def curies(request: Request) -> list[Json]:
    """Where the prefixes of relations and fields are explained."""
    href = f"{link(request, 'openapi')['href']}#{{rel}}"
    return [{"name": name, "href": href, "templated": True} for name in ("osdi", NAMESPACE)]


def stamp(moment: datetime | None) -> str | None:
    """Write a moment as OSDI's clients read it: UTC, whole seconds.

    >>> stamp(datetime(2026, 3, 1, 9, 0, 59, 999, tzinfo=UTC))
    '2026-03-01T09:00:59Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
