"""Addresses of records that were merged lead to the record that stands."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from crm.people.models import Supporter
from crm.people.standing import successor

KEY = "supporter_id"


class FollowMerges:
    """Where a staff page of a supporter is not there, shows that of the record they went into.

    Not for good, as far as browsers are told: a merge can be undone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        found = request.resolver_match
        if not isinstance(exception, Http404) or request.method != "GET":
            return None
        if found is None or found.namespace != "admin" or KEY not in found.kwargs:
            return None
        supporter = Supporter.objects.filter(pk=found.kwargs[KEY]).first()
        heir = successor(supporter) if supporter else None
        if heir is None:
            return None
        return redirect(found.view_name, *found.args, **{**found.kwargs, KEY: heir.pk})
