"""What signers change on their own page: their name and place, and what they said."""

from datetime import datetime

from django.db import transaction

from crm.campaigns.comments import Comment
from crm.campaigns.counting import Step
from crm.campaigns.duplicates import standing_for
from crm.campaigns.letters import OWN
from crm.campaigns.models import Signature
from crm.campaigns.tallies import delta_of
from crm.lib import tokens
from crm.people.models import Supporter
from crm.people.operations import correct
from crm.people.standing import standing


def own_signature(token: str) -> Signature:
    """Return the signature whose page a link opens, until its campaign is archived.

    Raises tokens.BadToken; also when its signer was erased, or did not sign.
    """
    public_id = tokens.read(OWN, token, max_age=None)
    shown = Signature.objects.select_related("campaign", "supporter", "source", "comment")
    shown = shown.prefetch_related("campaign__texts")
    found = shown.filter(public_id=public_id).first()
    if found is not None and found.supporter.merged_into_id is not None:
        stands = standing_for(found)
        found = shown.filter(pk=stands.pk).first() if stands else None
    if (
        found is None
        or found.ended == Signature.Ended.NOT_ME
        or found.supporter.erased_at is not None
        or found.campaign.archived_at is not None
    ):
        raise tokens.BadToken(OWN)
    return found


@transaction.atomic
def put_right(*, signature: Signature, at: datetime, **facts: str) -> Supporter:
    """Write what a signer says of themself, who came by a link in a mail to them.

    Where they move, the signature moves too: it is counted where they live.
    """
    who = standing(signature.supporter)
    before = (str(who.country), who.region)
    who = correct(supporter=who, at=at, **facts)
    if (str(who.country), who.region) != before:
        move(signature, who, at=at)
    return who


def move(signature: Signature, who: Supporter, *, at: datetime) -> None:
    """Count a signature in another country or region, on the day it was counted.

    The line of a sheet is counted where the sheet was collected.
    """
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.sheet_id is not None:
        return
    rows = []
    for number in (-1, 1):
        if locked.status == Signature.Status.CONFIRMED and locked.confirmed_at is not None:
            row = delta_of(locked, Step.CONFIRM, at=locked.confirmed_at)
            row.number = number
            rows.append(row)
        locked.country, locked.region = who.country, who.region
    for row in rows:
        row.save()
    locked.modified_at = at
    locked.save(update_fields=["country", "region", "modified_at"])


@transaction.atomic
def say(*, signature: Signature, text: str, is_public: bool) -> bool:
    """Change what a signer said; return whether it changed. Empty takes it back.

    Staff look at what is changed before it is shown.
    """
    standing(signature.supporter)
    known = Comment.objects.select_for_update().filter(signature=signature).first()
    if not text:
        return known is not None and bool(known.delete())
    if known is not None and (known.text, known.is_public) == (text, is_public):
        return False
    told = {"text": text, "is_public": is_public, "approved_at": None}
    Comment.objects.update_or_create(signature=signature, defaults=told)
    return True
