"""What may happen to checkouts, and what a payment at Stripe writes into the CRM."""

import itertools
import json
from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection, transaction

from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail, source_of
from crm.donations.models import Gift, Plan
from crm.donations.operations import record_entry, record_gift, record_plan
from crm.people.models import Supporter
from crm.people.operations import identify, register
from crm.privacy.models import Consent, Wording
from crm.privacy.operations import record_consent
from payments.models import Checkout, StripeEvent
from payments.objects import Payment, Promise, Signal

# Advisory locks of our own. Who needs both takes the payment's first.
PAYMENT_LOCK, PLAN_LOCK = 2821, 2822
STATE = {
    "processing": Checkout.State.PROCESSING,
    "paid": Checkout.State.PAID,
    "declined": Checkout.State.DECLINED,
    "failed": Checkout.State.FAILED,
    "cancelled": Checkout.State.EXPIRED,
}
MONEY_COMES = {"paid", "processing"}
WORTH_A_GIFT = {"paid", "processing", "declined", "failed"}
UNDER_WAY = {"active", "past_due"}
# The event and its job in one statement: both are kept, or neither, at the cost of one round trip.
KEEP_EVENT = """
WITH kept AS (
    INSERT INTO payments_stripeevent (event_id, type, object_id, created_at, received_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (event_id) DO NOTHING RETURNING id
)
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    %s, %s, 0, NULL, NULL, jsonb_build_object('event_id', id), NULL
)::procrastinate_job_to_defer_v1]) FROM kept
"""


def start_checkout(
    *,
    token: UUID,
    amount: int,
    frequency: str,
    campaign: Campaign | None,
    given_name: str,
    family_name: str,
    email: str,
    language: str,
    trail: Trail,
    at: datetime,
    newsletter: Wording | None = None,
) -> Checkout:
    """Write down that somebody is about to give.

    One form (`token`) sent twice with the same answers is one checkout, unless that one failed.
    """
    new = Checkout(
        frequency=frequency,
        amount=amount,
        campaign=campaign,
        source=source_of(trail),
        given_name=given_name,
        family_name=family_name,
        email=email,
        language=language,
        newsletter=newsletter,
        started_at=at,
    )
    answers = [amount, frequency, campaign and campaign.pk, given_name, family_name, email]
    for attempt in itertools.count():
        new.public_id = uuid5(token, json.dumps([*answers, language, attempt]))
        checkout = insert_or_find(new)
        if checkout.state not in {Checkout.State.FAILED, Checkout.State.EXPIRED}:
            return checkout
    raise AssertionError("itertools.count has no end")


def insert_or_find(new: Checkout) -> Checkout:
    Checkout.objects.bulk_create([new], ignore_conflicts=True)
    return Checkout.objects.select_related("campaign").get(public_id=new.public_id)


def attach_session(*, checkout: Checkout, session_id: str) -> None:
    """Remember which payment page is this checkout's."""
    Checkout.objects.filter(pk=checkout.pk, session_id="").update(session_id=session_id)


def give_up(*, checkout: Checkout) -> None:
    """No payment page could be opened: nobody can pay this checkout."""
    waiting = Checkout.objects.filter(pk=checkout.pk, session_id="", state=Checkout.State.OPEN)
    waiting.update(state=Checkout.State.FAILED)


@transaction.atomic
def expire(*, checkout_id: str) -> None:
    """The payment page closed before anything was paid."""
    checkout = checkout_for(checkout_id)
    if checkout is not None and checkout.state in {Checkout.State.OPEN, Checkout.State.DECLINED}:
        settle(checkout, Checkout.State.EXPIRED)


def keep_event(*, signal: Signal, queue: str, task: str, at: datetime) -> bool:
    """Store an event once, with the job that handles it; return whether it is new."""
    row = (signal.id, signal.type, signal.object_id, signal.created_at, at, queue, task)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_EVENT, row)
        return cursor.fetchone() is not None


def mark_handled(*, event: StripeEvent, at: datetime) -> None:
    StripeEvent.objects.filter(pk=event.pk, handled_at=None).update(handled_at=at)


def lock_payment(payment_id: str) -> None:
    """Wait until nobody else reads and writes this payment; holds until the commit."""
    lock(PAYMENT_LOCK, payment_id)


def lock_plan(plan_id: str) -> None:
    """Wait until nobody else reads and writes this plan; holds until the commit."""
    lock(PLAN_LOCK, plan_id)


