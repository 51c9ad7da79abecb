"""The defence of the donation form against card testing: who may send it, and when it closes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.urls import reverse

from crm import audit
from crm.lib import proofs
from crm.lib.rows import insert_unless_there
from crm.mailing import alarms
from crm.mailing.alarms import Alarm
from payments.defence import Attempt, FormSwitch
from payments.models import Checkout
from payments.visitors import Visitor

VISITOR_LOCK = 2823
HOUR = timedelta(hours=1)
WINDOW = timedelta(minutes=10)  # an attack is seen in so little time
CALM = timedelta(minutes=30)  # so long after its last sign the form stays on its guard
KEPT = timedelta(days=1)
MANY = 200  # rows of one visitor; who has more is refused by the first of them
STARTED, REFUSED, DECLINED = Attempt.Outcome


class Refusal(Exception):
    """This form opens no payment page now."""


class ProofIsMissing(Refusal):
    """The form is on its guard, and came without the proof of work that it asks for."""


class TooMany(Refusal):
    """This visitor tried too often; after `until` they may again."""

    def __init__(self, *, until: datetime, were_declined: bool) -> None:
        super().__init__()
        self.until = until
        self.were_declined = were_declined


def admit(*, visitor: Visitor, form: UUID, proof: str, at: datetime) -> Attempt:
    """Let a form through to the payment page; the same form sent again counts once.

    Raises Refusal.
    """
    with transaction.atomic():
        take_turns(visitor)
        known = known_by(form)
        if known is not None:
            return known
        on_guard = is_on_guard(at)
        solved = unspent(proofs.solved(proof, work=work_asked(on_guard=on_guard), at=at))
        refusal = objection(visitor, is_proved=bool(solved), on_guard=on_guard, at=at)
        attempt = written_down(visitor, form, solved, at) if refusal is None else None
        if attempt is None:
            note_refusal(visitor, at)
    if attempt is None:
        raise refusal or ProofIsMissing
    return attempt


def take_turns(visitor: Visitor) -> None:
    """Wait until nobody else counts this visitor's attempts; holds until the commit."""
    names = sorted(filter(None, [visitor.address, visitor.browser]))
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [VISITOR_LOCK, name])


def unspent(challenge: str) -> str:
    """Return the challenge, or "" when its solution has opened a payment page before."""
    spent = challenge and Attempt.objects.filter(proof=challenge).exists()
    return "" if spent else challenge


def objection(visitor: Visitor, *, is_proved: bool, on_guard: bool, at: datetime) -> Refusal | None:
    """Return what speaks against one more attempt."""
    needs_proof = on_guard or not settings.DONATIONS_WITHOUT_PROOF
    if needs_proof and not is_proved:
        return ProofIsMissing()
    for moments, most, were_declined in counts(visitor, is_proved=is_proved, at=at):
        if len(moments) >= most:
            return TooMany(until=moments[most - 1] + HOUR, were_declined=were_declined)
    return None


def counts(
    visitor: Visitor, *, is_proved: bool, at: datetime
) -> Iterator[tuple[list[datetime], int, bool]]:
    """Yield when what was tried, newest first, and how often it may be in an hour."""
    mine = Attempt.objects.by(address=visitor.address, browser=visitor.browser)
    recent = list(
        mine.since(at - HOUR)
        .exclude(outcome=REFUSED)
        .order_by("-at")
        .values_list("at", "outcome", "address", "browser", "checkout__state")[:MANY]
    )
    unpaid = [row for row in recent if row[1] == STARTED and row[4] != Checkout.State.PAID]
    ceiling = max(settings.DONATIONS_PER_ADDRESS, settings.DONATIONS_PER_BROWSER)
    unproved = ceiling if is_proved else settings.DONATIONS_WITHOUT_PROOF
    by_address = [row[0] for row in unpaid if visitor.address and row[2] == visitor.address]
    by_browser = [row[0] for row in unpaid if visitor.browser and row[3] == visitor.browser]
    yield [row[0] for row in recent if row[1] == DECLINED], settings.DECLINES_PER_ADDRESS, True
    yield by_address, min(settings.DONATIONS_PER_ADDRESS, unproved), False
    yield by_browser, min(settings.DONATIONS_PER_BROWSER, unproved), False


