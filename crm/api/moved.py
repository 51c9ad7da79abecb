"""Addresses of people whose record was merged lead to the record that stands."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from crm.people.models import Supporter
from crm.people.standing import successor


class FollowsMerges:
    """A view of one person's things; `person` names the part of the address that says whose."""

    person = "person"

    def get(self, request: Request, *args: Any, **parts: Any) -> Response:
        try:
            return super().get(request, *args, **parts)  # type: ignore[misc]
        except Http404:
            heir = heir_of(parts[self.person])
            if heir is None:
                raise
            return moved(request, {**parts, self.person: heir.public_id})


def heir_of(public_id: Any) -> Supporter | None:
    """Return the record that stands for one that was merged, unless it was erased."""
    asked = Supporter.objects.filter(public_id=public_id).first()
    heir = successor(asked) if asked else None
    return heir if heir and not heir.erased_at else None


def moved(request: Request, parts: dict[str, Any]) -> Response:
    """Send on, with what was asked for in the query."""
    path = reverse(request.resolver_match.view_name, kwargs=parts)  # type: ignore[union-attr]
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri(f"{path}?{query}" if query else path)
    return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": address})
