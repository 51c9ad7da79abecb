"""Wrong configuration, told at start: numbered, with the name of the variable."""

import re
from typing import Any
from urllib.parse import urlsplit

from babel.numbers import list_currencies
from django.conf import settings
from django.core.checks import Error, register
from stdnum import bic, iban

from crm.campaigns import proving
from crm.donations import institution

# Stripe counts these in other units than babel does, or takes no last decimal.
COUNTED_OTHERWISE = {
    *("AFN", "ALL", "ISK", "LAK", "LBP", "MMK", "RSD", "SOS", "STD", "UGX", "YER"),
    *("BHD", "JOD", "KWD", "OMR", "TND"),
}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LONGEST_NAME = 70  # of who holds an account, in an EPC QR code


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


@register()
def accounts_exist(**_kwargs: Any) -> list[Error]:
    """A wrong account on a payment slip would send gifts to nobody, or to somebody else."""
    errors = []
    own, others = settings.ORGANISATION_IBAN, settings.OTHER_IBANS
    if own and not iban.is_valid(own, check_country=False):
        errors.append(Error("ORGANISATION_IBAN is not a valid IBAN", id="E7"))
    if not all(iban.is_valid(other, check_country=False) for other in others):
        errors.append(Error("OTHER_IBANS must be valid IBANs, separated by commas", id="E8"))
    if settings.ORGANISATION_BIC and not bic.is_valid(settings.ORGANISATION_BIC):
        errors.append(Error("ORGANISATION_BIC is not a valid BIC", id="E9"))
    if len(settings.ORGANISATION_BANK_NAME) > LONGEST_NAME:
        text = f"ORGANISATION_BANK_NAME is longer than {LONGEST_NAME} characters"
        errors.append(Error(text, id="E10"))
    prefix = settings.COMMUNICATION_PREFIX
    if prefix and not re.fullmatch(r"[0-9]{1,2}", prefix):
        errors.append(Error("COMMUNICATION_PREFIX must be one or two digits", id="E11"))
    return errors


@register()
def currencies_can_be_given(**_kwargs: Any) -> list[Error]:
    codes = settings.DONATION_CURRENCIES
    if not codes or not set(codes) <= list_currencies():
        return [
            Error("DONATION_CURRENCIES must be codes such as EUR, separated by commas", id="E12")
        ]
    if odd := sorted(COUNTED_OTHERWISE.intersection(codes)):
        return [Error(f"DONATION_CURRENCIES: no gifts are taken in {', '.join(odd)}", id="E13")]
    return []


@register()
def tax_certificates_can_be_made(**_kwargs: Any) -> list[Error]:
    """Whoever switches them on learns at once what they need."""
    errors = []
    if settings.TAX_CERTIFICATES:
        errors = [Error(text, id="E20") for text in institution.missing()]
    if not institution.keys_are_valid():
        errors.append(Error("NATIONAL_NUMBER_KEYS must be keys of cryptography's Fernet", id="E21"))
    return errors


@register()
def packs_can_be_signed(**_kwargs: Any) -> list[Error]:
    """A key that signs nothing is told before a petition is to be handed over."""
    try:
        proving.own_key()
    except proving.BadKey:
        return [Error("DELIVERY_SIGNING_KEY must be 32 bytes in base64", id="E22")]
    return []
