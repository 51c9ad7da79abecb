"""What may happen to consents. The only place that writes them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.people.addressing import change_email
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.people.standing import standing
from crm.privacy.ages import is_too_young
from crm.privacy.models import Channel, Consent, ConsentState, Purpose, Wording
from crm.privacy.suppressing import (
    SAID,
    Reason,
    about,
    addresses_of,
    lift,
    reasons_of,
    recognise,
    suppress,
)

NOTHING: Mapping[str, Any] = MappingProxyType({})


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


class Refusal(TextChoices):
    """Why a "yes" is not taken."""

    ERASED = "erased", _("This person asked us to forget them.")
    TOO_YOUNG = "too_young", _("This child is too young to agree without a parent.")
    SAID_NO = "said_no", _("This person said no. Only they can say yes again.")
    SUPPRESSED = "suppressed", _("Whoever has this address said no, or mail does not arrive there.")


def why_not(
    *,
    supporter: Supporter,
    purpose: str,
    channel: str,
    at: datetime,
    said_by_supporter: bool,
    parent_name: str = "",
) -> Refusal | None:
    """Return why somebody's "yes" would not be taken, if it would not."""
    if supporter.erased_at is not None:
        return Refusal.ERASED
    if not parent_name and is_too_young(supporter, at=at):
        return Refusal.TOO_YOUNG
    if said_by_supporter:
        return None
    states = ConsentState.objects.filter(supporter=supporter)
    if states.refused(purpose, channel).exists():
        return Refusal.SAID_NO
    if channel == Channel.EMAIL and is_kept_from(supporter, purpose):
        return Refusal.SUPPRESSED
    return None


def is_kept_from(supporter: Supporter, purpose: str) -> bool:
    """Whether a "no" follows one of somebody's addresses, or mail to the present one comes back."""
    found = reasons_of(addresses_of(supporter), purpose=purpose)
    said = any(reason in SAID for reasons in found.values() for reason in reasons)
    return said or supporter.email in found


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
    evidence: Mapping[str, Any] = NOTHING,
    parent_name: str = "",
) -> bool:
    """Write down what was said, and what holds from now on; return whether it holds.

    A "yes" that did not come from the person (an import, another tool) never undoes a "no", whoever
    had the address when it was said; a child's needs a parent's name; and whoever was erased says
    yes to nothing. See `why_not`. `evidence` holds no personal data.
    """
    # One lock per supporter, so that two words said at once are put in an order.
    supporter = standing(supporter)
    what: dict[str, Any] = {"supporter": supporter, "purpose": purpose, "channel": channel}
    how: dict[str, Any] = {
        "at": at,
        "said_by_supporter": said_by_supporter,
        "parent_name": parent_name,
    }
    if given and why_not(**what, **how):
        return False
    Consent.objects.create(
        **what,
        given=given,
        wording=wording,
        source=source,
        evidence=dict(evidence),
        parent_name=parent_name,
        at=at,
    )
    if channel == Channel.EMAIL:
        heed(supporter, given=given, purpose=purpose, is_own=said_by_supporter, at=at)
    hold(supporter, given=given, purpose=purpose, channel=channel, at=at)
    return given


def heed(supporter: Supporter, *, given: bool, purpose: str, is_own: bool, at: datetime) -> None:
    """Let a "no" follow all addresses of somebody, and their own "yes" end that."""
    addresses = addresses_of(supporter)
    if not given:
        suppress(addresses=addresses, reason=Reason.UNSUBSCRIBED, purpose=purpose, at=at)
    elif about(addresses, purpose).exists():
        recognise(addresses)
        if is_own:
            lift(addresses=[supporter.email], purpose=purpose)
            # That they read their mail at one address says nothing of how the others work.
            lift(addresses=addresses, purpose=purpose, reasons=SAID)
            welcome_back(supporter, at=at)


def welcome_back(supporter: Supporter, *, at: datetime) -> None:
    """Whoever wants our mail does not call it spam any more."""
    called = supporter.emails.filter(address=supporter.email, status=EmailAddress.Status.COMPLAINED)
    for email in called:
        change_email(email=email, status=EmailAddress.Status.GOOD, at=at)


def hold(supporter: Supporter, *, given: bool, purpose: str, channel: str, at: datetime) -> None:
    """Bring what holds now in step: a "yes" since it was first said, a "no" since it last was."""
    states = ConsentState.objects.filter(supporter=supporter, channel=channel, purpose=purpose)
    state = states.first()
    if state is not None and state.given == given:
        if not given:
            states.update(since=max(state.since, at))
        return
    ConsentState.objects.update_or_create(
        supporter=supporter,
        channel=channel,
        purpose=purpose,
        defaults={"given": given, "since": at},
    )
    kind = "subscribed" if given else "unsubscribed"
    record_change(supporter=supporter, kind=f"{purpose}.{kind}", at=at)
