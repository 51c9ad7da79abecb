"""Taking a signature out, whatever the reason."""

from datetime import datetime
from typing import Any

from crm import audit
from crm.campaigns import tallies
from crm.campaigns.entering_sheets import strike
from crm.campaigns.letters import source_of_facts
from crm.campaigns.models import Signature
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.privacy.consent_requests import ConsentRequest


def end(locked: Signature, *, why: str, at: datetime, by: Any = None) -> None:
    """Take a locked signature out; what was counted is uncounted on the day it was counted.

    Its boxes end with it: whoever signs again is asked again.
    """
    if locked.status == Signature.Status.CONFIRMED and locked.confirmed_at is not None:
        tallies.append(signature=locked, number=-1, at=locked.confirmed_at)
    locked.status, locked.ended = Signature.Status.WITHDRAWN, why
    locked.newsletter = locked.appeals = None
    locked.modified_at = at
    locked.save(update_fields=["status", "ended", "newsletter", "appeals", "modified_at"])
    if locked.sheet_id is not None:
        strike(line=locked)
    kept = ConsentRequest.objects.open().filter(supporter=locked.supporter_id)
    kept.filter(source=source_of_facts(locked)).delete()
    supporter = Supporter.objects.get(pk=locked.supporter_id)
    record_change(supporter=supporter, kind="signature.withdrawn", at=at)
    audit.log("signature.withdrawn", locked, by=by, at=at, why=str(why))
