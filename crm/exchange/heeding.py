"""A "no" that follows an address, heeded when a file brings the address again; and the "no" of a
file, which follows all addresses of whoever said it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction

from crm.privacy.models import Purpose
from crm.privacy.suppressing import SAID, Reason, reasons_of, recognise, suppress
from crm.privacy.suppressions import Suppression

AT_ONCE = 20_000
PURPOSE = Purpose.NEWSLETTER.value
ADDRESSES = "SELECT line, email, other_email FROM import_staged WHERE bad IS NULL AND skip IS NULL"
# Whose address is erased is left out, unless they came back by themselves.
LEFT_OUT = """UPDATE import_staged SET skip = 'erased'
WHERE line = ANY(%(lines)s) AND NOT EXISTS (SELECT FROM crm_emailaddress known
    WHERE known.address IN (import_staged.email, import_staged.other_email))"""
NOT_SUBSCRIBED = """UPDATE import_staged SET newsletter = NULL
WHERE newsletter AND line = ANY(%(lines)s)"""
ADDED = """SELECT email FROM import_chunk WHERE add_email
UNION SELECT other_email FROM import_chunk WHERE add_other_email"""
# Addresses of those who say no in the file, and new ones of those who said it before.
REFUSED = """SELECT known.address FROM import_chunk JOIN crm_emailaddress known
    ON known.supporter_id = person_id WHERE NOT say"""
FOLLOWED = """SELECT state.purpose, known.address FROM import_chunk
JOIN crm_emailaddress known ON known.supporter_id = person_id AND known.address IN (
    CASE WHEN add_email THEN email END, CASE WHEN add_other_email THEN other_email END)
JOIN crm_consentstate state ON state.supporter_id = person_id
WHERE NOT is_new AND (add_email OR add_other_email)
  AND state.channel = 'email' AND NOT state.given"""
# What only this import said; else it was said before, and stays.
FORGET = """DELETE FROM crm_suppression USING crm_emailaddress known, undone
WHERE email_id = known.id AND known.supporter_id = undone.id AND crm_suppression.at = %(at)s
  AND reason = 'unsubscribed' AND purpose = 'newsletter' AND {these}"""
NOT_REFUSED = """NOT EXISTS (SELECT FROM crm_consentstate state WHERE state.supporter_id = undone.id
    AND state.channel = 'email' AND state.purpose = 'newsletter' AND NOT state.given)"""


def heed(*, used: set[str]) -> None:
    """Leave out the rows of erased addresses, and subscribe none at which somebody said no."""
    names = {"email", "other_email"} & used
    if not names or not Suppression.objects.exists():
        return
    erased, refused = [], []
    for rows in staged_addresses():
        found = reasons_of({a for _line, *some in rows for a in some if a}, purpose=PURPOSE)
        for line, *addresses in rows if found else ():
            reasons = {reason for address in addresses for reason in found.get(address, ())}
            if Reason.ERASED in reasons:
                erased.append(line)
            if reasons:
                refused.append(line)
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT, {"lines": erased})
        if "newsletter" in used:
            cursor.execute(NOT_SUBSCRIBED, {"lines": refused})


def staged_addresses() -> Iterator[list[Any]]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(ADDRESSES)
        while rows := list(islice(cursor, AT_ONCE)):
            yield rows


def who_refused(emails: Mapping[int, Iterable[str]]) -> set[int]:
    """Return at whose addresses somebody said no, by their keys."""
    found = reasons_of(chain.from_iterable(emails.values()), purpose=PURPOSE)
    refused = {address for address, reasons in found.items() if {*reasons} & {*SAID}}
    return {who for who, theirs in emails.items() if not refused.isdisjoint(theirs)}


def follow(*, used: set[str], at: datetime) -> None:
    """Let what was said before, or in these rows, follow the addresses that they brought."""
    if {"email", "other_email"} & used:
        if Suppression.objects.exists():
            recognise(address for (address,) in asked(ADDED))
        followed = asked(FOLLOWED)
        for purpose in {purpose for purpose, _address in followed}:
            refuse([address for told, address in followed if told == purpose], purpose, at)
    if "newsletter" in used:
        refuse([address for (address,) in asked(REFUSED)], PURPOSE, at)


def refuse(addresses: list[str], purpose: str, at: datetime) -> None:
    suppress(addresses=addresses, reason=Reason.UNSUBSCRIBED, purpose=purpose, at=at)


def asked(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
