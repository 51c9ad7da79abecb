"""The staff pages as one admin site, with allauth at its door."""

from typing import Any

from csp.constants import UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from crm.mailing.colleagues import remember_language
from crm.staff import home


class StaffSite(UnfoldAdminSite):
    index_title = _("Home")
    index_template = "staff/home.html"
    empty_value_display = "–"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        # Alpine, which moves unfold's menus and filters, compiles its attributes in the browser.
        relax = csp_update({"script-src": [UNSAFE_EVAL]})
        return relax(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send strangers to the sign-in page; tell who is not staff that they are not."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            return TemplateResponse(request, "staff/refused.html", status=403)
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return LogoutView.as_view(next_page="account_login")(request)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        remember_language(user=request.user, language=get_language() or "")
        return super().index(request, home.overview(request.user))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Only for an app's own page: on every other one the menu is ours, and asks for no right
        of every model there is."""
        return super().get_app_list(request, app_label) if app_label else []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # Unfold would write colours into the page; ours are in a stylesheet, as the policy wants.
        return super().each_context(request) | {"colors": None, "border_radius": None}


site = StaffSite()
