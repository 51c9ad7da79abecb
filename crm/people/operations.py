"""What may happen to supporters. The only place that writes them."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from crm import audit
from crm.lib import contact
from crm.lib.regions import region_of
from crm.people.models import Change, Identifier, Supporter


class EmailTaken(Exception):
    """Another current supporter has this address."""


@transaction.atomic
def register(
    *,
    email: str,
    at: datetime,
    given_name: str = "",
    family_name: str = "",
    language: str = "fr",
    postcode: str = "",
    country: str = "",
) -> Supporter:
    """Find the supporter with this address, or make one. What we know is never overwritten.

    Raises ValueError when `email` is not an address.
    """
    normal = contact.normal_email(email)
    known = Supporter.objects.current().filter(email=normal).first()
    if known:
        return known
    new = Supporter(
        email=normal,
        given_name=given_name,
        family_name=family_name,
        language=language,
        postcode=postcode,
        country=country,
        region=region_of(country, postcode),
        created_at=at,
        modified_at=at,
    )
    new.search_text = new.searchable()
    return insert_or_find(new)


def insert_or_find(new: Supporter) -> Supporter:
    """Insert, unless another transaction was faster: then return what it made."""
    # DO NOTHING waits for the other transaction instead of failing ours.
    Supporter.objects.bulk_create([new], ignore_conflicts=True)
    supporter = Supporter.objects.current().get(email=new.email)
    if supporter.public_id == new.public_id:
        record_change(supporter=supporter, kind="registered", at=new.created_at)
    return supporter


def identify(*, supporter: Supporter, system: str, value: str) -> None:
    """Remember what another system calls this supporter. Saying it twice changes nothing."""
    Identifier.objects.get_or_create(system=system, value=value, defaults={"supporter": supporter})


def record_change(*, supporter: Supporter, kind: str, at: datetime) -> None:
    """Add a line to the change feed, and date the supporter's last change."""
    Change.objects.create(supporter=supporter, kind=kind, at=at)
    Supporter.objects.filter(pk=supporter.pk).update(modified_at=at)


@transaction.atomic
def correct(*, supporter: Supporter, at: datetime, by: Any = None, **fields: str) -> Supporter:
    """Write what staff know better, and note who did.

    Raises ValueError for a malformed address, EmailTaken for somebody else's.
    """
    if fields.get("email"):
        fields["email"] = contact.normal_email(fields["email"])
    changed = [name for name, value in fields.items() if getattr(supporter, name) != value]
    if not changed:
        return supporter
    for name, value in fields.items():
        setattr(supporter, name, value)
    supporter.region = region_of(str(supporter.country), supporter.postcode)
    supporter.search_text = supporter.searchable()
    supporter.modified_at = at
    try:
        supporter.save()
    except IntegrityError as error:
        raise EmailTaken from error
    record_change(supporter=supporter, kind="corrected", at=at)
    audit.log("supporter.corrected", supporter, by=by, at=at, fields=changed)
    return supporter
