"""Keeping what a provider tells of a mail, once. What follows of it is work of `handling`."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.signals import EventType, RejectReason
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from crm.lib import contact
from crm.lib.rows import insert_unless_there
from crm.mailing import jobs
from crm.mailing.events import MailEvent
from crm.mailing.hearing_words import words_of
from crm.mailing.models import Mail

Kind = MailEvent.Kind
# What anymail's words mean when a provider's own tells no more. Nobody is watched reading.
KINDS = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.REJECTED: Kind.REFUSED,
    EventType.FAILED: Kind.REFUSED,
}
DID_NOT_ARRIVE = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}
# A mail that is late is tried again; two providers call that a soft bounce, which it is.
LATE_IS_SOFT = {"Mailtrap", "Unisender Go"}
# RFC 3463: bad mailbox or domain, a mailbox that was closed; security and policy.
GONE, POLICY = re.compile(r"5\.(1\.\d+|2\.1)"), re.compile(r"5\.7\.\d+")
# RFC 5321 and 3463, such as "550 5.1.1": digits, never the sentence after them, which may name.
SMTP = re.compile(
    r"(?<![\d.])(?:([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?|"
    r"([245]\.\d{1,3}\.\d{1,3}))(?![\d.])"
)
YES_NO = {"True", "False"}  # answers, not words
OURS = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@|$)")


def hear(sender: Any, event: Any, esp_name: str, **_more: Any) -> None:
    """Receive anymail's signal: whoever sent it was verified."""
    keep(event, provider=esp_name, at=timezone.now())


@transaction.atomic
def keep(event: Any, *, provider: str, at: datetime) -> MailEvent | None:
    """Write an event down and queue what follows of it; nothing when it was heard before."""
    kind = kind_of(event, provider)
    if kind is None:
        return None
    is_news = kind != Kind.DELIVERED  # nothing follows of a mail that arrived
    heard = MailEvent(
        mail=mail_of(event),
        event_id=identity_of(event, kind, provider),
        kind=kind,
        code=code_of(event, provider),
        address=address_of(event) if is_news else "",
        at=min(event.timestamp or at, at),
        received_at=at,
        handled_at=None if is_news else at,
    )
    if not insert_unless_there(heard):
        return None
    if is_news:
        jobs.handle_mail_event.defer(event_id=heard.pk)
    return heard


def kind_of(event: Any, provider: str) -> Kind | None:
    """Return what happened; None for what is not kept."""
    said = next(words_of(provider, event.esp_event), None)
    if event.event_type == EventType.DEFERRED:
        return Kind.SOFT_BOUNCE if said and provider in LATE_IS_SOFT else None
    if event.event_type not in DID_NOT_ARRIVE:
        return KINDS.get(event.event_type)
    if said is not None:
        # A provider may call it hard that a server takes nothing from us: addresses are not to go
        # by the hundred because of that.
        is_policy = said[1] == Kind.HARD_BOUNCE and POLICY.search(smtp_codes(event))
        return Kind.REFUSED if is_policy else said[1]
    if event.reject_reason == RejectReason.INVALID:
        return Kind.HARD_BOUNCE
    if event.reject_reason == RejectReason.UNSUBSCRIBED:
        return Kind.UNSUBSCRIBED
    return KINDS.get(event.event_type) or by_code(event)


def by_code(event: Any) -> Kind:
    """Judge a bounce by what the other mail server answered; in doubt it may arrive next time."""
    codes = smtp_codes(event)
    if POLICY.search(codes):
        return Kind.REFUSED
    return Kind.HARD_BOUNCE if GONE.search(codes) else Kind.SOFT_BOUNCE


def code_of(event: Any, provider: str) -> str:
    said = (word for word, _kind in words_of(provider, event.esp_event))
    word = next((each for each in said if each not in YES_NO), "")
    return ", ".join(filter(None, [word, smtp_codes(event)]))[:60]


def smtp_codes(event: Any) -> str:
    found = SMTP.search(str(event.mta_response or ""))
    return " ".join(filter(None, found.groups())) if found else ""


def address_of(event: Any) -> str:
    try:
        return contact.normal_email(str(event.recipient or ""))
    except ValueError:
        return ""


def identity_of(event: Any, kind: Kind, provider: str) -> str:
    """Return by what an event is known when it comes again: as a hash, for it holds an address.

    Some providers number what they send and not what happened, and some have no numbers.
    """
    told = event.event_id or f"{event.message_id} {event.timestamp}"
    digest = salted_hmac("mail event", f"{told} {kind} {address_of(event)}", algorithm="sha256")
    return f"{provider}:{digest.hexdigest()}"


def mail_of(event: Any) -> Mail | None:
    """Find the mail by what we gave along with it, else by what the provider calls it."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    told = str(event.message_id or "")
    for given in (str(metadata.get("mail") or ""), told):
        ours = OURS.match(given)
        found = Mail.objects.filter(public_id=UUID(ours[1])).first() if ours else None
        if found is not None:
            return found
    return Mail.objects.filter(provider_id=told[:200]).first() if told else None
