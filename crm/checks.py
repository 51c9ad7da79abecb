"""Wrong configuration, told at start: numbered, with the name of the variable."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@register()
def stripe_keys_belong_together(**_kwargs: Any) -> list[Error]:
    errors = []
    key, secret = settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET
    if key and not secret:
        errors.append(Error("STRIPE_WEBHOOK_SECRET is not set, but STRIPE_SECRET_KEY is", id="E1"))
    if secret and not key:
        errors.append(Error("STRIPE_SECRET_KEY is not set, but STRIPE_WEBHOOK_SECRET is", id="E2"))
    if key and not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        errors.append(Error("STRIPE_SECRET_KEY must begin with sk_test_, sk_live_, …", id="E3"))
    return errors


@register()
def local_stripe_stays_local(**_kwargs: Any) -> list[Error]:
    """A live key must never be sent to anything but Stripe."""
    base = settings.STRIPE_API_BASE
    if not base:
        return []
    errors = []
    if urlsplit(base).hostname not in LOOPBACK:
        errors.append(Error("STRIPE_API_BASE must be an address of this machine", id="E4"))
    if "_live_" in settings.STRIPE_SECRET_KEY:
        errors.append(Error("STRIPE_SECRET_KEY is live: unset STRIPE_API_BASE", id="E5"))
    return errors


@register()
def addresses_are_complete(**_kwargs: Any) -> list[Error]:
    if urlsplit(settings.SITE_URL).scheme not in {"http", "https"}:
        return [Error("SITE_URL must look like https://give.example.org", id="E6")]
    return []
