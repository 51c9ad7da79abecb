"""Sending what stands in the outbox."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm.mailing import headers, rendering
from crm.mailing.kind import RECEIPT
from crm.mailing.kinds import scope_of
from crm.mailing.models import Attachment, Mail
from crm.people.contact_points import EmailAddress
from crm.privacy.models import Channel
from crm.privacy.suppressing import FOR_ALL_MAIL, digests_of
from crm.privacy.suppressions import Suppression

BATCH = 50
CLAIM = timedelta(minutes=5)  # longer than one mail takes with the slowest mail server
ATTEMPTS = 8  # with doubling pauses: about ten hours
# By which somebody confirms what they have just done: so they come back who called a mail spam.
ASKING = {"confirm_signature", "confirm_consent", "confirm_consent_parent"}
ASKED_AGAIN = timedelta(days=7)  # after which one more of these goes there, whoever asked for it
LAST_WORDS = {"erased"}  # mails to people of whom nothing stays, their address included
# Mails to staff that may name somebody, whose erasure would not find them here.
OF_OTHERS = {"task_assigned", "tasks_due"}
logger = logging.getLogger(__name__)


def deliver(*, now: datetime) -> int:
    """Send the mails that are due; return how many there were."""
    mails = claim(now=now)
    unwelcome = states_of_unwelcome([mail.to for mail in mails])
    for mail in mails:
        if is_stopped(mail, unwelcome.get(mail.to, ""), now=now):
            leave_unsent(mail, unwelcome[mail.to], now=now)
        else:
            send(mail)
    return len(mails)


def states_of_unwelcome(addresses: list[str]) -> dict[str, str]:
    """Return at which of these not every mail arrives or is welcome, whoever's they are, and why.

    An address that nobody has any more is known by its hash.
    """
    rows = EmailAddress.objects.filter(address__in=addresses)
    known = dict(rows.values_list("address", "status"))
    bad = {a: status for a, status in known.items() if status != EmailAddress.Status.GOOD}
    return bad | held_for_all([address for address in addresses if address not in known])


def held_for_all(addresses: list[str]) -> dict[str, str]:
    """Return which of these addresses, of which nothing else is known, get no mail, and why."""
    digests = digests_of(addresses)
    held = Suppression.objects.filter(
        digest__in=list(digests), channel=Channel.EMAIL, purpose="", reason__in=FOR_ALL_MAIL
    )
    # The last one stays: that mail comes back says more than a complaint.
    found = held.order_by("-reason").values_list("digest", "reason")
    return {digests[digest]: reason for digest, reason in found}


def is_stopped(mail: Mail, state: str, *, now: datetime) -> bool:
    """Whether a mail is not sent to an address in this state.

    Who called a mail spam still gets receipts, and is asked, rarely, what they have just asked for
    themselves; where mail comes back, nothing is sent.
    """
    if state != EmailAddress.Status.COMPLAINED:
        return bool(state)
    if mail.template in ASKING:
        asked = Mail.objects.filter(to=mail.to, template__in=ASKING, sent_at__gt=now - ASKED_AGAIN)
        return asked.exists()
    return scope_of(mail.template) != RECEIPT


def leave_unsent(mail: Mail, status: str, *, now: datetime) -> None:
    """Send nothing there, and let staff see why."""
    logger.info("mail %s was not sent (address: %s)", mail.pk, status)
    Mail.objects.filter(pk=mail.pk, sent_at=None).update(given_up_at=now, error=f"address:{status}")
    forget(mail)


@transaction.atomic
def claim(*, now: datetime) -> list[Mail]:
    """Take mails that no other worker has; a worker that dies gives them back by the clock."""
    due = Mail.objects.due(now).order_by("due_at", "pk")
    mails = list(due.select_for_update(skip_locked=True)[:BATCH])
    claimed = Mail.objects.filter(pk__in=[mail.pk for mail in mails])
    claimed.update(due_at=now + CLAIM, attempts=F("attempts") + 1)
    for mail in mails:
        mail.due_at = now + CLAIM
    return mails


def renew(mail: Mail) -> bool:
    """Claim a mail anew before its turn; return False when another worker has it by now."""
    ours = Mail.objects.filter(pk=mail.pk, due_at=mail.due_at, sent_at=None)
    return ours.update(due_at=timezone.now() + CLAIM) == 1


def send(mail: Mail) -> None:
    """Send a mail that is still ours; one that cannot be sent, or written, holds up no other."""
    if not renew(mail):
        return
    try:
        message = compose(mail)
        message.send()
    except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the next must go)
        postpone(mail, error)
    else:
        with transaction.atomic():
            sent = Mail.objects.filter(pk=mail.pk)
            sent.update(sent_at=timezone.now(), error="", provider_id=provider_id(message))
            Attachment.objects.filter(mail=mail).delete()
            forget(mail)


def postpone(mail: Mail, error: Exception) -> None:
    """Try again later, ever later; the kind of error is kept, never its words (they may name)."""
    tried = mail.attempts + 1
    now = timezone.now()
    logger.warning("mail %s was not sent (%s)", mail.pk, type(error).__name__)
    Mail.objects.filter(pk=mail.pk).update(
        error=type(error).__name__,
        due_at=now + timedelta(minutes=2**tried),
        given_up_at=now if tried >= ATTEMPTS else None,
    )
    if tried >= ATTEMPTS:
        forget(mail)


def forget(mail: Mail) -> None:
    """Empty a last word, and what was said of others: it has arrived, or never will."""
    if mail.template in LAST_WORDS:
        Mail.objects.filter(pk=mail.pk).update(to="", context={})
    elif mail.template in OF_OTHERS:
        Mail.objects.filter(pk=mail.pk).update(context={})


def compose(mail: Mail) -> EmailMultiAlternatives:
    """Write a mail as it leaves: text and HTML, in staff's words where they wrote some."""
    said = rendering.render(mail)
    message = EmailMultiAlternatives(said.subject, said.text, to=[mail.to])
    message.attach_alternative(said.html, "text/html")
    # A mail sent twice after a crash is recognised as one by its identifier.
    message.extra_headers["Message-ID"] = f"<{mail.public_id}@{settings.SITE_URL.split('//')[-1]}>"
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.extra_headers.update(headers.headers_of(mail))
    # What the provider gives back with each event; see anymail's metadata. Others ignore it.
    message.metadata = {"mail": str(mail.public_id)}  # type: ignore[attr-defined]
    for attachment in mail.attachments.all():
        message.attach(attachment.name, bytes(attachment.content), attachment.content_type)
    return message


def provider_id(message: EmailMultiAlternatives) -> str:
    """Return what the provider calls a mail that it took; nothing where it says nothing."""
    told = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return "" if told is None else str(told)[:200]
