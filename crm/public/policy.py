"""The content security policy, which is the same for nearly all pages: written once."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

OWN = ("_csp_exempt", "_csp_config", "_csp_update", "_csp_replace")


class PolicyMiddleware(CSPMiddleware):
    """django-csp, which would write it anew for each page, also where no page has its own."""

    written_from: Any = None
    policy = ""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_usual = not any(hasattr(response, name) for name in OWN) and HEADER not in response
        explains = settings.DEBUG and response.status_code in (404, 500)
        if explains or not is_usual or getattr(request, "_csp_nonce", None):
            return super().process_response(request, response)
        response[HEADER] = self.usual()
        return response

    def usual(self) -> str:
        """Return the policy of a page that asked for nothing."""
        if self.written_from is not settings.CONTENT_SECURITY_POLICY:
            self.policy = super().process_response(HttpRequest(), HttpResponse())[HEADER]
            self.written_from = settings.CONTENT_SECURITY_POLICY
        return self.policy
