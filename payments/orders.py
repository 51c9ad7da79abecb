"""What Stripe is asked to do. Each may be asked again, and is done once."""

from datetime import datetime
from typing import Any

from payments import objects
from payments.gateway import api, asks_stripe, refunds_of
from payments.objects import Method


@asks_stripe
def refund(payment_id: str, *, amount: int, key: str) -> None:
    """Give money back. Raises gateway.Refused where that much is not there to give back."""
    # Stripe forgets keys after a day or more; what it wrote down then, it does not.
    if any(made["metadata"].get("instruction") == key for made in refunds_of(payment_id)):
        return
    wanted = {"payment_intent": payment_id, "amount": amount, "metadata": {"instruction": key}}
    api().refunds.create(wanted, once(key, "refund"))


@asks_stripe
def change_amount(plan_id: str, *, amount: int, key: str) -> None:
    """Let a plan bring another amount from its next payment on."""
    item = api().subscriptions.retrieve(plan_id).to_dict()["items"]["data"][0]
    price = {
        "currency": item["price"]["currency"],
        "product": item["price"]["product"],
        "recurring": {"interval": item["price"]["recurring"]["interval"]},
        "unit_amount": amount,
    }
    items = [{"id": item["id"], "price_data": price, "quantity": 1}]
    change(plan_id, once(key, "change-amount"), items=items, proration_behavior="none")


@asks_stripe
def pause(plan_id: str, *, until: datetime | None, key: str) -> None:
    """Ask for no payment until then, or until told to go on; what falls due is not owed."""
    pause: dict[str, Any] = {"behavior": "void"}
    if until is not None:
        pause["resumes_at"] = int(until.timestamp())
    change(plan_id, once(key, "pause"), pause_collection=pause)


@asks_stripe
def resume(plan_id: str, *, key: str) -> None:
    change(plan_id, once(key, "resume"), pause_collection="")


@asks_stripe
def cancel(plan_id: str, *, comment: str, key: str) -> None:
    """End a plan at once. Raises gateway.Unknown when it has ended."""
    details = {"cancellation_details": {"comment": comment}} if comment else {}
    api().subscriptions.cancel(plan_id, details, once(key, "cancel"))


@asks_stripe
def expire_session(session_id: str) -> None:
    """Close a payment page. Raises gateway.Refused when it is paid or closed."""
    api().checkout.sessions.expire(session_id)


@asks_stripe
def open_portal(plan_id: str, *, language: str, back: str, done: str) -> str:
    """Return the address of Stripe's page where a plan's donor enters another card."""
    customer = api().subscriptions.retrieve(plan_id).customer
    flow = {
        "type": "payment_method_update",
        "after_completion": {"type": "redirect", "redirect": {"return_url": done}},
    }
    wanted = {"customer": customer, "locale": language, "return_url": back, "flow_data": flow}
    return str(api().billing_portal.sessions.create(wanted).url)


@asks_stripe
def adopt_method(customer_id: str) -> list[str]:
    """Let a donor's plans be paid as the donor chose last; return those that changed.

    Stripe's page for that writes it down with the customer; a plan's own card goes before it.
    """
    expand = {"expand": ["invoice_settings.default_payment_method"]}
    chosen = objects.default_method_from(api().customers.retrieve(customer_id, expand).to_dict())
    if chosen is None:
        return []
    asked = {"customer": customer_id, "expand": ["data.default_payment_method"]}
    plans = [
        plan["id"]
        for plan in api().subscriptions.list(asked).to_dict()["data"]
        if "checkout" in plan["metadata"] and is_newer(chosen, plan["default_payment_method"])
    ]
    for plan_id in plans:
        change(plan_id, {}, default_payment_method=chosen.id)
    return plans


def is_newer(chosen: Method, present: dict[str, Any] | None) -> bool:
    if present is None:
        return True
    before = objects.method_from(present)
    return chosen.id != before.id and chosen.created_at >= before.created_at


def change(plan_id: str, options: dict[str, str], **values: Any) -> None:
    api().subscriptions.update(plan_id, values, options)


def once(key: str, purpose: str) -> dict[str, str]:
    """Return what makes Stripe do a thing once, however often it is asked."""
    return {"idempotency_key": f"{key}-{purpose}"}
