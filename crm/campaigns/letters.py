"""The mails of campaigns: who signed is asked to confirm, or told that they have; then thanked."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crm.campaigns.models import CampaignText, Signature, Source
from crm.campaigns.sharing import code_of
from crm.lib import tokens
from crm.lib.rows import insert_unless_there
from crm.mailing import outbox
from crm.mailing.jobs import deliver_mails
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress

CONFIRM, OWN = "confirm-signature", "own-signature"
CONFIRM_WITHIN = timedelta(days=30)
PAUSE = timedelta(minutes=10)  # one mail in it about a signature,
DAILY = 4  # and so many a day, whoever asks
ASKING, ALREADY, THANKS = "confirm_signature", "already_signed", "signature_thanks"


def letter_to_signer(signature: Signature, *, at: datetime) -> Mail:
    """Ask for confirmation, or tell who has signed already that they have; once in a pause."""
    confirmed = signature.status == Signature.Status.CONFIRMED
    template = ALREADY if confirmed else ASKING
    moment = int(at.timestamp() // PAUSE.total_seconds())
    return outbox.letter(
        template,
        key=f"{template}:{signature.public_id}:{moment}",
        to=signature.supporter,
        language=signature.language,
        at=at,
        context=told_already(signature) if confirmed else asked(signature),
    )


def asked(signature: Signature) -> dict[str, Any]:
    text = signature.campaign.text(signature.language)
    token = tokens.make(CONFIRM, str(signature.public_id))
    told = about(signature, text) | {"token": token, "signature": str(signature.public_id)}
    return told | ({"own": text.confirm_mail} if text.confirm_mail else {})


def told_already(signature: Signature) -> dict[str, Any]:
    text = signature.campaign.text(signature.language)
    return about(signature, text) | {"token": own_token(signature)}


def own_token(signature: Signature) -> str:
    return tokens.make(OWN, str(signature.public_id))


def about(signature: Signature, text: CampaignText) -> dict[str, Any]:
    """What every mail of these tells.

    Where `signature` is added, the foot leads to "it was not me"; not from the mail to who is
    counted already: that somebody else wrote their name again takes nothing from their own word.
    """
    return {"title": text.title, "slug": signature.campaign.slug}


def write_again(signature: Signature, *, at: datetime, to: str = "") -> bool:
    """Write to somebody who signs or asks again, unless enough was written; say whether.

    `to`: the one of their addresses at which they are now. Who has signed is told so only where we
    know them: there are servers where what looks like an alias is somebody else. What is held back
    or was withdrawn is not written about.
    """
    if signature.status not in (Signature.Status.PENDING, Signature.Status.CONFIRMED):
        return False
    letter = letter_to_signer(signature, at=at)
    if had_enough(letter, at=at):
        return False
    if to and (letter.template == ASKING or is_theirs(signature, to)):
        letter.to = to
    return insert_unless_there(letter, task=deliver_mails)


def is_theirs(signature: Signature, address: str) -> bool:
    known = EmailAddress.objects.filter(supporter=signature.supporter_id, address=address)
    return known.exists()


def had_enough(letter: Mail, *, at: datetime) -> bool:
    """Whether a signer had such a letter a moment ago, or several today."""
    same = Mail.objects.filter(supporter=letter.supporter_id, template=letter.template)
    about_it = same.filter(key__startswith=letter.key.rpartition(":")[0])
    today = about_it.filter(queued_at__gt=at - timedelta(days=1))
    moments = list(today.values_list("queued_at", flat=True))
    return len(moments) >= DAILY or any(moment > at - PAUSE for moment in moments)


def thank(signature: Signature, *, at: datetime) -> None:
    """Thank a signer, once, with the links by which they share, and the way to their own page."""
    text = signature.campaign.text(signature.language)
    own = {"own": text.thanks_mail} if text.thanks_mail else {}
    outbox.queue(
        THANKS,
        key=f"{THANKS}:{signature.public_id}",
        to=signature.supporter,
        language=signature.language,
        at=at,
        context={
            **about(signature, text),
            **own,
            "token": own_token(signature),
            "signature": str(signature.public_id),
            "share_text": text.share_text or text.title,
            "code": code_of(signature),
            "trail": trail_of(signature.source),
        },
    )


def trail_of(source: Source) -> str:
    """Return what a link to the donation page carries on, so that a gift is counted to it too."""
    told = {
        "utm_source": source.utm_source,
        "utm_medium": source.utm_medium,
        "utm_campaign": source.utm_campaign,
        "ref": source.referrer_host,
    }
    return urlencode({name: value for name, value in told.items() if value})


def source_of_facts(signature: Signature) -> str:
    return f"signature:{signature.public_id}"
