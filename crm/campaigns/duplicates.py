"""Signatures of one petition by two records that turn out to be one person."""

from datetime import datetime

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.people.standing import successor


def recount(*, row: Signature, before: dict[str, str | None], at: datetime) -> None:
    """Count a signature, or count it no longer, after a merge changed what it was `before`."""
    if "status" not in before or row.confirmed_at is None:
        return
    was, now = (status == Signature.Status.CONFIRMED for status in (before["status"], row.status))
    if was != now:
        tallies.append(signature=row, number=1 if now else -1, at=row.confirmed_at)
    Signature.objects.filter(pk=row.pk).update(modified_at=at)


def standing_for(signature: Signature) -> Signature | None:
    """Return the signature that counts instead of one whose signer was merged into another."""
    heir = successor(signature.supporter)
    if heir is None:
        return None
    return Signature.objects.filter(campaign=signature.campaign_id, supporter=heir).first()