def written_down(visitor: Visitor, form: UUID, solved: str, at: datetime) -> Attempt | None:
    """Count the attempt; None when somebody else used the same proof at the same moment."""
    attempt = Attempt(key=f"form:{form}", proof=solved, outcome=STARTED, at=at, **vars(visitor))
    # A visitor who is not known by anything waits for no turn: the same form may be there by now.
    return attempt if insert_unless_there(attempt) else known_by(form)


def known_by(form: UUID) -> Attempt | None:
    return Attempt.objects.filter(key=f"form:{form}").first()


def note_refusal(visitor: Visitor, at: datetime) -> None:
    Attempt.objects.create(outcome=REFUSED, at=at, **vars(visitor))


def note_checkout(*, attempt: Attempt, checkout: Checkout) -> None:
    """Remember which checkout came of an attempt."""
    Attempt.objects.filter(pk=attempt.pk).update(checkout=checkout)


@transaction.atomic
def note_decline(*, checkout: Checkout, charge: str, at: datetime) -> None:
    """Count a declined payment once, and ring the alarm when there are too many of them."""
    started = checkout.attempts.filter(outcome=STARTED).order_by("pk").last()
    decline = Attempt(
        key=f"decline:{charge}",
        outcome=DECLINED,
        address=started.address if started else "",
        browser=started.browser if started else "",
        checkout=checkout,
        at=at,
    )
    if insert_unless_there(decline) and is_attack(at):
        page = reverse("admin:payments_formswitch_changelist")
        alarms.ring(kind=Alarm.Kind.CARD_TESTING, key="form", address=page, at=at)


def is_attack(at: datetime) -> bool:
    """Whether so much is declined, and so much of all, that cards are being tried."""
    tried = tallies(since=at - WINDOW)
    is_much = tried[DECLINED] > settings.ATTACK_DECLINES
    return is_much and 2 * tried[DECLINED] > tried[STARTED]


def tallies(*, since: datetime) -> dict[str, int]:
    """Return how many attempts had which outcome."""
    each = {str(outcome): Count("pk", filter=Q(outcome=outcome)) for outcome in Attempt.Outcome}
    return Attempt.objects.since(since).aggregate(**each)


def on_guard_until(at: datetime) -> datetime | None:
    """Return until when every form needs more proof of work, or None."""
    rung = Alarm.objects.filter(kind=Alarm.Kind.CARD_TESTING, last_at__gt=at - CALM)
    last = rung.order_by("-last_at").first()
    return last.last_at + CALM if last else None


def is_on_guard(at: datetime) -> bool:
    return on_guard_until(at) is not None


def work_asked(*, on_guard: bool) -> int:
    return settings.ATTACK_PROOF_WORK if on_guard else settings.PROOF_WORK


def challenge(*, at: datetime) -> dict[str, Any]:
    """Return what a browser has to solve now before it may send the form."""
    return proofs.challenge(work=work_asked(on_guard=is_on_guard(at)), at=at)


def newest_switch() -> FormSwitch | None:
    return FormSwitch.objects.select_related("by").order_by("-pk").first()


def is_open() -> bool:
    switch = newest_switch()
    return switch is None or switch.is_open


@transaction.atomic
def switch_form(*, is_open: bool, reason: str, by: Any, at: datetime) -> FormSwitch:
    """Open or close the donation form from now on; the trail says who did.

    Closing a closed form changes nothing.
    """
    newest = newest_switch()
    if newest is not None and newest.is_open == is_open:
        return newest
    switch = FormSwitch.objects.create(is_open=is_open, reason=reason, by=by, at=at)
    audit.log("form.opened" if is_open else "form.closed", switch, by=by, at=at)
    return switch


def forget_attempts(*, at: datetime) -> int:
    """Delete what is a day old; return how many attempts that were."""
    deleted, _each = Attempt.objects.filter(at__lt=at - KEPT).delete()
    return deleted
