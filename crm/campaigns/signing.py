"""Signing: what the form, the API and the embed do."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model

from crm.campaigns.comments import Comment
from crm.campaigns.letters import letter_to_signer, source_of_facts
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.sources import Trail, source_of
from crm.lib.rows import insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.people.offers import offer
from crm.people.operations import find_or_insert, insert_newcomer, newcomer
from crm.privacy.models import Wording


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


def sign_anew(signature: Signature, *, at: datetime) -> None:
    """Let whoever withdrew sign again: it counts when they confirm again."""
    signature.status, signature.confirmed_at = Signature.Status.PENDING, None
    signature.signed_at = signature.modified_at = at
    withdrawn = Signature.objects.filter(pk=signature.pk, status=Signature.Status.WITHDRAWN)
    withdrawn.update(status=signature.status, confirmed_at=None, signed_at=at, modified_at=at)
