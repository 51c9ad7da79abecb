"""What may happen to campaigns and signatures. The only place that writes them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.models import Campaign, Comment, Signature
from crm.campaigns.sources import Trail, source_of
from crm.lib import tokens
from crm.lib.regions import region_of
from crm.mailing import outbox
from crm.people.models import Supporter
from crm.people.operations import record_change, register
from crm.privacy.models import Purpose, Wording
from crm.privacy.operations import record_consent

CONFIRM = "confirm-signature"
CONFIRM_WITHIN = timedelta(days=30)


class CampaignClosed(Exception):
    """The campaign does not take signatures now."""


@transaction.atomic
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
    supporter = register(
        email=email,
        given_name=given_name,
        family_name=family_name,
        language=language,
        postcode=postcode,
        country=country,
        at=at,
    )
    signature = insert_or_find(
        Signature(
            campaign=campaign,
            supporter=supporter,
            source=source_of(trail),
            language=language,
            country=country,
            region=region_of(country, postcode),
            newsletter=newsletter,
            signed_at=at,
            modified_at=at,
        )
    )
    if signature.status == Signature.Status.WITHDRAWN:
        sign_anew(signature, at=at)
    if newsletter is not None:
        ask_for_newsletter(signature, newsletter)
    if comment:
        Comment.objects.get_or_create(
            signature=signature, defaults={"text": comment, "is_public": comment_is_public}
        )
    write_to_signer(signature, at=at)
    return signature


def insert_or_find(new: Signature) -> Signature:
    """Insert, unless this supporter signed already: then return that signature."""
    Signature.objects.bulk_create([new], ignore_conflicts=True)
    return Signature.objects.select_related("campaign", "supporter").get(
        campaign=new.campaign, supporter=new.supporter
    )


def ask_for_newsletter(signature: Signature, newsletter: Wording) -> None:
    """Keep a box that was ticked only the second time, until the signature is confirmed."""
    pending = Signature.objects.filter(pk=signature.pk, status=Signature.Status.PENDING)
    pending.filter(newsletter=None).update(newsletter=newsletter)


def sign_anew(signature: Signature, *, at: datetime) -> None:
    """Let whoever withdrew sign again: it counts when they confirm again."""
    signature.status, signature.confirmed_at = Signature.Status.PENDING, None
    signature.signed_at = signature.modified_at = at
    withdrawn = Signature.objects.filter(pk=signature.pk, status=Signature.Status.WITHDRAWN)
    withdrawn.update(status=signature.status, confirmed_at=None, signed_at=at, modified_at=at)


def write_to_signer(signature: Signature, *, at: datetime) -> None:
    """Ask for confirmation, or tell who has signed already that they have; once a day at most."""
    confirmed = signature.status == Signature.Status.CONFIRMED
    template = "already_signed" if confirmed else "confirm_signature"
    outbox.queue(
        template,
        key=f"{template}:{signature.public_id}:{at:%Y-%m-%d}",
        to=signature.supporter,
        language=signature.language,
        at=at,
        context={
            "title": signature.campaign.text(signature.language).title,
            "slug": signature.campaign.slug,
            "given_name": signature.supporter.given_name,
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
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.status != Signature.Status.PENDING:
        return locked
    locked.status = Signature.Status.CONFIRMED
    locked.confirmed_at = locked.modified_at = at
    locked.save(update_fields=["status", "confirmed_at", "modified_at"])
    tallies.append(signature=locked, number=1, at=at)
    supporter = Supporter.objects.get(pk=locked.supporter_id)
    if locked.newsletter is not None:
        record_consent(
            supporter=supporter,
            given=True,
            purpose=Purpose.NEWSLETTER,
            wording=locked.newsletter,
            source=f"signature:{locked.public_id}",
            at=at,
        )
    record_change(supporter=supporter, kind="signature.confirmed", at=at)
    return locked


@transaction.atomic
def withdraw(*, signature: Signature, at: datetime, by: Any = None) -> Signature:
    """Take a signature out; if it was counted, it is uncounted on the day it was counted."""
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
