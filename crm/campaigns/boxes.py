"""The boxes that were ticked when signing: consents, once the address is proved."""

from collections.abc import Iterator
from datetime import datetime

from crm.campaigns.letters import source_of_facts
from crm.campaigns.models import Signature
from crm.people.models import Supporter
from crm.privacy.models import Channel, Consent, ConsentState, Purpose, Wording
from crm.privacy.operations import record_consent

BOXES = {"newsletter": Purpose.NEWSLETTER, "appeals": Purpose.APPEALS}


def ticked(signature: Signature) -> Iterator[tuple[Purpose, Wording]]:
    """Yield the boxes that hold: nobody said no since they were ticked."""
    for name, purpose in BOXES.items():
        wording = getattr(signature, name)
        if wording is not None and not has_said_no(signature, purpose):
            yield purpose, wording


def has_said_no(signature: Signature, purpose: Purpose) -> bool:
    said_no = ConsentState.objects.refused(purpose, Channel.EMAIL)
    since = said_no.filter(supporter=signature.supporter_id, since__gt=signature.modified_at)
    return since.exists()


def take(
    boxes: list[tuple[Purpose, Wording]],
    *,
    signature: Signature,
    supporter: Supporter,
    at: datetime,
) -> bool:
    """Let boxes take effect; return whether this signature gave a consent, and had given none."""
    evidence = {
        "asked_at": signature.signed_at.isoformat(),
        "confirmed_at": at.isoformat(),
        "campaign": signature.campaign_id,
    }
    had = bool(boxes) and Consent.objects.filter(source=source_of_facts(signature)).exists()
    held = [
        record_consent(
            supporter=supporter,
            given=True,
            purpose=purpose,
            wording=wording,
            source=source_of_facts(signature),
            evidence=evidence,
            at=at,
        )
        for purpose, wording in boxes
    ]
    return any(held) and not had


def take_back(*, signature: Signature, at: datetime) -> None:
    """End what holds because of the boxes of a signature: whoever ticked them was somebody else."""
    source = source_of_facts(signature)
    states = ConsentState.objects.filter(supporter=signature.supporter_id, given=True)
    for state in states.select_related("supporter"):
        said = Consent.objects.filter(
            supporter=state.supporter_id, purpose=state.purpose, channel=state.channel
        )
        last = said.order_by("-at", "-pk").first()
        if last is not None and last.source == source:
            record_consent(
                supporter=state.supporter,
                given=False,
                purpose=state.purpose,
                channel=state.channel,
                source=source,
                at=at,
            )
