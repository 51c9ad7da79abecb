"""Keeping addresses from being used, and finding out whether they may be.

What is kept of an address is a keyed hash (HMAC-SHA256): it recognises an address that comes again
after its owner was erased, and tells it to nobody who has not the key.
"""

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.privacy.suppressions import Suppression

Reason = Suppression.Reason
# Whoever they are, nothing at all arrives or is welcome there.
FOR_ALL_MAIL = (Reason.BOUNCED, Reason.COMPLAINED)
# That mail comes back is nobody's word; the others are a "no" of whoever has the address.
SAID = (Reason.UNSUBSCRIBED, Reason.COMPLAINED, Reason.ERASED)
TOLD = "unnest(%(digests)s::text[], %(addresses)s::text[]) AS told (digest, address)"
KEEP = f"""
INSERT INTO crm_suppression (digest, email_id, channel, purpose, reason, at)
SELECT told.digest, known.id, %(channel)s, %(purpose)s, %(reason)s, %(at)s
FROM {TOLD} LEFT JOIN crm_emailaddress known ON known.address = told.address
ORDER BY told.digest
ON CONFLICT (digest, channel, purpose, reason) DO UPDATE SET email_id = excluded.email_id
RETURNING digest, xmax = 0
"""  # noqa: S608 (of constants; values are parameters)
WHY = """
SELECT digest, reason FROM crm_suppression
WHERE channel = %(channel)s AND purpose IN ('', %(purpose)s) AND {these} ORDER BY id
"""
MANY = 1000  # of so many, it is seen whether reading all that is suppressed is quicker
RECOGNISE = f"""
UPDATE crm_suppression SET email_id = known.id
FROM {TOLD} JOIN crm_emailaddress known ON known.address = told.address
WHERE crm_suppression.digest = told.digest AND channel = %(channel)s
  AND email_id IS DISTINCT FROM known.id
RETURNING email_id
"""  # noqa: S608 (likewise)


def digest_of(address: str) -> str:
    """Return the keyed hash of an address in its normal form, as 64 hexadecimal digits."""
    return hmac.digest(settings.SUPPRESSION_KEY.encode(), address.encode(), "sha256").hex()


def digests_of(addresses: Iterable[str]) -> dict[str, str]:
    """Return the addresses by their hashes. The key is prepared once: there may be very many."""
    keyed, found = hmac.new(settings.SUPPRESSION_KEY.encode(), digestmod="sha256"), {}
    for address in addresses:
        if address:
            one = keyed.copy()
            one.update(address.encode())
            found[one.hexdigest()] = address
    return found


def addresses_of(*supporters: Supporter) -> set[str]:
    """Return all addresses of one or more records."""
    keys = [supporter.pk for supporter in supporters]
    owned = EmailAddress.objects.filter(supporter__in=keys).values_list("address", flat=True)
    return {supporter.email for supporter in supporters if supporter.email}.union(owned)


def suppress(
    *,
    addresses: Iterable[str],
    reason: str,
    at: datetime,
    purpose: str = "",
    channel: str = Channel.EMAIL,
) -> list[str]:
    """Keep addresses from being used for a purpose, or for any; return the hashes that are new.

    Saying it twice changes nothing.
    """
    known = digests_of(addresses)
    if not known:
        return []
    told = {"channel": channel, "purpose": purpose, "reason": reason, "at": at}
    return [digest for digest, is_new in asked(KEEP, known, **told) if is_new]


def lift(
    *,
    addresses: Iterable[str],
    purpose: str,
    channel: str = Channel.EMAIL,
    reasons: Collection[str] = tuple(Reason),
) -> None:
    """Let addresses be used again for a purpose, as only their owner can ask for.

    What kept them from every purpose keeps them from the others.
    """
    found = about(addresses, purpose, channel).filter(reason__in=reasons)
    rows = list(found.order_by("pk"))
    if not rows:
        return
    others = [each for each in Purpose.values if each != purpose]
    left = [
        Suppression(
            digest=row.digest,
            email_id=row.email_id,
            channel=channel,
            purpose=other,
            reason=row.reason,
            at=row.at,
        )
        for row in rows
        if row.purpose == ""
        for other in others
    ]
    Suppression.objects.bulk_create(left, ignore_conflicts=True)
    Suppression.objects.filter(pk__in=[row.pk for row in rows]).delete()


def about(
    addresses: Iterable[str], purpose: str, channel: str = Channel.EMAIL
) -> QuerySet[Suppression]:
    """Return what keeps some addresses from a purpose."""
    found = Suppression.objects.filter(digest__in=list(digests_of(addresses)), channel=channel)
    return found.filter(Q(purpose="") | Q(purpose=purpose))


def suppressed(
    addresses: Iterable[str], *, purpose: str = "", channel: str = Channel.EMAIL
) -> dict[str, str]:
    """Return which of these addresses are not to be used for a purpose, and why (first)."""
    found = reasons_of(addresses, purpose=purpose, channel=channel)
    return {address: reasons[0] for address, reasons in found.items()}


def reasons_of(
    addresses: Iterable[str], *, purpose: str = "", channel: str = Channel.EMAIL
) -> dict[str, list[str]]:
    """Return why these addresses are not to be used for a purpose; those that may be are left out.

    Of many at once too, such as those of a file: nothing is hashed where nothing is suppressed.
    """
    if not Suppression.objects.exists():
        return {}
    known = digests_of(addresses)
    found: dict[str, list[str]] = defaultdict(list)
    told = {"purpose": purpose, "channel": channel}
    if len(known) > MANY and Suppression.objects.all()[: len(known)].count() < len(known):
        rows = asked(WHY.format(these="true"), {}, **told)
    else:
        rows = asked(WHY.format(these="digest = ANY(%(digests)s)"), known, **told)
    for digest, reason in rows:
        if digest in known:
            found[known[digest]].append(reason)
    return dict(found)


def follow(email: EmailAddress) -> None:
    """Let an address that somebody gets be known for what is suppressed of it, and let their own
    "no" follow it from now on."""
    recognise([email.address])
    refused = ConsentState.objects.filter(
        supporter=email.supporter_id, channel=Channel.EMAIL, given=False
    )
    for state in refused:
        suppress(
            addresses=[email.address],
            reason=Reason.UNSUBSCRIBED,
            purpose=state.purpose,
            at=state.since,
        )


def recognise(addresses: Iterable[str]) -> None:
    """Let addresses that somebody has from now on be known for what is suppressed of them."""
    if known := digests_of(addresses):
        asked(RECOGNISE, known, channel=Channel.EMAIL)


def asked(statement: str, known: dict[str, str], **told: Any) -> list[tuple[Any, ...]]:
    """Ask about addresses by their hashes, as lists: there may be very many."""
    values = {"digests": list(known), "addresses": list(known.values()), **told}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
