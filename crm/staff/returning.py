"""Where a page sends its reader back to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

STAFF = "/staff/"


def came_from(request: HttpRequest, otherwise: str) -> str:
    """Return the staff page that the form named as the one to go back to."""
    told = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = told.startswith(STAFF) and url_has_allowed_host_and_scheme(told, allowed_hosts=None)
    return told if is_ours else otherwise


def go_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    return redirect(came_from(request, otherwise))
