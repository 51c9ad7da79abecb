"""What may happen to signatures once they are given, and to campaigns."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.duplicates import standing_for
from crm.campaigns.letters import CONFIRM, CONFIRM_WITHIN, source_of_facts
from crm.campaigns.models import Campaign, Signature
from crm.lib import tokens
from crm.people.models import Supporter
from crm.people.offers import prove
from crm.people.operations import record_change
from crm.people.standing import standing
from crm.privacy.arriving import arrives_again
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.privacy.operations import record_consent


def wants_newsletter(signature: Signature) -> bool:
    """Whether the box of a pending signature holds: nobody said no since it was ticked."""
    if signature.newsletter_id is None:
        return False
    said_no = ConsentState.objects.refused(Purpose.NEWSLETTER, Channel.EMAIL)
    since = said_no.filter(supporter=signature.supporter_id, since__gt=signature.modified_at)
    return not since.exists()


def signature_from(token: str) -> Signature:
    """Return the signature that a confirmation link speaks of. Raises tokens.BadToken."""
    public_id = tokens.read(CONFIRM, token, max_age=CONFIRM_WITHIN)
    found = Signature.objects.select_related("campaign", "supporter", "newsletter")
    signature = found.filter(public_id=public_id).first()
    if signature is None:
        raise tokens.BadToken(CONFIRM)
    return signature


@transaction.atomic
def confirm(*, signature: Signature, at: datetime) -> Signature:
    """Count a signature whose address is proved, and let its newsletter box take effect."""
    standing(signature.supporter)  # before the signature, as whoever merges
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.status == Signature.Status.WITHDRAWN and (counts := standing_for(locked)):
        # The link of a record that was merged confirms what the record that stands has signed.
        return confirm(signature=counts, at=at)
    if locked.status != Signature.Status.PENDING:
        return locked
    is_wanted = wants_newsletter(locked)
    locked.status = Signature.Status.CONFIRMED
    locked.confirmed_at = locked.modified_at = at
    locked.save(update_fields=["status", "confirmed_at", "modified_at"])
    tallies.append(signature=locked, number=1, at=at)
    supporter = Supporter.objects.get(pk=locked.supporter_id)
    if is_wanted:
        record_consent(
            supporter=supporter,
            given=True,
            purpose=Purpose.NEWSLETTER,
            wording=locked.newsletter,
            source=source_of_facts(locked),
            evidence={
                "asked_at": locked.signed_at.isoformat(),
                "confirmed_at": at.isoformat(),
                "campaign": locked.campaign_id,
            },
            at=at,
        )
    prove(supporter=supporter, source=source_of_facts(locked), at=at)
    arrives_again(address=supporter.email, at=at)
    record_change(supporter=supporter, kind="signature.confirmed", at=at)
    return locked


@transaction.atomic
def withdraw(*, signature: Signature, at: datetime, by: Any = None) -> Signature:
    """Take a signature out; if it was counted, it is uncounted on the day it was counted."""
    standing(signature.supporter)
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.status == Signature.Status.WITHDRAWN:
        return locked
    if locked.confirmed_at is not None:
        tallies.append(signature=locked, number=-1, at=locked.confirmed_at)
    locked.status = Signature.Status.WITHDRAWN
    locked.modified_at = at
    locked.save(update_fields=["status", "modified_at"])
    supporter = Supporter.objects.get(pk=locked.supporter_id)
    record_change(supporter=supporter, kind="signature.withdrawn", at=at)
    audit.log("signature.withdrawn", locked, by=by, at=at)
    return locked


@transaction.atomic
def approve_comment(*, comment: Comment, at: datetime, by: Any = None) -> bool:
    """Let the petition show what a confirmed signer wants shown; return whether that is new."""
    waiting = Comment.objects.to_approve().filter(pk=comment.pk)
    if not waiting.update(approved_at=at):
        return False
    audit.log("comment.approved", comment, by=by, at=at)
    return True


@transaction.atomic
def hide_comment(*, comment: Comment, at: datetime, by: Any = None) -> None:
    """Never show this comment, whatever its signer wished."""
    if Comment.objects.filter(pk=comment.pk, is_public=True).update(
        is_public=False, approved_at=None
    ):
        audit.log("comment.hidden", comment, by=by, at=at)


def save_campaign(*, campaign: Campaign, at: datetime) -> Campaign:
    """Write a campaign as it is now, and date the change."""
    campaign.modified_at = at
    campaign.save()
    return campaign
