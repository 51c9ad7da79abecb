"""Who may call the API, for what, and how often."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.throttling import SimpleRateThrottle

from crm.api.models import ApiToken, Scope
from crm.api.operations import note_use

HEADER = "OSDI-API-Token"
ANY = frozenset(Scope)
METHODS = ["get", "head", "post"]


class TokenAuthentication(BaseAuthentication):
    """The key stands in a header, never in the address, which servers write into their logs."""

    def authenticate(self, request):
        key = request.headers.get(HEADER)
        if key is None:
            return None
        now = timezone.now()
        token = ApiToken.objects.valid(now).filter(digest=ApiToken.digest_of(key)).first()
        if token is None:
            raise AuthenticationFailed(_("This API key is not valid."), code="invalid_token")
        note_use(token=token, at=now)
        return None, token

    def authenticate_header(self, request) -> str:
        return HEADER


class HasScope(BasePermission):
    """A view says in `scopes`, per method, which scopes open it; what it does not say is closed."""

    def has_permission(self, request, view) -> bool:
        if request.auth is None:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        if method not in view.allowed_methods:
            return True  # there is nothing to protect: the answer is 405
        return not view.scopes.get(method, frozenset()).isdisjoint(request.auth.scopes)


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute for each key."""

    rate = "600/min"

    def get_cache_key(self, request, view) -> str | None:
        token: Any = request.auth
        return None if token is None else f"api-requests:{token.pk}"
