"""Organisations, many at once: their record, their address, and their line in the change feed."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from crm.demo.chance import dice, public_id
from crm.lib.contact import words
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from crm.people.operations import address_of, newcomer


class Told(NamedTuple):
    """What is told of an organisation."""

    name: str
    language: str
    postcode: str
    at: datetime  # since when we know it
    country: str = "BE"


def write(organisations: Iterable[Told]) -> list[Supporter]:
    """Write organisations as staff would have entered them."""
    rows = [made(each) for each in organisations]
    Supporter.objects.bulk_create(rows)
    addresses = [address_of(row) for row in rows]
    for address in addresses:
        address.use = "work"
    EmailAddress.objects.bulk_create(addresses)
    Change.objects.bulk_create(
        Change(supporter=row, kind="registered", at=row.created_at) for row in rows
    )
    return rows


def made(told: Told) -> Supporter:
    row = newcomer(
        at=told.at,
        kind=Supporter.Kind.ORGANISATION,
        family_name=told.name,
        email=f"{'-'.join(words(told.name))}@example.org",
        language=told.language,
        postcode=told.postcode,
        country=told.country,
        source="staff",
    )
    row.public_id = public_id(dice(f"organisation {told.name}"))
    return row
