"""From what Stripe tells to what the CRM writes: the last place with Stripe's words.

An event is only a signal that something changed. Whoever hears it takes the payment's lock,
fetches the payment's newest state and writes that, so neither order nor repetition matters.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from crm.donations.operations import MoneyDiffers
from payments import gateway, operations, orders
from payments.models import StripeEvent

# What the endpoint in Stripe's dashboard must subscribe to; others are stored and do nothing.
SUBSCRIBE = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.voided",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payout.failed",
    "payout.paid",
    "refund.created",
    "refund.failed",
    "refund.updated",
]
logger = logging.getLogger(__name__)


def handle(event: StripeEvent, *, now: datetime) -> None:
    """Bring the CRM up to date with what an event is about. Raises gateway.StripeUnavailable."""
    follow = follower_of(event.type)
    if follow is None or not event.object_id:
        return
    try:
        follow(event.object_id, now)
    except gateway.Unknown:
        logger.warning("event %s is about nothing in this account", event.event_id)
    except MoneyDiffers as difference:
        # Trying again would not help; staff must see it.
        logger.exception("event %s: the amount differs from the gift's", event.event_id)
        operations.note_difference(difference, at=now)


def follower_of(event_type: str) -> Callable[[str, datetime], None] | None:
    """Return who follows this kind of event; the longest beginning that fits counts."""
    fitting = [beginning for beginning in FOLLOWERS if event_type.startswith(beginning)]
    return FOLLOWERS[max(fitting, key=len)] if fitting else None


def follow_session(session_id: str, now: datetime) -> None:
    session = gateway.fetch_session(session_id)
    if session.status == "expired":
        operations.expire(checkout_id=session.checkout_id)
    if session.payment_id:
        follow_payment(session.payment_id, now)
    if session.invoice_id:
        follow_invoice(session.invoice_id, now)


@transaction.atomic
def follow_payment(payment_id: str, now: datetime) -> None:
    """Lock, fetch, write."""
    operations.lock_payment(payment_id)
    payment = gateway.fetch_payment(payment_id)
    promise = None
    if payment.plan_id:
        operations.lock_plan(payment.plan_id)
        promise = gateway.fetch_promise(payment.plan_id)
    origin = promise.checkout_id if promise else payment.checkout_id
    checkout = operations.checkout_for(origin)
    if checkout is None:
        logger.info("payment %s did not begin here", payment_id)
        return
    operations.record_payment(checkout=checkout, payment=payment, promise=promise, at=now)


@transaction.atomic
def follow_plan(plan_id: str, now: datetime) -> None:
    """Lock, fetch, write."""
    operations.lock_plan(plan_id)
    promise = gateway.fetch_promise(plan_id)
    checkout = operations.checkout_for(promise.checkout_id)
    if checkout is None:
        logger.info("subscription %s did not begin here", plan_id)
        return
    operations.record_promise(checkout=checkout, promise=promise, at=now)


def follow_invoice(invoice_id: str, now: datetime) -> None:
    payments, plan_id = gateway.payments_of_invoice(invoice_id)
    for payment_id in payments:
        follow_payment(payment_id, now)
    if plan_id and not payments:
        follow_plan(plan_id, now)


def follow_customer(customer_id: str, now: datetime) -> None:
    """A donor may have chosen another card for what is to come."""
    try:
        changed = orders.adopt_method(customer_id)
    except gateway.Refused as refusal:
        logger.warning("customer %s: the card was not taken (%s)", customer_id, refusal.code)
        return
    for plan_id in changed:
        follow_plan(plan_id, now)


def follow_payout(_payout_id: str, _now: datetime) -> None:
    """Money is on its way to the bank: its lines are compared with ours, a little later."""
    app.configure_task("payments.read_payouts", queue="payments").defer()


def close_page(session_id: str, now: datetime) -> None:
    """Nobody shall pay here any more. A page that is paid or closed stays as it is."""
    try:
        orders.expire_session(session_id)
    except gateway.Refused:
        logger.info("session %s is paid or closed", session_id)
    follow_session(session_id, now)


def follow_charge(charge_id: str, now: datetime) -> None:
    follow_part("charges", charge_id, now)


def follow_refund(refund_id: str, now: datetime) -> None:
    follow_part("refunds", refund_id, now)


def follow_dispute(dispute_id: str, now: datetime) -> None:
    follow_part("disputes", dispute_id, now)


def follow_part(kind: str, object_id: str, now: datetime) -> None:
    payment_id = gateway.payment_of(kind, object_id)
    if payment_id:
        follow_payment(payment_id, now)


FOLLOWERS: dict[str, Callable[[str, datetime], None]] = {
    "charge.": follow_charge,
    "charge.dispute.": follow_dispute,
    "charge.refund.": follow_refund,
    "checkout.session.": follow_session,
    "customer.subscription.": follow_plan,
    "customer.updated": follow_customer,
    "invoice.": follow_invoice,
    "payment_intent.": follow_payment,
    "payout.": follow_payout,
    "refund.": follow_refund,
}
