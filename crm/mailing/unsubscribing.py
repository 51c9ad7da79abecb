"""Ending all marketing with one click, from any mail that we ever sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from crm.mailing import kinds
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.privacy.operations import hold, record_consent
from crm.privacy.suppressing import Reason, suppress

SOURCE = "mail:unsubscribe"


@transaction.atomic
def unsubscribe(*, mail_id: UUID, at: datetime) -> None:
    """Send nothing but receipts from now on, neither to the person of a mail nor to its address.

    Whoever has the address by now is meant too. Saying it again, or of a mail that is gone, changes
    nothing.
    """
    mail = Mail.objects.filter(public_id=mail_id).first()
    if mail is None:
        return
    for supporter in concerned(mail):
        refuse_all(supporter, mail, at=at)
    if mail.to:
        forget_requests(mail.to, at=at)


def concerned(mail: Mail) -> list[Supporter]:
    """Return the person a mail was for, and whose its address is now, as they stand."""
    reader = None if kinds.is_to_others(mail.template) else mail.supporter_id
    of_mail, of_address = Q(pk=reader), Q(emails__address=mail.to)
    asked = of_mail | of_address if mail.to else of_mail
    found = Supporter.objects.filter(asked).distinct().order_by("pk")
    people = {person.pk: person for person in map(standing, found)}
    return [person for person in people.values() if person.erased_at is None]


def refuse_all(supporter: Supporter, mail: Mail, *, at: datetime) -> None:
    evidence = {"mail": str(mail.public_id)}
    refuse(supporter, Purpose.values, source=SOURCE, evidence=evidence, at=at)


def refuse(
    supporter: Supporter,
    purposes: Iterable[str],
    *,
    source: str,
    evidence: Mapping[str, Any],
    at: datetime,
) -> None:
    """Record a "no" to each of these by mail, unless that is what holds already."""
    states = ConsentState.objects.filter(supporter=supporter, channel=Channel.EMAIL, given=False)
    refused = set(states.values_list("purpose", flat=True))
    for purpose in sorted(refused.intersection(purposes)):
        # Nothing new, but later than a box that was ticked since and waits to be confirmed.
        hold(supporter, given=False, purpose=purpose, channel=Channel.EMAIL, at=at)
    for purpose in sorted({*purposes} - refused):
        record_consent(
            supporter=supporter,
            given=False,
            purpose=purpose,
            channel=Channel.EMAIL,
            source=source,
            evidence=evidence,
            at=at,
        )


def forget_requests(address: str, *, at: datetime) -> None:
    """Keep an address from being used, whoever's it becomes, and drop what waits for its word."""
    for purpose in Purpose.values:
        suppress(addresses=[address], reason=Reason.UNSUBSCRIBED, purpose=purpose, at=at)
    drop_requests(address, Purpose.values, asked_before=at)


def drop_requests(address: str, purposes: Iterable[str], *, asked_before: datetime) -> None:
    """Drop what waits for the word of an address since before some moment."""
    theirs = Q(email=address) | Q(parent_email=address)
    waiting = ConsentRequest.objects.open().filter(theirs, purpose__in=list(purposes))
    waiting.filter(asked_at__lte=asked_before).delete()
