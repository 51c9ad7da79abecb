"""What follows of what a provider told: addresses that are not used any more, consents that end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from crm.lib.periods import local_day
from crm.mailing.events import MailEvent
from crm.mailing.kinds import is_to_others
from crm.mailing.models import Mail
from crm.mailing.unsubscribing import drop_requests, refuse
from crm.people.addressing import change_email
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.privacy.models import Channel, Consent, Purpose
from crm.privacy.suppressing import Reason, suppress

Kind, Status = MailEvent.Kind, EmailAddress.Status
SOFT_DAYS = 5  # so many days on which a mail did not arrive, and none on which one did,
WITHIN = timedelta(days=30)  # in so long: nothing will
COMPLAINT, PROVIDER = "complaint", "provider"
# The slice above knows what an address counts for that does not answer, or does not want us.
FOLLOWED_BY = "crm.campaigns.returned.take_out"


@transaction.atomic
def handle(*, event_id: int, at: datetime) -> None:
    """Draw the consequences of an event, once; then its address is forgotten: the mail tells it."""
    events = MailEvent.objects.select_for_update(of=("self",)).select_related("mail")
    event = events.filter(pk=event_id, handled_at=None).first()
    if event is None:
        return
    if event.mail is None:
        event.mail = newest_mail_to(event.address, before=event.received_at)
    address = (event.mail.to if event.mail else "") or event.address
    if action := ACTIONS.get(event.kind):
        action(event, address, at=at)
    event.address, event.handled_at = "", at
    event.save(update_fields=["mail", "address", "handled_at"])


def newest_mail_to(address: str, *, before: datetime) -> Mail | None:
    """Return the mail that an event is about which names none, if whose address it is had one."""
    owner = owner_of(address)
    if owner is None:
        return None
    sent = Mail.objects.filter(supporter=owner, to=address, sent_at__lte=before)
    return sent.order_by("-sent_at").first()


def owner_of(address: str) -> Supporter | None:
    found = EmailAddress.objects.filter(address=address).select_related("supporter").first()
    return found.supporter if found else None


def cannot_arrive(event: MailEvent, address: str, *, at: datetime) -> None:
    """There is no such address; unless a mail arrived there since, and the event is old."""
    if address and not has_arrived(event, address).filter(at__gt=event.at).exists():
        mail_comes_back(address, since=event.at, at=at)


def did_not_arrive(event: MailEvent, address: str, *, at: datetime) -> None:
    """One day says nothing; many in a row do. A mail that arrived begins a new count."""
    earliest = event.at - WITHIN
    arrived = has_arrived(event, address).order_by("-at").first()
    if arrived is not None:
        earliest = max(earliest, arrived.at)
    failed = told_of(event, address).filter(kind=Kind.SOFT_BOUNCE, at__gt=earliest)
    moments = [*failed.values_list("at", flat=True), event.at]
    is_old = arrived is not None and arrived.at > event.at
    if address and not is_old and len({local_day(each) for each in moments}) >= SOFT_DAYS:
        mail_comes_back(address, since=event.at, at=at)


def told_of(event: MailEvent, address: str) -> QuerySet[MailEvent]:
    """Return what was told of an address in the hands of who has it, and who had the mail."""
    people = [event.mail.supporter_id] if event.mail else []
    if owner := owner_of(address):
        people.append(owner.pk)
    known = [key for key in people if key is not None]
    return MailEvent.objects.filter(mail__supporter__in=known, mail__to=address)


def has_arrived(event: MailEvent, address: str) -> QuerySet[MailEvent]:
    return told_of(event, address).filter(kind=Kind.DELIVERED)


def mail_comes_back(address: str, *, since: datetime, at: datetime) -> None:
    """Use an address no more, whoever's it is. The one place where that is found out."""
    mark(address, Status.BOUNCING, instead_of=(Status.GOOD, Status.COMPLAINED), at=at)
    suppress(addresses=[address], reason=Reason.BOUNCED, at=since)
    owner = owner_of(address)
    if owner is not None and owner.email == address:
        import_string(FOLLOWED_BY)(supporter=owner, why=Reason.BOUNCED, since=since, at=at)


def mark(address: str, status: str, *, instead_of: tuple[str, ...], at: datetime) -> None:
    """Say how it stands with an address, if somebody has it and nothing worse is known of it."""
    owner = owner_of(address)
    if owner is None:
        return
    standing(owner)  # two events at once are handled one after the other
    email = EmailAddress.objects.select_related("supporter").filter(address=address).first()
    if email is not None and email.status in instead_of:
        change_email(email=email, status=status, at=at)


def called_spam(event: MailEvent, address: str, *, at: datetime) -> None:
    """Send nothing but receipts there, and end what its person agreed to."""
    purposes = end_consents(event, address, source=COMPLAINT, at=at)
    if (person := person_of(event, address)) is not None:
        told = {"why": Reason.COMPLAINED, "since": event.at, "at": at}
        import_string(FOLLOWED_BY)(supporter=person, **told)
    if set(purposes) == {*Purpose.values}:
        mark(address, Status.COMPLAINED, instead_of=(Status.GOOD,), at=at)
        purposes = [""]
    for purpose in purposes:
        suppress(addresses=[address], reason=Reason.COMPLAINED, purpose=purpose, at=event.at)


def unsubscribed(event: MailEvent, address: str, *, at: datetime) -> None:
    """Send no marketing there, and end what its person agreed to; the rest goes on."""
    for purpose in end_consents(event, address, source=PROVIDER, at=at):
        suppress(addresses=[address], reason=Reason.UNSUBSCRIBED, purpose=purpose, at=event.at)


def end_consents(event: MailEvent, address: str, *, source: str, at: datetime) -> list[str]:
    """End all marketing of the person whom a mail was for, else of who has its address.

    Return for which purposes: not for one to which they agreed anew, by a mail, since then.
    """
    person = person_of(event, address)
    person = standing(person) if person else None
    newer = agreed_since(person, event.at) if person else set()
    purposes = sorted({*Purpose.values} - newer)
    evidence = {"mail": str(event.mail.public_id)} if event.mail else {}
    if person is not None and person.erased_at is None:
        refuse(person, purposes, source=source, evidence=evidence, at=at)
    drop_requests(address, purposes, asked_before=event.at)
    return purposes


def person_of(event: MailEvent, address: str) -> Supporter | None:
    """Return whom a mail was for, else who has its address."""
    # Of a gift in honour of somebody, whoever was told of it does not speak for the donor.
    of_mail = event.mail if event.mail and not is_to_others(event.mail.template) else None
    return (of_mail and of_mail.supporter) or owner_of(address)


def agreed_since(person: Supporter, moment: datetime) -> set[str]:
    """Return to what somebody agreed after a moment with the proof of an answered mail."""
    said = Consent.objects.filter(
        supporter=person,
        channel=Channel.EMAIL,
        given=True,
        at__gt=moment,
        evidence__has_key="confirmed_at",
    )
    return set(said.values_list("purpose", flat=True))


ACTIONS: dict[str, Callable[..., Any]] = {
    Kind.HARD_BOUNCE: cannot_arrive,
    Kind.SOFT_BOUNCE: did_not_arrive,
    Kind.COMPLAINED: called_spam,
    Kind.UNSUBSCRIBED: unsubscribed,
}
