"""What may happen to consents. The only place that writes them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.people.standing import standing
from crm.privacy.models import Channel, Consent, ConsentState, Purpose, Wording


def wording_for(*, purpose: str, language: str) -> Wording | None:
    """Return the newest text for a purpose in a language, which a form shows beside its box."""
    texts = Wording.objects.filter(purpose=purpose, language=language)
    return texts.order_by("-version").first()


@transaction.atomic
def publish_wording(*, purpose: str, language: str, text: str, by: Any, at: datetime) -> Wording:
    """Make a text the one that forms show. What the newest one says already is not added again."""
    # Whoever publishes after us waits here, and then counts ours.
    list(Wording.objects.select_for_update().filter(purpose=purpose, language=language))
    newest = wording_for(purpose=purpose, language=language)
    if newest is not None and newest.text == text:
        return newest
    version = newest.version + 1 if newest else 1
    wording = Wording.objects.create(purpose=purpose, language=language, version=version, text=text)
    audit.log("wording.published", wording, by=by, at=at, language=language, version=version)
    return wording


@transaction.atomic
def record_consent(
    *,
    supporter: Supporter,
    given: bool,
    source: str,
    at: datetime,
    purpose: str = Purpose.NEWSLETTER,
    channel: str = Channel.EMAIL,
    wording: Wording | None = None,
    said_by_supporter: bool = True,
) -> bool:
    """Write down what was said, and what holds from now on; return whether it holds.

    A "yes" that did not come from the person (an import, another tool) never undoes a "no", and
    whoever was erased says yes to nothing.
    """
    # One lock per supporter, so that two words said at once are put in an order.
    supporter = locked = standing(supporter)
    if given and locked.erased_at is not None:
        return False
    state = ConsentState.objects.filter(
        supporter=supporter, channel=channel, purpose=purpose
    ).first()
    if given and not said_by_supporter and state is not None and not state.given:
        return False
    Consent.objects.create(
        supporter=supporter,
        channel=channel,
        purpose=purpose,
        given=given,
        wording=wording,
        source=source,
        at=at,
    )
    if state is not None and state.given == given:
        return given
    ConsentState.objects.update_or_create(
        supporter=supporter,
        channel=channel,
        purpose=purpose,
        defaults={"given": given, "since": at},
    )
    kind = "subscribed" if given else "unsubscribed"
    record_change(supporter=supporter, kind=f"{purpose}.{kind}", at=at)
    return given
