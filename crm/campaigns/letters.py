"""The mails of campaigns: who signed is asked to confirm, or told that they have already."""

from datetime import datetime, timedelta

from crm.campaigns.models import Signature
from crm.lib import tokens
from crm.mailing import outbox
from crm.mailing.models import Mail

CONFIRM = "confirm-signature"
CONFIRM_WITHIN = timedelta(days=30)


def letter_to_signer(signature: Signature, *, at: datetime) -> Mail:
    """Ask for confirmation, or tell who has signed already that they have; once a day at most."""
    confirmed = signature.status == Signature.Status.CONFIRMED
    template = "already_signed" if confirmed else "confirm_signature"
    return outbox.letter(
        template,
        key=f"{template}:{signature.public_id}:{at:%Y-%m-%d}",
        to=signature.supporter,
        language=signature.language,
        at=at,
        context={
            "title": signature.campaign.text(signature.language).title,
            "slug": signature.campaign.slug,
            "token": tokens.make(CONFIRM, str(signature.public_id)),
        },
    )


def source_of_facts(signature: Signature) -> str:
    return f"signature:{signature.public_id}"