def lock(kind: int, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [kind, name])


def checkout_for(public_id: str) -> Checkout | None:
    """Return our checkout, locked, or None when the id is none of ours."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    checkouts = Checkout.objects.select_related("campaign", "source", "newsletter", "supporter")
    return checkouts.select_for_update(of=("self",)).filter(public_id=wanted).first()


@transaction.atomic
def record_payment(
    *, checkout: Checkout, payment: Payment, promise: Promise | None, at: datetime
) -> Gift | None:
    """Write down what a payment is now: donor, consent, plan, gift and the gift's entries.

    Who did not pay is not made a supporter. Writing it again changes nothing.
    Raises MoneyDiffers.
    """
    if payment.status in STATE and not payment.is_renewal:
        settle(checkout, STATE[payment.status])
    reference = f"stripe:{payment.id}"
    known = Gift.objects.select_related("supporter").filter(reference=reference).first()
    supporter = known.supporter if known else giver(checkout, payment.status, at=at)
    if supporter is None or not (known or payment.status in WORTH_A_GIFT):
        return None
    if payment.status in MONEY_COMES:
        welcome(checkout, supporter, customer=payment.customer, at=at)
    plan = None
    if promise is not None:
        plan = keep_promise(checkout, supporter, promise, payment.status, at=at)
    gift = record_gift(
        reference=reference,
        supporter=supporter,
        amount=payment.amount,
        currency=payment.currency,
        method=payment.method,
        status=payment.status if payment.status in MONEY_COMES else Gift.Status.FAILED,
        given_at=payment.given_at,
        paid_at=payment.settled_at or max(at, payment.given_at),
        plan=plan,
        campaign=checkout.campaign,
        source=checkout.source,
        at=at,
    )
    for movement in payment.movements if gift.status == Gift.Status.PAID else []:
        record_entry(gift=gift, written_at=at, **vars(movement))
    return gift


@transaction.atomic
def record_promise(*, checkout: Checkout, promise: Promise, at: datetime) -> Plan | None:
    """Write down what a plan is now. One whose first payment never came is none."""
    supporter = checkout.supporter
    if supporter is None and promise.status in UNDER_WAY:
        supporter = giver(checkout, "paid", at=at)
    if supporter is None:
        return None
    return keep_promise(checkout, supporter, promise, "open", at=at)


def settle(checkout: Checkout, state: str) -> None:
    # The news of a declined card may come after that of the page's end.
    is_stale = (checkout.state, state) == (Checkout.State.EXPIRED, Checkout.State.DECLINED)
    if checkout.state != state and not is_stale:
        checkout.state = state
        checkout.save(update_fields=["state"])


def giver(checkout: Checkout, status: str, *, at: datetime) -> Supporter | None:
    """Return who gives: known already, or new when money comes; else None."""
    if checkout.supporter is not None or not checkout.email:
        return checkout.supporter
    if status in MONEY_COMES:
        supporter = register(
            email=checkout.email,
            given_name=checkout.given_name,
            family_name=checkout.family_name,
            language=checkout.language,
            at=at,
        )
    else:
        supporter = Supporter.objects.with_email(checkout.email).first()
    if supporter is not None:
        checkout.supporter = supporter
        checkout.save(update_fields=["supporter"])
    return supporter


def welcome(checkout: Checkout, supporter: Supporter, *, customer: str, at: datetime) -> None:
    """Let the newsletter box take effect, once, and remember what Stripe calls the donor."""
    if customer:
        identify(supporter=supporter, system="stripe", value=customer)
    source = f"checkout:{checkout.public_id}"
    if checkout.newsletter is None or Consent.objects.filter(source=source).exists():
        return
    record_consent(
        supporter=supporter, given=True, wording=checkout.newsletter, source=source, at=at
    )


def keep_promise(
    checkout: Checkout, supporter: Supporter, promise: Promise, status: str, *, at: datetime
) -> Plan | None:
    """Write the plan down, unless it never began."""
    reference = f"stripe:{promise.id}"
    began = promise.status in UNDER_WAY or status in MONEY_COMES
    if not began and not Plan.objects.filter(reference=reference).exists():
        return None
    return record_plan(
        reference=reference,
        supporter=supporter,
        amount=promise.amount,
        currency=promise.currency,
        status=promise.status,
        started_at=promise.started_at,
        ended_at=promise.ended_at,
        campaign=checkout.campaign,
        source=checkout.source,
        at=at,
    )
