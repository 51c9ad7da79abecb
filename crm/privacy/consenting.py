"""Agreeing at an address that nobody has proved yet: what holds once a mail to it is answered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app

from crm.lib import contact, tokens
from crm.lib.rows import insert_unless_there
from crm.people.models import Supporter
from crm.people.offers import told_by_owner
from crm.people.operations import register_held
from crm.privacy.ages import is_too_young
from crm.privacy.arriving import arrives_again
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.models import Channel, ConsentState, Wording
from crm.privacy.operations import NOTHING, record_consent

CONFIRM = "confirm-consent"
CONFIRM_WITHIN = timedelta(days=30)
PAUSE = timedelta(hours=1)  # one mail in it to an address
DAILY = 5  # mails at most
ASK = "mailing.ask_to_confirm"  # a job of the slice above


class TooYoung(Exception):
    """Whoever confirms is known to be a child: a parent has to."""


@transaction.atomic
def ask_for_consent(
    *,
    email: str,
    purpose: str,
    wording: Wording | None,
    language: str,
    source: str,
    at: datetime,
    channel: str = Channel.EMAIL,
    evidence: Mapping[str, Any] = NOTHING,
    given_name: str = "",
    family_name: str = "",
    parent_name: str = "",
    parent_email: str = "",
    is_proved: bool = False,
) -> None:
    """Take a box that was ticked: at once, or when the mail about it is answered.

    `is_proved`: the person came by a link that was sent to this address. It is not said whether
    we know the address. Raises ValueError when one is malformed.
    """
    asked = ConsentRequest(
        email=contact.normal_email(email),
        purpose=purpose,
        channel=channel,
        wording=wording,
        language=language,
        source=source,
        evidence=dict(evidence),
        given_name=given_name,
        family_name=family_name,
        parent_name=parent_name,
        parent_email=contact.normal_email(parent_email) if parent_email else "",
        asked_at=at,
    )
    is_for_child = bool(asked.parent_name or asked.parent_email)
    if not is_for_child and (is_proved or not needs_confirmation(purpose, channel)):
        agree(asked, is_own=is_proved, at=at)
    elif asked.parent_email or not is_for_child:
        ask_by_mail(asked, at=at)


def needs_confirmation(purpose: str, channel: str) -> bool:
    return channel == Channel.EMAIL and purpose in settings.DOUBLE_OPT_IN


def ask_by_mail(asked: ConsentRequest, *, at: datetime) -> None:
    """Have the mail sent that is to be answered, unless the same mailbox has just had one."""
    same = {"email": asked.email, "channel": asked.channel, "purpose": asked.purpose}
    waiting = ConsentRequest.objects.open().select_for_update().filter(**same).first()
    if had_enough(asked, at=at):
        return
    if waiting is not None:
        # What is confirmed is what was asked for last: the link of the mail before ends.
        waiting.delete()
    asked.mailed_at = at
    if insert_unless_there(asked):
        app.configure_task(ASK, queue="mail").defer(request_id=asked.pk)


def had_enough(asked: ConsentRequest, *, at: datetime) -> bool:
    """Whether the mailbox was asked a moment ago, or often today; boxes ticked together are one."""
    others = sent_to(mailbox_of(asked)).exclude(asked_at=asked.asked_at)
    today = others.filter(mailed_at__gt=at - timedelta(days=1))
    moments = today.values("mailed_at").distinct()
    return moments.filter(mailed_at__gt=at - PAUSE).exists() or moments.count() >= DAILY


def mailbox_of(request: ConsentRequest) -> str:
    """Return where the mail goes: to the parent, where there is one."""
    return request.parent_email or request.email


def sent_to(mailbox: str) -> QuerySet[ConsentRequest]:
    own = Q(email=mailbox, parent_email="") | Q(parent_email=mailbox)
    return ConsentRequest.objects.filter(own)


def asked_together(request: ConsentRequest) -> QuerySet[ConsentRequest]:
    """Return the boxes that were ticked on one form, which one mail is about, in their order."""
    form = {name: getattr(request, name) for name in ("email", "parent_email", "asked_at")}
    return ConsentRequest.objects.filter(**form, source=request.source).order_by("pk")


def token_for(request: ConsentRequest) -> str:
    return tokens.make(CONFIRM, str(request.public_id))


def consent_request_from(token: str) -> ConsentRequest:
    """Return the request that a link speaks of. Raises tokens.BadToken, also when it is gone."""
    public_id = tokens.read(CONFIRM, token, max_age=CONFIRM_WITHIN)
    found = ConsentRequest.objects.select_related("wording").filter(public_id=public_id).first()
    if found is None:
        raise tokens.BadToken(CONFIRM)
    return found


@transaction.atomic
def confirm_consent(*, request: ConsentRequest, at: datetime) -> bool:
    """Let what was asked for hold: its mail was answered. Return whether it holds.

    A second answer changes nothing, also where they said no meanwhile. A parent's answer has the
    child asked. Raises TooYoung for somebody whom we know to be a child, if no parent agreed.
    """
    together = asked_together(request).select_for_update(of=("self",)).select_related("wording")
    for each in list(together):
        if each.confirmed_at is None:
            settle(each, at=at)
    request.refresh_from_db()
    states = ConsentState.objects.filter(supporter=request.supporter, channel=request.channel)
    return states.filter(purpose=request.purpose, given=True).exists()


def settle(request: ConsentRequest, *, at: datetime) -> None:
    """Record what one request asked for, whose it is, and what was told of them."""
    if request.parent_email and needs_confirmation(request.purpose, request.channel):
        ask_child(request, at=at)
        return
    is_own = not request.parent_email  # a parent's click does not prove the child's address
    request.supporter = agree(request, is_own=is_own, at=at)
    request.confirmed_at = at
    request.save(update_fields=["supporter", "confirmed_at"])
    names = {"given_name": request.given_name, "family_name": request.family_name}
    if is_own:
        arrives_again(address=request.email, at=at)
        told_by_owner(supporter=request.supporter, source=request.source, at=at, **names)


def ask_child(request: ConsentRequest, *, at: datetime) -> None:
    """Ask at the child's address too, as a parent agreed: they may have written anybody's."""
    request.confirmed_at = at
    request.save(update_fields=["confirmed_at"])
    told = ("email", "channel", "purpose", "wording", "language", "source", "parent_name")
    names = ("given_name", "family_name")
    new = ConsentRequest(
        **{name: getattr(request, name) for name in (*told, *names)},
        evidence={"by": "parent", "agreed_at": at.isoformat(), **request.evidence},
        asked_at=at,
    )
    ask_by_mail(new, at=at)


def agree(request: ConsentRequest, *, is_own: bool, at: datetime) -> Supporter:
    """Make them a supporter, with what they agreed to. Raises TooYoung."""
    supporter = register_held(
        email=request.email,
        given_name=request.given_name,
        family_name=request.family_name,
        language=request.language,
        source="newsletter",
        at=at,
    )
    if not request.parent_name and is_too_young(supporter, at=at):
        raise TooYoung
    record_consent(
        supporter=supporter,
        given=True,
        purpose=request.purpose,
        channel=request.channel,
        wording=request.wording,
        source=request.source,
        said_by_supporter=is_own,
        evidence=proof_of(request, at) | request.evidence,
        parent_name=request.parent_name,
        at=at,
    )
    return supporter


def proof_of(request: ConsentRequest, at: datetime) -> dict[str, str]:
    """Return when the box was ticked and the address proved, and whether a parent agreed."""
    proof = {"asked_at": request.asked_at.isoformat()}
    if request.mailed_at is not None:
        proof["confirmed_at"] = at.isoformat()
    return proof | ({"by": "parent"} if request.parent_email else {})
