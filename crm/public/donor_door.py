"""The door of the donor's own page: every page behind it is opened by the link of a mail."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.lib.tokens import BadToken
from crm.public.donor_forms import LinkForm
from crm.public.donor_link import donor_of

View = Callable[..., HttpResponse]
AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


def for_donor(*methods: str) -> Callable[[View], View]:
    """Open a view, which gets `donor` and `token`, to who has a link that works."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, token: str, **options: Any) -> HttpResponse:
            try:
                donor = donor_of(token)
            except BadToken:
                return private(
                    render(request, "public/donor_old.html", {"form": LinkForm()}, status=410)
                )
            return private(view(request, token=token, donor=donor, **options))

        return never_cache(require_http_methods([*methods])(guarded))

    return decorate


def private(response: AnyResponse) -> AnyResponse:
    """Keep the address of a page to ourselves: it opens the page.

    `no-referrer` would also take the origin from our forms, by which CSRF attacks are told apart.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def back_to(
    token: str, page: str = "donor", *, said: str = "", anchor: str = "", **path: Any
) -> HttpResponse:
    """Lead to a page behind the same door, which says what was done."""
    address = reverse(f"public:{page}", kwargs={"token": token, **path})
    query = f"?said={said}" if said else ""
    return HttpResponse(
        status=303, headers={"Location": f"{address}{query}{anchor and '#' + anchor}"}
    )
