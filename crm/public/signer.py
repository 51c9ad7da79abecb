"""Somebody who follows the link of a mail: what it confirms, and where they came from."""

from datetime import timedelta

from django.urls import reverse

from crm.campaigns.boxes import ticked
from crm.campaigns.letters import CONFIRM
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.operations import awaits_its_link, signature_from
from crm.campaigns.sharing import brought_by
from crm.lib import tokens
from crm.privacy.models import Wording
from crm.public.trail import trail_fields, trail_of

THANKS = "thanks"
WITHIN = timedelta(days=30)
KEPT = {Signature.Status.CONFIRMED, Signature.Status.HELD}


def signature_to_confirm(token: str) -> Signature:
    """Return the signature of a link that still works. Raises tokens.BadToken."""
    signature = signature_from(token)
    is_over = signature.status not in KEPT and not awaits_its_link(signature)
    if is_over and signature.ended != Signature.Ended.DUPLICATE:
        raise tokens.BadToken(token)
    return signature


def agreed(signature: Signature) -> list[Wording]:
    """Return the words of the boxes that hold once a signature is confirmed.

    Whoever confirms reads them: somebody else may have ticked them, with the address of a signer.
    """
    waits = awaits_its_link(signature)
    return [wording for _purpose, wording in ticked(signature)] if waits else []


def campaign_of_old(token: str) -> Campaign | None:
    """Return what a link was about that no longer works, if that can be told."""
    try:
        public_id = tokens.read(CONFIRM, token, max_age=None)
    except tokens.BadToken:
        return None
    public = Campaign.objects.public().current().with_texts()
    return public.filter(signatures__public_id=public_id).first()


def thanks_url(signature: Signature) -> str:
    """Return the page that thanks a signer."""
    page = reverse("public:petition-thanks", args=[signature.campaign.slug])
    return f"{page}?s={thanks_token(signature)}"


def thanks_token(signature: Signature) -> str:
    """Return what tells whose thanks they are, and opens nothing else: people pass pages on."""
    return tokens.make(THANKS, str(signature.public_id))


def thanked(token: str, campaign: Campaign) -> Signature | None:
    """Return the signature that a page of thanks is for, unless the link is forged or too old."""
    try:
        public_id = tokens.read(THANKS, token, max_age=WITHIN)
    except tokens.BadToken:
        return None
    signers = Signature.objects.confirmed().select_related("source")
    known = signers.filter(campaign=campaign, supporter__erased_at=None)
    return known.filter(public_id=public_id).first()


def brought(signature: Signature | None) -> int:
    """Return how many signed through somebody's link, without saying who."""
    return brought_by(signature) if signature else 0


def trail_from_signature(signature: Signature | None) -> list[tuple[str, str]]:
    """Return the trail that led a signer here, so that a gift which follows is counted to it."""
    told = trail_fields(trail_of(signature.source)) if signature else []
    return [(name, value) for name, value in told if value]
