"""The only file that knows the stripe SDK: our words go in and come out (see `objects`).

What a restricted key must be allowed: write on Checkout Sessions, Products, Prices, Refunds,
Subscriptions and the Customer portal; read on PaymentIntents, PaymentMethods, Charges, Disputes,
Balance transactions, Payouts, Invoices, Customers and Events.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings

from payments import objects
from payments.objects import Payment, Promise, Session, Signal

TOLERANCE = 300  # seconds that a signature stays valid
BOOKED = ["balance_transaction", "failure_balance_transaction"]
EXPAND = [
    "latest_charge.balance_transaction",
    *(f"latest_charge.refunds.data.{name}" for name in BOOKED),
]
logger = logging.getLogger(__name__)
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class StripeUnavailable(Exception):
    """Stripe could not be reached, or refused; nothing is known to have happened."""


class Refused(StripeUnavailable):
    """Stripe said no, for the reason `code`; asking again would get the same answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unknown(Exception):
    """Stripe knows nothing by this id: it is another account's, or was never there."""


class BadSignature(Exception):
    """The message was not signed by Stripe with a secret of ours, or too long ago."""


class BadMessage(Exception):
    """The message is signed, but is no event."""


def read_signal(body: bytes, signature: str) -> Signal:
    """Return the event that Stripe signed. Raises BadSignature, BadMessage."""
    if not any(is_signed(body, signature, secret) for secret in webhook_secrets()):
        raise BadSignature
    try:
        return objects.signal_from(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadMessage from error


def webhook_secrets() -> list[str]:
    """Several while one is being replaced by another."""
    parts = settings.STRIPE_WEBHOOK_SECRET.split(",")
    return [part.strip() for part in parts if part.strip()]


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
    # ValueError: not UTF-8. TypeError: a signature that is not ASCII.
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False


@lru_cache(maxsize=4)
def client_for(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else None,
        http_client=stripe.RequestsClient(timeout=10),
        max_network_retries=2,
    )


def api() -> Any:
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1


@contextmanager
def stripe_errors() -> Iterator[None]:
    """Turn the SDK's errors into ours; its words may name people, so only the kind is logged."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.http_status == 404:
            raise Unknown from error
        logger.error("Stripe refused a request (%s, %s)", error.code, error.param)  # noqa: TRY400
        raise Refused(error.code or error.param or "refused") from error
    except (stripe.CardError, stripe.PermissionError) as error:
        logger.warning("Stripe refused a request (%s, %s)", type(error).__name__, error.code)
        raise Refused(error.code or "not_allowed") from error
    except stripe.StripeError as error:
        logger.warning("Stripe did not answer (%s)", type(error).__name__)
        raise StripeUnavailable from error


def asks_stripe(call: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    return stripe_errors()(call)


@asks_stripe
def open_session(
    *,
    checkout_id: str,
    amount: int,
    currency: str,
    interval: str,
    email: str,
    language: str,
    title: str,
    success_url: str,
    cancel_url: str,
) -> Session:
    """Open Stripe's payment page. The same checkout always gets the same one.

    `interval` is month or year for a plan, and "" for a gift made once.
    """
    metadata = {"checkout": checkout_id}
    price: dict[str, Any] = {
        "currency": currency.lower(),
        "unit_amount": amount,
        "product_data": {"name": title},
    }
    if interval:
        price["recurring"] = {"interval": interval}
    session = api().checkout.sessions.create(
        {
            **(for_a_plan(metadata) if interval else for_once(metadata, title)),
            "submit_type": "donate",
            "locale": language,
            "client_reference_id": checkout_id,
            "metadata": metadata,
            "customer_email": email,
            "allowed_payment_method_types": objects.METHODS,
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": success_url,
            "cancel_url": cancel_url,
        },
        {"idempotency_key": f"{checkout_id}-open-session"},
    )
    return objects.session_from(session.to_dict())


def for_once(metadata: dict[str, str], title: str) -> dict[str, Any]:
    # Nothing is kept for later: a direct debit's mandate is for this one gift.
    return {
        "mode": "payment",
        "payment_intent_data": {"metadata": metadata, "description": title},
    }


def for_a_plan(metadata: dict[str, str]) -> dict[str, Any]:
    return {"mode": "subscription", "subscription_data": {"metadata": metadata}}


@asks_stripe
def fetch_session(session_id: str) -> Session:
    return objects.session_from(api().checkout.sessions.retrieve(session_id).to_dict())


@asks_stripe
def fetch_payment(payment_id: str) -> Payment:
    """Return a payment with all that became of its money."""
    intent = api().payment_intents.retrieve(payment_id, {"expand": EXPAND}).to_dict()
    charge = intent["latest_charge"] or {}
    if charge and charge["refunds"]["has_more"]:
        charge["refunds"]["data"] = refunds_of(payment_id)
    disputes = disputes_of(payment_id) if charge.get("disputed") else []
    # Only a subscription's payment lacks our metadata; its invoice says whose it is.
    invoice = {} if "checkout" in intent["metadata"] else invoice_of(payment_id)
    return objects.payment_from(intent, charge, invoice, disputes)


@asks_stripe
def fetch_promise(plan_id: str) -> Promise:
    asked = {"expand": ["default_payment_method"]}
    return objects.promise_from(api().subscriptions.retrieve(plan_id, asked).to_dict())


def refunds_of(payment_id: str) -> list[dict[str, Any]]:
    expand = [f"data.{name}" for name in BOOKED]
    found = api().refunds.list({"payment_intent": payment_id, "limit": 100, "expand": expand})
    return [refund.to_dict() for refund in found.auto_paging_iter()]


def disputes_of(payment_id: str) -> list[dict[str, Any]]:
    found = api().disputes.list({"payment_intent": payment_id})
    return [dispute.to_dict() for dispute in found.auto_paging_iter()]


def invoice_of(payment_id: str) -> dict[str, Any]:
    paid = {"type": "payment_intent", "payment_intent": payment_id}
    found = api().invoice_payments.list({"payment": paid, "expand": ["data.invoice"]})
    return found.to_dict()["data"][0]["invoice"] if found.data else {}


@asks_stripe
def payments_of_invoice(invoice_id: str) -> tuple[list[str], str]:
    """Return the ids of an invoice's payments, and of the plan it belongs to ("" if none)."""
    invoice = api().invoices.retrieve(invoice_id, {"expand": ["payments"]}).to_dict()
    allocated = [row["payment"] for row in invoice["payments"]["data"]]
    payments = [row["payment_intent"] for row in allocated if row["type"] == "payment_intent"]
    return payments, objects.plan_of_invoice(invoice).get("subscription") or ""


@asks_stripe
def payment_of(kind: str, object_id: str) -> str:
    """Return the payment that a charge, refund or dispute is about, or ""."""
    found = getattr(api(), kind).retrieve(object_id).to_dict()
    return found.get("payment_intent") or ""
