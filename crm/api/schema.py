"""The OpenAPI document, and the words in which the resources describe themselves to it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.access import HEADER
from crm.api.hal import HAL

LINKS = serializers.DictField(child=serializers.JSONField(), help_text="HAL links, by relation.")
ERROR = inline_serializer(
    "Error",
    {
        "request_type": serializers.ChoiceField(["atomic"]),
        "response_code": serializers.IntegerField(),
        "resource_status": inline_serializer(
            "ResourceStatus",
            {
                "resource": serializers.CharField(),
                "response_code": serializers.IntegerField(),
                "errors": inline_serializer(
                    "ErrorDescription",
                    {
                        "code": serializers.CharField(),
                        "description": serializers.CharField(),
                        "properties": serializers.ListField(child=serializers.CharField()),
                    },
                    many=True,
                ),
            },
            many=True,
        ),
    },
)
REFUSALS = {
    400: "Something in the request is not right; `properties` says what.",
    401: "There is no valid key in the header.",
    403: "The key's scopes do not include this.",
    404: "There is nothing here.",
    429: "Too many requests; `Retry-After` says when to come back.",
}
PAGING = [
    OpenApiParameter("page", int, description="From 1 on."),
    OpenApiParameter("per_page", int, description="At most 25."),
    OpenApiParameter(
        "filter",
        str,
        description=(
            "`eq ne gt ge lt le`, `and`, `or`, parentheses: "
            "`modified_date gt '2026-01-01T00:00:00Z'`."
        ),
    ),
]


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "crm.api.access.TokenAuthentication"
    name = HEADER

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": HEADER}


def item(name: str, fields: dict[str, Any]) -> serializers.Serializer:
    """The shape of a resource: what all have in common, and its own fields."""
    common: dict[str, Any] = {
        "identifiers": serializers.ListField(
            child=serializers.CharField(), help_text="`system:id`, ours first."
        ),
        "origin_system": serializers.CharField(),
        "created_date": serializers.DateTimeField(),
        "modified_date": serializers.DateTimeField(),
    }
    return inline_serializer(name, {**common, **fields})


@cache
def page_of(shape: serializers.Serializer, rel: str) -> serializers.Serializer:
    name, many = type(shape).__name__, type(shape)(many=True)
    numbers = ("total_pages", "per_page", "page", "total_records")
    return inline_serializer(
        f"{name}Page",
        {
            **{number: serializers.IntegerField() for number in numbers},
            "_links": LINKS,
            "_embedded": inline_serializer(f"{name}Embedded", {rel: many}),
        },
    )


def described(name: str, shape: serializers.Serializer, many: str = "") -> Callable:
    """Describe a view's GET: one item, or a page of them under the relation `many`."""
    answer = page_of(shape, many) if many else shape
    return extend_schema_view(
        get=extend_schema(
            operation_id=name, parameters=PAGING if many else [], responses=answers(answer)
        )
    )


def recorded(name: str, form: type, shape: serializers.Serializer) -> Callable:
    """Describe a view's POST."""
    return extend_schema_view(
        post=extend_schema(
            operation_id=name,
            description=(
                "OSDI's record_signature_helper. The signer gets a mail by which they confirm; "
                "until then the signature is `pending`. Recording it again changes nothing and "
                "gives the same answer. A key that may not read signatures gets no more of it than "
                "its identifier, the petition and the links."
            ),
            request={"application/json": form, HAL: form},
            responses=answers(shape) | refusals({409: "The petition is not open."}),
        )
    )


def answers(shape: serializers.Serializer) -> dict[Any, Any]:
    return {(200, HAL): shape} | refusals(REFUSALS)


def refusals(texts: dict[int, str]) -> dict[Any, Any]:
    return {(code, HAL): OpenApiResponse(ERROR, description=text) for code, text in texts.items()}


def without_slashes(endpoints: list[Any], **_: Any) -> list[Any]:
    """Every address is served with and without a slash at its end; one of them is enough here."""
    return [entry for entry in endpoints if entry[0].count("/") == 3 or entry[0][-1] != "/"]


@cache
def document() -> dict[str, Any]:
    with translation.override("en"):
        return SchemaGenerator().get_schema(request=None, public=True)


class OpenApi(APIView):
    """The description of the API, for everybody."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    schema = None

    def get(self, request: Request) -> Response:
        return Response(document())
