"""What staff were told, on paper or by telephone: it is not the person's own click."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.privacy.models import Wording
from crm.privacy.operations import Refusal, record_consent, why_not


class NotTaken(Exception):
    """A "yes" that cannot be written down: `reason`."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def write_down(
    *,
    supporter: Supporter,
    given: bool,
    purpose: str,
    channel: str,
    wording: Wording | None,
    parent_name: str,
    source: str,
    evidence: Mapping[str, Any],
    at: datetime,
    by: Any,
) -> None:
    """Record what somebody told a member of staff. Raises NotTaken."""
    person = standing(supporter)
    about: dict[str, Any] = {"supporter": person, "purpose": purpose, "channel": channel}
    told: dict[str, Any] = {"parent_name": parent_name, "said_by_supporter": False, "at": at}
    reason = why_not(**about, **told) if given else None
    if reason is not None:
        raise NotTaken(reason)
    record_consent(**about, **told, given=given, wording=wording, source=source, evidence=evidence)
    audit.log("consent.recorded", person, by=by, purpose=purpose, channel=channel, given=given)
