"""The entry point, and what stands at addresses that there are not."""

from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.access import ANY, METHODS
from crm.api.hal import NAMESPACE, SYSTEM, curies, link
from crm.api.listing import MAX_PAGESIZE
from crm.api.schema import LINKS, described

ENTRY = inline_serializer(
    "EntryPoint",
    {
        **{
            name: serializers.CharField()
            for name in ("motd", "vendor_name", "product_name", "osdi_version", "namespace")
        },
        "max_pagesize": serializers.IntegerField(),
        "_links": LINKS,
    },
)


@described("entry_point", ENTRY)
class EntryPoint(APIView):
    """Where a program begins. Any valid key opens it."""

    http_method_names = METHODS
    resource = "osdi:aep"
    scopes = {"GET": ANY}

    def get(self, request: Request) -> Response:
        return Response(
            {
                "motd": f"{SYSTEM}, {settings.ORGANISATION_NAME}",
                "vendor_name": settings.ORGANISATION_NAME,
                "product_name": SYSTEM,
                "osdi_version": "1.1.1",
                "max_pagesize": MAX_PAGESIZE,
                "namespace": NAMESPACE,
                "_links": {
                    "self": link(request, "entry-point"),
                    "osdi:people": link(request, "people"),
                    "osdi:petitions": link(request, "petitions"),
                    "osdi:donations": link(request, "donations"),
                    "docs": link(request, "openapi"),
                    "curies": curies(request),
                },
            }
        )


class Nowhere(APIView):
    """Unknown addresses are refused in the same shape as everything else."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
