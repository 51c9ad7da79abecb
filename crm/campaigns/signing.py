"""Signing: what the form, the API and the embed do."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model

from crm import audit
from crm.campaigns import admitting, aliases, letters, tallies
from crm.campaigns.attribution import first_touch, follow_link
from crm.campaigns.comments import Comment
from crm.campaigns.counting import Step
from crm.campaigns.letters import letter_to_signer, source_of_facts
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.proofs_spent import SpentProof
from crm.campaigns.sources import Trail, source_of
from crm.lib import contact
from crm.lib.rows import Maybe, insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.people.addressing import add_phone
from crm.people.contact_points import Phone
from crm.people.mailboxes import mailbox_is_new
from crm.people.models import Supporter
from crm.people.offers import offer
from crm.people.operations import find_or_insert, insert_newcomer, newcomer
from crm.privacy.models import Wording


class CampaignClosed(Exception):
    """The campaign does not take signatures now."""


class Said(NamedTuple):
    """What comes with a signature."""

    comment: Comment | None = None
    phone: str = ""
    proof: SpentProof | None = None


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
    appeals: Wording | None = None,
    phone: str = "",
    comment: str = "",
    comment_is_public: bool = False,
    network: str = "",
    proof: str = "",
) -> Signature:
    """Sign, and send the mail by which the signer confirms. Signing again changes no signature.

    `network` says from where, `proof` which challenge was solved: see `admitting`. Raises
    CampaignClosed, and ValueError for a malformed address or telephone number.
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
        appeals=appeals,
        network=network.partition("/")[0] or None,
        signed_at=at,
        modified_at=at,
    )
    follow_link(signature, trail.share)
    said = Said(
        Comment(signature=signature, text=comment, is_public=comment_is_public)
        if comment
        else None,
        contact.normal_phone(phone, country) if phone else "",
        admitting.spend(proof, at=at),
    )
    return sign_as_newcomer(signature, said) or sign_as_known(signature, said)


def sign_as_newcomer(signature: Signature, said: Said) -> Signature | None:
    """Write, in one statement, the signature of somebody whose mailbox nobody has; else nothing."""
    signer = signature.supporter
    signature.status = admitting.verdict(signature, said.proof)
    is_new = insert_newcomer(
        signer,
        *rows_of_newcomer(signature, said),
        task=deliver_mails,
        is_shared=True,
        only_if=mailbox_is_new(signer.email),
    )
    return signature if is_new else None


def rows_of_newcomer(signature: Signature, said: Said) -> Iterator[Model | Maybe]:
    at = signature.signed_at
    if said.proof is not None:
        yield Maybe(said.proof)
    yield signature
    yield from admitting.only_if_pending(letter_to_signer(signature, at=at), signature)
    yield tallies.delta_of(signature, Step.SUBMIT, at=at)
    if said.comment is not None:
        yield said.comment
    if said.phone:
        source = source_of_facts(signature)
        phone = {"number": said.phone, "source": source, "added_at": at, "is_preferred": True}
        yield Phone(supporter=signature.supporter, **phone)


@transaction.atomic
def sign_as_known(new: Signature, said: Said) -> Signature:
    """Sign by a mailbox that we know, maybe from an earlier signature, which then stays.

    What was told of them and differs from what we know is proposed to staff.
    """
    told, at = new.supporter, new.signed_at
    known = aliases.holder(told.email, campaign_id=new.campaign_id)
    new.supporter = known or find_or_insert(told, is_held=True)
    new.first_source_id = first_touch(new.supporter, new.source_id, at=at)
    proof = said.proof if said.proof and insert_unless_there(said.proof) else None
    new.status = admitting.verdict(new, proof)
    signature = insert_or_find(new)
    propose(signature, told, at=at)
    if signature.status == Signature.Status.WITHDRAWN:
        sign_anew(signature, new, at=at)
    ask_for_boxes(signature, new, at=at)
    add_what_was_said(signature, said, at=at)
    letters.write_again(signature, at=at, to=told.email)  # the address at which they are now
    return signature


