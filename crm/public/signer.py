"""Somebody who follows the link of a mail: what it confirms, and where they came from."""

from datetime import timedelta

from django.http import QueryDict
from django.urls import reverse

from crm.campaigns.models import Signature
from crm.campaigns.operations import signature_from
from crm.lib import tokens
from crm.public.trail import trail_of, trail_query

THANKS = "thanks"
WITHIN = timedelta(days=30)


def signature_to_confirm(token: str) -> Signature:
    """Return the signature of a link that still works. Raises tokens.BadToken."""
    signature = signature_from(token)
    if signature.status == Signature.Status.WITHDRAWN:
        raise tokens.BadToken(token)
    return signature


def thanks_url(signature: Signature) -> str:
    """Return the page that thanks a signer."""
    page = reverse("public:petition-thanks", args=[signature.campaign.slug])
    return f"{page}?s={tokens.make(THANKS, str(signature.public_id))}"


def query_of(token: str) -> QueryDict:
    """Return the trail that led a signer here, so that a gift which follows is counted to it."""
    try:
        public_id = tokens.read(THANKS, token, max_age=WITHIN)
    except tokens.BadToken:
        return QueryDict()
    signature = Signature.objects.select_related("source").filter(public_id=public_id).first()
    return QueryDict(trail_query(trail_of(signature.source))[1:] if signature else "")
