"""What the tax authority asks of a donor; their national number is kept encrypted.

The number serves tax certificates only. It is read in one place, the file for the authority, and
each reading is in the audit trail. It is in no log, no list, no page and no answer of the API.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum import exceptions
from stdnum.be import bis, nn, vat

from crm import audit
from crm.audit import AuditEntry, subject_of
from crm.donations.papers import TaxIdentity
from crm.people.models import Supporter

READ = "taxidentity.number_read"
REASONS: dict[str, Promise] = {
    "digits": _("A national number has eleven digits, such as 85.07.30-033.28."),
    "enterprise_digits": _("An enterprise number has ten digits, such as 0123.456.749."),
    "check": _("One of the digits is wrong: the last two do not fit the others."),
    "date": _("The first six digits are not a date of birth."),
    "no_keys": _("National numbers cannot be kept here: no key is set for them."),
}


class BadNumber(ValueError):
    """A number that nobody has. `reason` says why; the number itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = REASONS[code]


def keys() -> MultiFernet:
    """Return what encrypts with the newest key and reads with any. Raises BadNumber."""
    if not settings.NATIONAL_NUMBER_KEYS:
        raise BadNumber("no_keys")
    return MultiFernet([Fernet(key) for key in settings.NATIONAL_NUMBER_KEYS])


def checked(number: str, *, kind: str) -> str:
    """Return the digits of a person's national or BIS number, or of an enterprise number.

    Raises BadNumber.
    """
    if kind == Supporter.Kind.ORGANISATION:
        return checked_by(vat, number, otherwise="enterprise_digits")
    compact = nn.compact(number)
    is_bis = compact[2:4].isdecimal() and int(compact[2:4]) >= 20
    return checked_by(bis if is_bis else nn, number, otherwise="digits")


def checked_by(rules: Any, number: str, *, otherwise: str) -> str:
    try:
        return str(rules.validate(number))
    except exceptions.InvalidChecksum:
        raise BadNumber("check") from None
    except exceptions.InvalidComponent:
        raise BadNumber("date" if rules is not vat else otherwise) from None
    except exceptions.ValidationError:
        raise BadNumber(otherwise) from None


@transaction.atomic
def keep_identity(
    *,
    supporter: Supporter,
    given_name: str,
    family_name: str,
    street: str,
    postcode: str,
    town: str,
    country: str,
    number: str,
    at: datetime,
    by: Any = None,
) -> TaxIdentity:
    """Keep a donor's data for tax certificates; an empty number leaves the one we have.

    Raises BadNumber.
    """
    facts: dict[str, Any] = {
        "given_name": given_name,
        "family_name": family_name,
        "street": street,
        "postcode": postcode,
        "town": town,
        "country": country,
    }
    fields = list(facts)
    if number:
        facts["number"] = keys().encrypt(checked(number, kind=supporter.kind).encode())
        fields.append("number")
    identity, _created = TaxIdentity.objects.update_or_create(
        supporter=supporter, defaults={**facts, "given_at": at}
    )
    audit.log("taxidentity.kept", identity, by=by, at=at, fields=fields)
    return identity


@transaction.atomic
def forget_number(*, identity: TaxIdentity, at: datetime, by: Any = None) -> None:
    """Forget a donor's number, and keep the rest. Doing it twice changes nothing."""
    if identity.number:
        identity.number = b""
        identity.save(update_fields=["number"])
        audit.log("taxidentity.number_forgotten", identity, by=by, at=at)


def numbers_of(
    known: Iterable[TaxIdentity], *, reason: str, by: Any, at: datetime
) -> dict[int, str]:
    """Return the numbers of many donors by their ids; each reading is in the audit trail."""
    read = [identity for identity in known if identity.number]
    if not read:
        return {}
    AuditEntry.objects.bulk_create(
        AuditEntry(action=READ, subject=subject_of(each), by=by, at=at, details={"reason": reason})
        for each in read
    )
    fernet = keys()
    return {each.supporter_id: fernet.decrypt(bytes(each.number)).decode() for each in read}


def encrypt_anew() -> int:
    """Encrypt every number with the newest key; return how many there are.

    Afterwards the older keys may be taken out of NATIONAL_NUMBER_KEYS.
    """
    fernet = keys()
    done = 0
    for pk in TaxIdentity.objects.exclude(number=b"").values_list("pk", flat=True):
        with transaction.atomic():
            identity = TaxIdentity.objects.select_for_update().get(pk=pk)
            identity.number = fernet.rotate(bytes(identity.number)) if identity.number else b""
            identity.save(update_fields=["number"])
            done += 1
    return done
