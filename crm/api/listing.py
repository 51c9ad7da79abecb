"""A collection a page at a time, and one of its items: what every resource has in common."""

import re
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api import odata
from crm.api.access import METHODS
from crm.api.hal import Json, curies

MAX_PAGESIZE = 25


class Resource(APIView):
    """What a resource says of itself: `rows` selects, `show` writes one row down."""

    http_method_names = METHODS
    scopes: ClassVar[dict[str, frozenset]] = {}
    resource: str
    rel: str
    fields: ClassVar[dict[str, odata.Field]] = {}

    def rows(self, **parents: Any) -> QuerySet:
        raise NotImplementedError

    def show(self, row: Any) -> Json:
        raise NotImplementedError

    def finalize_response(self, *args: Any, **options: Any) -> Any:
        response = super().finalize_response(*args, **options)
        # Personal data: nobody on the way may keep it.
        patch_cache_control(response, private=True, no_store=True)
        return response

    def whole(self, row: Any) -> Json:
        """An item that stands alone, with the explanation of its prefixes."""
        shown = self.show(row)
        return {**shown, "_links": {**shown["_links"], "curies": curies(self.request)}}


class Listing(Resource):
    """A page of a collection. Its order is that of arrival, so that no row is ever skipped."""

    def get(self, request: Request, **parents: Any) -> Response:
        number = self.asked("page", 1)
        size = min(self.asked("per_page", MAX_PAGESIZE), MAX_PAGESIZE)
        rows, narrowed = self.rows(**parents), False
        if condition := self.condition():
            rows, narrowed = rows.filter(condition), True
        total = rows.count()
        found = page_of(rows, number, size, total, narrowed=narrowed)
        return Response(self.page([self.show(row) for row in found], number, size, total))

    def page(self, items: list[Json], number: int, size: int, total: int) -> Json:
        pages = -(-total // size)
        return {
            "total_pages": pages,
            "per_page": size,
            "page": number,
            "total_records": total,
            "_links": {
                **self.ways(number, pages),
                self.rel: [item["_links"]["self"] for item in items],
                "curies": curies(self.request),
            },
            "_embedded": {self.rel: items},
        }

    def condition(self) -> Q | None:
        """What the address filters on."""
        text = self.request.query_params.get("filter", "").strip()
        try:
            return odata.parse(text, self.fields) if text else None
        except odata.BadFilter as error:
            raise ValidationError({"filter": [str(error)]}, code="invalid_filter") from error

    def asked(self, name: str, otherwise: int) -> int:
        """A whole number from the address, from one on."""
        text = self.request.query_params.get(name)
        if text is None:
            return otherwise
        if not re.fullmatch(r"0*[1-9][0-9]{0,17}", text):
            raise ValidationError({name: [_("This is not a page number.")]}, code="invalid")
        return int(text)

    def ways(self, number: int, pages: int) -> Json:
        """Links to this page and its neighbours. Clients stop where there is no `next`."""
        ways = {"self": self.at(number)}
        if number < pages:
            ways["next"] = self.at(number + 1)
        if number > 1 and pages:
            ways["previous"] = self.at(min(number - 1, pages))
        return ways

    def at(self, page: int) -> Json:
        asked = self.request.query_params
        kept = {name: asked[name] for name in ("per_page", "filter") if name in asked}
        query = urlencode({"page": page, **kept})
        path = self.request.path.rstrip("/")
        return {"href": self.request.build_absolute_uri(f"{path}?{query}")}


def page_of(rows: QuerySet, number: int, size: int, total: int, *, narrowed: bool) -> QuerySet:
    """The rows of one page; what lies before it is passed over by number, not read."""
    first = (number - 1) * size
    if first >= total:
        return rows.none()
    # The sum keeps the database from walking through all rows in their order, hoping to meet
    # soon the few that a filter leaves: it takes the filter's index, and sorts what it finds.
    order = F("pk") + 0 if narrowed else F("pk")
    ids = list(rows.order_by(order).values_list("pk", flat=True)[first : first + size])
    return rows.filter(pk__in=ids).order_by("pk")


class Single(Resource):
    """One item."""

    def get(self, request: Request, public_id: Any, **parents: Any) -> Response:
        row = get_object_or_404(self.rows(**parents), public_id=public_id)
        return Response(self.whole(row))
