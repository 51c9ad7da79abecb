"""What may happen to signatures once they are given, and to campaigns."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.aliases import counted_twin, lock_mailbox
from crm.campaigns.boxes import take, ticked
from crm.campaigns.comments import Comment
from crm.campaigns.counting import Step
from crm.campaigns.duplicates import standing_for
from crm.campaigns.ending import end
from crm.campaigns.lead_consents import agree_to_boxes
from crm.campaigns.letters import CONFIRM, CONFIRM_WITHIN, source_of_facts, thank
from crm.campaigns.models import Signature
from crm.lib import tokens
from crm.people.models import Supporter
from crm.people.offers import prove
from crm.people.operations import record_change
from crm.people.standing import standing
from crm.privacy.arriving import arrives_again


def signature_from(token: str) -> Signature:
    """Return the signature that a confirmation link speaks of. Raises tokens.BadToken.

    Of who was erased there is none: nothing tells any more whose it was.
    """
    public_id = tokens.read(CONFIRM, token, max_age=CONFIRM_WITHIN)
    found = Signature.objects.select_related("campaign", "supporter")
    signature = found.filter(public_id=public_id, supporter__erased_at=None).first()
    if signature is None:
        raise tokens.BadToken(CONFIRM)
    return signature


def awaits_its_link(signature: Signature) -> bool:
    """Whether its link confirms a signature: also where mail came back, for now it has arrived.

    What staff hold back is not: a link from before does not take the decision from them.
    """
    if signature.status == Signature.Status.WITHDRAWN:
        return signature.ended == Signature.Ended.BOUNCED
    return signature.status == Signature.Status.PENDING


@transaction.atomic
def confirm(*, signature: Signature, at: datetime) -> Signature:
    """Count a signature whose address is proved, let its boxes take effect, and thank the signer.

    Returns the signature that counts: another one, where the same mailbox has signed before.
    """
    standing(signature.supporter)  # before the signature, as whoever merges
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.status == Signature.Status.WITHDRAWN and (counts := standing_for(locked)):
        # The link of a record that was merged confirms what the record that stands has signed.
        return confirm(signature=counts, at=at)
    if not awaits_its_link(locked):
        return twin_of(locked) or locked
    lock_mailbox(locked)
    supporter = Supporter.objects.get(pk=locked.supporter_id)
    held = take(list(ticked(locked)), signature=locked, supporter=supporter, at=at)
    if agree_to_boxes(locked, at=at) or held:
        tallies.note_step(signature=locked, step=Step.CONSENT, at=at)
    twin = counted_twin(locked)
    if twin is not None:
        end(locked, why=Signature.Ended.DUPLICATE, at=at)
    else:
        count(locked, at=at)
    prove(supporter=supporter, source=source_of_facts(locked), at=at)
    arrives_again(address=supporter.email, at=at)
    return twin or locked


def count(locked: Signature, *, at: datetime) -> None:
    """Count a locked signature from now on, and thank the signer."""
    locked.status, locked.ended = Signature.Status.CONFIRMED, ""
    locked.confirmed_at = locked.modified_at = at
    locked.save(update_fields=["status", "ended", "confirmed_at", "modified_at"])
    tallies.append(signature=locked, number=1, at=at)
    record_change(supporter=locked.supporter, kind="signature.confirmed", at=at)
    thank(locked, at=at)


def twin_of(signature: Signature) -> Signature | None:
    """Return the signature that counts instead of one by the same mailbox, if this is such one."""
    is_twin = signature.ended == Signature.Ended.DUPLICATE
    return counted_twin(signature) if is_twin else None


@transaction.atomic
def withdraw(
    *, signature: Signature, at: datetime, by: Any = None, why: str = Signature.Ended.STAFF
) -> Signature:
    """Take a signature out; if it was counted, it is uncounted on the day it was counted."""
    standing(signature.supporter)
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.status != Signature.Status.WITHDRAWN:
        end(locked, why=why, at=at, by=by)
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
