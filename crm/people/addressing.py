"""What may happen to e-mail addresses, telephones and postal addresses.

Each leaves an audit entry (names of fields, never values) and a line in the change feed, under
one name: "email.added". What the supporter's own row repeats of these rows stays in step.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm.lib import contact
from crm.lib.regions import normal_postcode
from crm.people.contact_points import EmailAddress, Phone, PostalAddress, Use
from crm.people.models import Supporter
from crm.people.operations import own_address
from crm.people.reaching import change, lock, note, prefer, remove


class StillNeeded(Exception):
    """The address is the one we write to, mails went there, or it wants none: mark it as old."""


@transaction.atomic
def add_email(
    *,
    supporter: Supporter,
    address: str,
    source: str,
    at: datetime,
    by: Any = None,
    use: str = Use.HOME,
) -> EmailAddress:
    """Give a supporter one more address; the first is the one we write to. Twice changes nothing.

    Raises ValueError when it is no address, EmailTaken when it is somebody else's.
    """
    address = contact.normal_email(address)
    lock(supporter)
    known = supporter.emails.filter(address=address).first()
    if known is not None:
        return known
    new = own_address(supporter=supporter, address=address, source=source, at=at)
    new.use = use
    new.save(update_fields=["use"])
    if not supporter.email:
        supporter.email = address
    note("email.added", supporter, new, at=at, by=by)
    return new


@transaction.atomic
def change_email(
    *,
    email: EmailAddress,
    at: datetime,
    by: Any = None,
    status: str | None = None,
    use: str | None = None,
) -> EmailAddress:
    """Say how it stands with an address. It keeps its state whoever's it becomes."""
    return change("email", email, {"status": status, "use": use}, at=at, by=by)


@transaction.atomic
def make_primary(*, email: EmailAddress, at: datetime, by: Any = None) -> EmailAddress:
    """Write to this address from now on; the others stay theirs."""
    supporter = lock(email.supporter)
    if supporter.email != email.address:
        supporter.email = email.address
        note("email.made_primary", supporter, email, at=at, by=by)
    return email


@transaction.atomic
def remove_email(*, email: EmailAddress, at: datetime, by: Any = None) -> None:
    """Take away an address that was a mistake; the only one may go, and then we have none.

    Raises StillNeeded: an address with a past is marked as old instead, so that what is known of
    it is not forgotten.
    """
    supporter = lock(email.supporter)
    is_primary = email.address == supporter.email
    others = supporter.emails.exclude(pk=email.pk)
    unwelcome = email.status in (EmailAddress.Status.BOUNCING, EmailAddress.Status.COMPLAINED)
    if unwelcome or (is_primary and others.exists()) or wrote_to(supporter, email.address):
        raise StillNeeded
    if is_primary:
        supporter.email = ""
    remove("email", email, at=at, by=by)


def wrote_to(supporter: Supporter, address: str) -> bool:
    return supporter.mails.filter(to=address, sent_at__isnull=False).exists()


@transaction.atomic
def add_phone(
    *,
    supporter: Supporter,
    number: str,
    source: str,
    at: datetime,
    by: Any = None,
    use: str = Use.HOME,
    country: str = "",
) -> Phone:
    """Give a supporter a telephone; the first is called first. Twice changes nothing.

    `country` is where the number is dialled, else the supporter's. Raises ValueError.
    """
    number = contact.normal_phone(number, country or str(supporter.country) or "BE")
    lock(supporter)
    phone, is_new = Phone.objects.get_or_create(
        supporter=supporter,
        number=number,
        defaults={
            "use": use,
            "source": source,
            "added_at": at,
            "is_preferred": not supporter.phones.filter(is_preferred=True).exists(),
        },
    )
    if is_new:
        note("phone.added", supporter, phone, at=at, by=by)
    return phone


@transaction.atomic
def change_phone(
    *,
    phone: Phone,
    at: datetime,
    by: Any = None,
    status: str | None = None,
    use: str | None = None,
) -> Phone:
    """Say how it stands with a number; one that is wrong or old is not called first any more."""
    lock(phone.supporter)
    wanted: dict[str, Any] = {"status": status, "use": use}
    if status not in (None, Phone.Status.GOOD):
        wanted["is_preferred"] = False
    return change("phone", phone, wanted, at=at, by=by)


@transaction.atomic
def prefer_phone(*, phone: Phone, at: datetime, by: Any = None) -> Phone:
    """Call this number first."""
    return prefer("phone", phone, at=at, by=by)


@transaction.atomic
def remove_phone(*, phone: Phone, at: datetime, by: Any = None) -> None:
    """Take away a number that was a mistake."""
    lock(phone.supporter)
    remove("phone", phone, at=at, by=by)


@transaction.atomic
def add_address(
    *,
    supporter: Supporter,
    source: str,
    at: datetime,
    by: Any = None,
    street: str = "",
    postcode: str = "",
    town: str = "",
    country: str = "",
    use: str = Use.HOME,
    begins_on: date | None = None,
) -> PostalAddress:
    """Give a supporter a postal address; letters go to the first. Twice changes nothing.

    Raises BadPostcode, which is a ValueError.
    """
    lock(supporter)
    written = {
        "street": street,
        "postcode": normal_postcode(country, postcode),
        "town": town,
        "country": country,
    }
    present = supporter.addresses.exclude(status=PostalAddress.Status.PAST)
    known = present.filter(**written).first()
    if known is not None:
        return known
    new = PostalAddress.objects.create(
        supporter=supporter,
        **written,
        use=use,
        source=source,
        added_at=at,
        begins_on=begins_on,
        is_preferred=not supporter.addresses.filter(is_preferred=True).exists(),
    )
    note("address.added", supporter, new, at=at, by=by)
    return new


@transaction.atomic
def change_address(
    *, address: PostalAddress, at: datetime, by: Any = None, **fields: Any
) -> PostalAddress:
    """Correct an address: street, postcode, town, country, use, status, begins_on, ends_on.

    Who has moved has a new address: see `add_address` and `retire_address`. Raises BadPostcode.
    """
    lock(address.supporter)
    country = str(fields.get("country", address.country))
    fields["postcode"] = normal_postcode(country, fields.get("postcode", address.postcode))
    return change("address", address, fields, at=at, by=by)


@transaction.atomic
def prefer_address(*, address: PostalAddress, at: datetime, by: Any = None) -> PostalAddress:
    """Send letters there from now on; they live there as far as we know."""
    return prefer("address", address, at=at, by=by)


@transaction.atomic
def retire_address(
    *, address: PostalAddress, ends_on: date, at: datetime, by: Any = None
) -> PostalAddress:
    """They do not live there any more; letters go to their newest other address, if any."""
    supporter = lock(address.supporter)
    was_preferred = address.is_preferred
    fields = {"status": PostalAddress.Status.PAST, "ends_on": ends_on, "is_preferred": False}
    change("address", address, fields, at=at, by=by)
    others = supporter.addresses.exclude(status=PostalAddress.Status.PAST)
    successor = others.order_by("-pk").first()
    if was_preferred and successor is not None:
        prefer("address", successor, at=at, by=by)
    return address


@transaction.atomic
def remove_address(*, address: PostalAddress, at: datetime, by: Any = None) -> None:
    """Take away an address that was a mistake."""
    lock(address.supporter)
    remove("address", address, at=at, by=by)