def propose(signature: Signature, told: Supporter, *, at: datetime) -> None:
    offer(
        supporter=signature.supporter,
        source=source_of_facts(signature),
        at=at,
        given_name=told.given_name,
        family_name=told.family_name,
        postcode=told.postcode,
        country=str(told.country),
    )


def add_what_was_said(signature: Signature, said: Said, *, at: datetime) -> None:
    """Add the comment and the telephone, where there is none yet: a stranger may be writing."""
    if said.comment is not None:
        said.comment.signature = signature
        insert_unless_there(said.comment)
    signer = signature.supporter
    if said.phone and not signer.phones.exists():
        add_phone(supporter=signer, number=said.phone, source=source_of_facts(signature), at=at)


def insert_or_find(new: Signature) -> Signature:
    """Insert, unless this supporter signed already: then return that signature."""
    if insert_unless_there(new, tallies.delta_of(new, Step.SUBMIT, at=new.signed_at)):
        return new
    signature = Signature.objects.get(campaign=new.campaign, supporter=new.supporter)
    signature.campaign, signature.supporter = new.campaign, new.supporter
    tallies.note_step(signature=signature, step=Step.REPEAT, at=new.signed_at)
    if signature.status == Signature.Status.PENDING:
        ask_again(signature, at=new.signed_at)
    return signature


def ask_again(signature: Signature, *, at: datetime) -> None:
    """Let who signs again before confirming have as long to confirm as if they signed now."""
    pending = Signature.objects.filter(pk=signature.pk, status=Signature.Status.PENDING)
    pending.update(signed_at=at)


def ask_for_boxes(signature: Signature, new: Signature, *, at: datetime) -> None:
    """Keep boxes that were ticked once more, or only now, until the signature is confirmed."""
    ticked: dict[str, Any] = {"newsletter": new.newsletter, "appeals": new.appeals}
    ticked = {name: wording for name, wording in ticked.items() if wording is not None}
    if ticked and signature is not new:
        waiting = [Signature.Status.PENDING, Signature.Status.HELD]
        theirs = Signature.objects.filter(pk=signature.pk, status__in=waiting)
        theirs.update(**ticked, modified_at=at)


def sign_anew(signature: Signature, new: Signature, *, at: datetime) -> None:
    """Let whoever withdrew sign again: it counts when they confirm again, or is held back."""
    signature.status, signature.confirmed_at = admitting.settled(new.status), None
    signature.ended, signature.network = "", new.network
    signature.signed_at = signature.modified_at = at
    signature.way = Signature.Way.ONLINE  # also who stood on a sheet, and was struck out there
    withdrawn = Signature.objects.filter(pk=signature.pk, status=Signature.Status.WITHDRAWN)
    withdrawn.update(
        status=signature.status,
        ended="",
        network=signature.network,
        way=signature.way,
        confirmed_at=None,
        signed_at=at,
        modified_at=at,
    )


@transaction.atomic
def release_held(*, signatures: Iterable[Signature], at: datetime, by: Any) -> int:
    """Take signatures as if nothing had held them back: their mails go; return how many."""
    keys = [signature.pk for signature in signatures]
    # First the people, as whoever merges or erases them.
    people = Supporter.objects.filter(signatures__in=keys).select_for_update(no_key=True)
    list(people.order_by("pk").values_list("pk"))
    held = Signature.objects.filter(pk__in=keys, status=Signature.Status.HELD).order_by("pk")
    held = held.select_related("supporter", "campaign").prefetch_related("campaign__texts")
    released = list(held.select_for_update(of=("self",)))
    pending = Signature.objects.filter(pk__in=[signature.pk for signature in released])
    pending.update(status=Signature.Status.PENDING, modified_at=at)
    for signature in released:
        signature.status, signature.modified_at = Signature.Status.PENDING, at
        letters.write_again(signature, at=at)
        audit.log("signature.released", signature, by=by, at=at)
    return len(released)
