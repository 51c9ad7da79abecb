"""What may happen to campaigns and signatures. The only place that writes them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.duplicates import standing_for
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.sources import Trail, source_of
from crm.lib import tokens
from crm.lib.rows import insert_unless_there
from crm.mailing import outbox
from crm.mailing.jobs import deliver_mails
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.offers import offer, prove
from crm.people.operations import find_or_insert, insert_newcomer, newcomer, record_change
from crm.people.standing import standing
from crm.privacy.arriving import arrives_again
from crm.privacy.models import Channel, ConsentState, Purpose, Wording
from crm.privacy.operations import record_consent

CONFIRM = "confirm-signature"
CONFIRM_WITHIN = timedelta(days=30)


class CampaignClosed(Exception):
    """The campaign does not take signatures now."""


def sign(
    *,
    campaign: Campaign,
    email: str,
    given_name: str,
    family_name: str,
    postcode: str,
    country: str,
    language: str,
    trail: Trail,
    at: datetime,
    newsletter: Wording | None = None,
    comment: str = "",
    comment_is_public: bool = False,
) -> Signature:
    """Sign, and send the mail by which the signer confirms. Signing again changes no signature.

    Raises CampaignClosed, and ValueError for a malformed address.
    """
    if not campaign.is_open(at):
        raise CampaignClosed(campaign.slug)
    signer = newcomer(
        email=email,
        given_name=given_name,
        family_name=family_name,
        language=language,
        postcode=postcode,
        country=country,
        source="signature",
        at=at,
    )
    signature = Signature(
        campaign=campaign,
        supporter=signer,
        source=source_of(trail),
        language=language,
        country=country,
        region=signer.region,
        newsletter=newsletter,
        signed_at=at,
        modified_at=at,
    )
    said = Comment(signature=signature, text=comment, is_public=comment_is_public)
    return sign_as_newcomer(signature, said) or sign_as_known(signature, said)


def sign_as_newcomer(signature: Signature, comment: Comment) -> Signature | None:
    """Write, in one statement, the signature of somebody whose address nobody has; else nothing."""
    rows: list[Model] = [signature, letter_to_signer(signature, at=signature.signed_at)]
    if comment.text:
        rows.append(comment)
    is_new = insert_newcomer(signature.supporter, *rows, task=deliver_mails)
    return signature if is_new else None


@transaction.atomic
def sign_as_known(new: Signature, comment: Comment) -> Signature:
    """Sign by an address that we know, maybe from an earlier signature, which then stays.

    What was told of them and differs from what we know is proposed to staff.
    """
    told = new.supporter
    new.supporter = find_or_insert(told, is_held=True)
    signature = insert_or_find(new)
    offer(
        supporter=new.supporter,
        source=source_of_facts(signature),
        at=new.signed_at,
        given_name=told.given_name,
        family_name=told.family_name,
        postcode=told.postcode,
        country=str(told.country),
    )
    if signature.status == Signature.Status.WITHDRAWN:
        sign_anew(signature, at=new.signed_at)
    if new.newsletter is not None:
        ask_for_newsletter(signature, new.newsletter, at=new.signed_at)
    if comment.text:
        comment.signature = signature
        insert_unless_there(comment)
    letter = letter_to_signer(signature, at=new.signed_at)
    letter.to = told.email  # one of theirs: the one at which they are now
    insert_unless_there(letter, task=deliver_mails)
    return signature


def source_of_facts(signature: Signature) -> str:
    return f"signature:{signature.public_id}"


def insert_or_find(new: Signature) -> Signature:
    """Insert, unless this supporter signed already: then return that signature."""
    if insert_unless_there(new):
        return new
    signature = Signature.objects.get(campaign=new.campaign, supporter=new.supporter)
    signature.campaign, signature.supporter = new.campaign, new.supporter
    if signature.status == Signature.Status.PENDING:
        ask_again(signature, at=new.signed_at)
    return signature


def ask_again(signature: Signature, *, at: datetime) -> None:
    """Let who signs again before confirming have as long to confirm as if they signed now."""
    pending = Signature.objects.filter(pk=signature.pk, status=Signature.Status.PENDING)
    pending.update(signed_at=at)


def ask_for_newsletter(signature: Signature, newsletter: Wording, *, at: datetime) -> None:
    """Keep a box that was ticked once more, or only now, until the signature is confirmed."""
    pending = Signature.objects.filter(pk=signature.pk, status=Signature.Status.PENDING)
    pending.update(newsletter=newsletter, modified_at=at)


def wants_newsletter(signature: Signature) -> bool:
    """Whether the box of a pending signature holds: nobody said no since it was ticked."""
    if signature.newsletter_id is None:
        return False
    said_no = ConsentState.objects.refused(Purpose.NEWSLETTER, Channel.EMAIL)
    since = said_no.filter(supporter=signature.supporter_id, since__gt=signature.modified_at)
    return not since.exists()


def sign_anew(signature: Signature, *, at: datetime) -> None:
    """Let whoever withdrew sign again: it counts when they confirm again."""
    signature.status, signature.confirmed_at = Signature.Status.PENDING, None
    signature.signed_at = signature.modified_at = at
    withdrawn = Signature.objects.filter(pk=signature.pk, status=Signature.Status.WITHDRAWN)
    withdrawn.update(status=signature.status, confirmed_at=None, signed_at=at, modified_at=at)


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
