"""The institution as the tax authority knows it, read from the settings."""

import re
from typing import NamedTuple

from cryptography.fernet import Fernet
from django.conf import settings
from stdnum.be import vat

ADDRESS = re.compile(r"(?P<street>.+?)\s*,\s*(?:B-)?(?P<postcode>[1-9][0-9]{3})\s+(?P<town>\S.*)")


class IncompleteInstitution(Exception):
    """Settings are missing or wrong; the argument says which."""


class Institution(NamedTuple):
    name: str
    enterprise_number: str  # ten digits
    street: str
    postcode: str
    town: str
    phone: str
    email: str
    contact: str


def written_number(number: str) -> str:
    """Write an enterprise number as Belgians do.

    >>> written_number("BE 0403019261")
    '0403.019.261'
    """
    digits = vat.compact(number)
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def missing() -> list[str]:
    """Say what the settings lack before tax certificates can be made."""
    wrong = []
    if not vat.is_valid(settings.ORGANISATION_ENTERPRISE_NUMBER):
        wrong.append("ORGANISATION_ENTERPRISE_NUMBER is not a valid enterprise number")
    if not ADDRESS.fullmatch(settings.ORGANISATION_ADDRESS):
        wrong.append("ORGANISATION_ADDRESS must look like: Rue du Marché 1, 1000 Bruxelles")
    wrong += [
        f"{name} is not set, but TAX_CERTIFICATES is"
        for name in ("ORGANISATION_PHONE", "TAX_CONTACT", "NATIONAL_NUMBER_KEYS")
        if not getattr(settings, name)
    ]
    return wrong


def keys_are_valid() -> bool:
    try:
        for key in settings.NATIONAL_NUMBER_KEYS:
            Fernet(key)
    except ValueError:
        return False
    return True


def institution() -> Institution:
    """Return the institution. Raises IncompleteInstitution."""
    if wrong := missing():
        raise IncompleteInstitution("; ".join(wrong))
    address = ADDRESS.fullmatch(settings.ORGANISATION_ADDRESS)
    assert address is not None
    return Institution(
        name=settings.ORGANISATION_NAME,
        enterprise_number=vat.compact(settings.ORGANISATION_ENTERPRISE_NUMBER),
        phone=settings.ORGANISATION_PHONE,
        email=settings.ORGANISATION_EMAIL,
        contact=settings.TAX_CONTACT,
        **address.groupdict(),
    )
