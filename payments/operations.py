"""What may happen to checkouts, and what a payment at Stripe writes into the CRM."""

import itertools
import json
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import connection, transaction

from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail, source_of
from crm.donations.models import Gift, Plan
from crm.donations.operations import MoneyDiffers, record_entry, record_gift
from crm.lib.rows import insert_unless_there
from crm.people.models import Supporter
from crm.people.offers import offer, prove
from crm.people.operations import identify, register
from crm.people.standing import standing
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import ask_for_consent
from crm.privacy.models import Consent, Purpose, Wording
from payments import alerts, failures, plans, shield
from payments.models import Checkout, Difference, StripeEvent
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
# Less than requests that nobody answered are kept for.
ASKED_WITHIN = timedelta(days=28)
WORTH_A_GIFT = {"paid", "processing", "declined", "failed"}
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
    currency: str,
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
        currency=currency,
        campaign=campaign,
        source=source_of(trail),
        given_name=given_name,
        family_name=family_name,
        email=email,
        language=language,
        newsletter=newsletter,
        started_at=at,
    )
    about = [amount, currency, frequency, campaign and campaign.pk]
    answers = [*about, given_name, family_name, email]
    for attempt in itertools.count():
        new.public_id = uuid5(token, json.dumps([*answers, language, attempt]))
        checkout = insert_or_find(new)
        if checkout.state not in {Checkout.State.FAILED, Checkout.State.EXPIRED}:
            return checkout
    raise AssertionError("itertools.count has no end")


def insert_or_find(new: Checkout) -> Checkout:
    Checkout.objects.bulk_create([new], ignore_conflicts=True)
    return Checkout.objects.select_related("campaign").get(public_id=new.public_id)


@transaction.atomic
def attach_session(*, checkout: Checkout, session_id: str) -> None:
    """Remember which payment page is this checkout's; a second one for the same plan closes."""
    new = Checkout.objects.filter(pk=checkout.pk, session_id="").update(session_id=session_id)
    if new and checkout.interval:
        plans.close_other_pages(checkout)


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
    known = checkouts.filter(public_id=wanted).first()
    if known is not None and known.supporter is not None:
        standing(known.supporter)  # before their checkout, as whoever merges
    return checkouts.select_for_update(of=("self",)).filter(public_id=wanted).first()


@transaction.atomic
def record_payment(
    *, checkout: Checkout, payment: Payment, promise: Promise | None, at: datetime
) -> Gift | None:
    """Write down what a payment is now: donor, consent, plan, gift and the gift's entries.

    Who did not pay is not made a supporter. Writing it again changes nothing.
    Raises MoneyDiffers.
    """
    if not payment.is_renewal:
        follow_page(checkout, payment)
    reference = f"stripe:{payment.id}"
    known = Gift.objects.select_related("supporter").filter(reference=reference).first()
    supporter = known.supporter if known else giver(checkout, payment.status, at=at)
    if supporter is None or not (known or payment.status in WORTH_A_GIFT):
        return None
    if payment.status in plans.MONEY_COMES:
        welcome(checkout, supporter, customer=payment.customer, at=at)
    if payment.status == "paid":
        prove(supporter=supporter, source=facts_from(checkout), at=at)
    plan = None
    if promise is not None:
        plan = plans.keep(checkout, supporter, promise, payment.status, at=at)
    gift = record_gift(
        reference=reference,
        supporter=supporter,
        amount=payment.amount,
        currency=payment.currency,
        method=payment.method,
        status=payment.status if payment.status in plans.MONEY_COMES else Gift.Status.FAILED,
        given_at=payment.given_at,
        paid_at=payment.settled_at or max(at, payment.given_at),
        plan=plan,
        campaign=checkout.campaign,
        source=checkout.source,
        at=at,
    )
    record_movements(gift, payment, at=at)
    if promise is not None and gift.status == Gift.Status.FAILED:
        failures.tell(gift=gift, payment=payment, promise=promise, at=at)
    return gift


def follow_page(checkout: Checkout, payment: Payment) -> None:
    """Let the checkout say what became of the payment that was made on its page."""
    if payment.status in STATE:
        settle(checkout, STATE[payment.status])
    if payment.status == "declined":
        tried_at = payment.given_at
        charge = f"{payment.id}:{tried_at.timestamp():.0f}"
        shield.note_decline(checkout=checkout, charge=charge, at=tried_at)


def record_movements(gift: Gift, payment: Payment, *, at: datetime) -> None:
    """Write down what became of a paid gift's money; staff are told what was taken back."""
    for movement in payment.movements if gift.status == Gift.Status.PAID else []:
        record_entry(gift=gift, written_at=at, **vars(movement))
    for dispute in payment.disputes:
        alerts.tell_of_dispute(dispute=dispute, gift=gift, at=at)


@transaction.atomic
def record_promise(*, checkout: Checkout, promise: Promise, at: datetime) -> Plan | None:
    """Write down what a plan is now. One whose first payment never came is none."""
    supporter = checkout.supporter
    if supporter is None and promise.status in plans.UNDER_WAY:
        supporter = giver(checkout, "paid", at=at)
    if supporter is None:
        return None
    return plans.keep(checkout, supporter, promise, "open", at=at)


@transaction.atomic
def note_difference(difference: MoneyDiffers, *, at: datetime) -> None:
    """Keep that Stripe speaks of other money than we do, once until it is resolved."""
    gift = difference.gift
    seen = {"ours": f"{gift.amount} {gift.currency}", "theirs": difference.told, "last_seen_at": at}
    about = {"kind": Difference.Kind.AMOUNT, "reference": gift.reference}
    if not insert_unless_there(Difference(gift=gift, first_seen_at=at, **about, **seen)):
        Difference.objects.open().filter(**about).update(**seen)


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
    if status in plans.MONEY_COMES:
        supporter = register(
            email=checkout.email,
            given_name=checkout.given_name,
            family_name=checkout.family_name,
            language=checkout.language,
            source="checkout",
            at=at,
        )
        names = {"given_name": checkout.given_name, "family_name": checkout.family_name}
        offer(supporter=supporter, source=facts_from(checkout), at=at, **names)
    else:
        supporter = Supporter.objects.with_email(checkout.email).first()
    if supporter is not None:
        checkout.supporter = supporter
        checkout.save(update_fields=["supporter"])
    return supporter


def facts_from(checkout: Checkout) -> str:
    return f"checkout:{checkout.public_id}"


def welcome(checkout: Checkout, supporter: Supporter, *, customer: str, at: datetime) -> None:
    """Let the newsletter box take effect, once, and remember what Stripe calls the donor."""
    if customer:
        identify(supporter=supporter, system="stripe", value=customer)
    if checkout.newsletter is None or not checkout.email or was_asked(checkout, at=at):
        return
    # Whoever pays may have written anybody's address.
    ask_for_consent(
        email=checkout.email,
        purpose=Purpose.NEWSLETTER,
        wording=checkout.newsletter,
        language=checkout.language,
        source=facts_from(checkout),
        evidence={"asked_at": checkout.started_at.isoformat()},
        given_name=checkout.given_name,
        family_name=checkout.family_name,
        at=at,
    )


def was_asked(checkout: Checkout, *, at: datetime) -> bool:
    """Whether the box took effect already. Of one ticked long ago we may not know any more."""
    if at - checkout.started_at > ASKED_WITHIN:
        return True
    source = facts_from(checkout)
    asked = ConsentRequest.objects.filter(source=source).exists()
    return asked or Consent.objects.filter(source=source).exists()
