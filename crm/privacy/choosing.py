"""What somebody chooses on their own page: each purpose by each way of reaching them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from crm.people.models import Supporter
from crm.privacy.models import Channel, Consent, ConsentState, Purpose, Wording
from crm.privacy.operations import record_consent

# What may be offered; what was said of anything else is shown all the same.
OFFERED = {
    Purpose.NEWSLETTER: [Channel.EMAIL],
    Purpose.APPEALS: [Channel.EMAIL, Channel.POST, Channel.PHONE],
}


class Choice(NamedTuple):
    purpose: str
    channel: str
    given: bool
    wording: Wording | None = None


class Standing(NamedTuple):
    """What holds of one purpose and channel, and the last word about it; both None if unsaid."""

    purpose: Purpose
    channel: Channel
    state: ConsentState | None
    said: Consent | None


def standings_of(supporter: Supporter) -> list[Standing]:
    """Return what holds of all that is offered, and of all that somebody ever spoke about."""
    states = {(state.purpose, state.channel): state for state in supporter.consent_states.all()}
    words = supporter.consents.select_related("wording").order_by("at", "pk")
    last = {(word.purpose, word.channel): word for word in words}
    return [
        Standing(purpose, channel, states.get((purpose, channel)), last.get((purpose, channel)))
        for purpose in Purpose
        for channel in Channel
        if channel in OFFERED[purpose] or (purpose, channel) in states
    ]


@transaction.atomic
def choose(
    *, supporter: Supporter, choices: Iterable[Choice], source: str, evidence: Any, at: datetime
) -> bool:
    """Write down somebody's own words; return whether all of them hold."""
    held = [
        record_consent(
            supporter=supporter,
            given=choice.given,
            purpose=choice.purpose,
            channel=choice.channel,
            wording=choice.wording if choice.given else None,
            source=source,
            evidence=evidence,
            at=at,
        )
        == choice.given
        for choice in choices
    ]
    return all(held)


def stop_everything(*, supporter: Supporter, source: str, evidence: Any, at: datetime) -> None:
    """Say no to all that is offered, and to all that somebody ever spoke about."""
    refusals = [
        Choice(each.purpose, each.channel, given=False)
        for each in standings_of(supporter)
        if each.state is None or each.state.given
    ]
    choose(supporter=supporter, choices=refusals, source=source, evidence=evidence, at=at)
