"""Subscriptions: what they are for, when they renew, how they end."""

from typing import Any

from payments.sandbox import catalog, invoices, metadata, periods
from payments.sandbox.account import Account
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

FIRST_PAYMENT_WITHIN = 23 * 3600
ENDED = {"canceled", "incomplete_expired"}


def create(
    account: Account, customer: Body, items: list[tuple[Body, int]], values: dict[str, Any]
) -> Body:
    """A subscription whose first invoice is still to be paid."""
    now = account.now()
    recurring = items[0][0]["recurring"]
    end = periods.next_end(now, now, recurring["interval"], recurring["interval_count"])
    subscription = account.add(
        "subscription",
        "sub",
        billing_cycle_anchor=now,
        cancellation_details=blanks.blank_part("subscription", "cancellation_details"),
        currency=items[0][0]["currency"],
        customer=customer["id"],
        default_tax_rates=[],
        description=values.get("description"),
        metadata=metadata.merged({}, values.get("metadata")),
        payment_settings={
            **blanks.blank_part("subscription", "payment_settings"),
            "payment_method_types": values["payment_method_types"],
        },
        start_date=now,
        status="incomplete",
    )
    rows = [_item(account, subscription, price, n, (now, end)) for price, n in items]
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    subscription["items"].update(data=rows, url=url)
    account.change(subscription, "customer.subscription.created")
    return subscription


def start(account: Account, subscription: Body, method: str) -> None:
    """The first payment is made or under way: from now on it renews."""
    if subscription["status"] != "incomplete":
        return
    account.unschedule("expire_incomplete", subscription["id"])
    account.change(
        subscription,
        "customer.subscription.updated",
        status="active",
        default_payment_method=method,
    )
    account.schedule("renew", subscription["id"], period(subscription)[1])


def recover(account: Account, subscription: Body) -> None:
    """A debt was paid: without others, all is well again."""
    if subscription["status"] in ("past_due", "unpaid") and not open_invoices(
        account, subscription
    ):
        move_to(account, subscription, "active")


def give_up(account: Account, subscription: Body) -> None:
    """No retry is left: what then is up to the account's settings."""
    what = account.setting("after_retries")
    if what == "cancel":
        end(account, subscription, "payment_failed")
    else:
        move_to(account, subscription, what)


def resume_collection(account: Account, subscription: Body) -> None:
    """The pause has lasted as long as it was to."""
    if subscription["pause_collection"]:
        account.change(subscription, "customer.subscription.updated", pause_collection=None)


def method_of(account: Account, subscription: Body) -> Body | None:
    """What it is paid with: its own method, else its customer's."""
    customer = account.get("customer", subscription["customer"])
    default = customer["invoice_settings"]["default_payment_method"]
    known = subscription["default_payment_method"] or default
    return account.get("payment_method", known) if known else None


def give_time(account: Account, subscription: Body) -> None:
    """The first payment failed: Stripe waits 23 hours for a better one."""
    account.unschedule("expire_incomplete", subscription["id"])
    account.schedule("expire_incomplete", subscription["id"], account.now() + FIRST_PAYMENT_WITHIN)


def move_to(account: Account, subscription: Body, status: str) -> None:
    """Another status, told when it is another."""
    account.change(subscription, "customer.subscription.updated", status=status)


def end(account: Account, subscription: Body, reason: str, **details: Any) -> Body:
    """The subscription is over."""
    for what in ("renew", "cancel_subscription", "resume_collection"):
        account.unschedule(what, subscription["id"])
    for invoice in open_invoices(account, subscription):
        account.unschedule("retry_invoice", invoice["id"])
        account.change(invoice, auto_advance=False, next_payment_attempt=None)
    kept = subscription["cancellation_details"]
    return account.change(
        subscription,
        "customer.subscription.deleted",
        status="canceled",
        canceled_at=subscription["canceled_at"] or account.now(),
        ended_at=account.now(),
        cancellation_details={**kept, **details, "reason": kept["reason"] or reason},
    )


def expire(account: Account, subscription: Body) -> None:
    """The first payment never came."""
    if subscription["status"] != "incomplete":
        return
    for invoice in open_invoices(account, subscription):
        invoices.void(account, invoice)
    account.change(
        subscription,
        "customer.subscription.updated",
        status="incomplete_expired",
        ended_at=account.now(),
    )


def next_period(account: Account, subscription: Body) -> tuple[int, int]:
    """Move on to the period after this one."""
    began = period(subscription)[1]
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    ends = periods.next_end(
        subscription["billing_cycle_anchor"],
        began,
        recurring["interval"],
        recurring["interval_count"],
    )
    rows = [
        {**item, "current_period_start": began, "current_period_end": ends}
        for item in subscription["items"]["data"]
    ]
    listed = {**subscription["items"], "data": rows}
    account.change(subscription, "customer.subscription.updated", items=listed)
    account.schedule("renew", subscription["id"], ends)
    return began, ends


def period(subscription: Body) -> tuple[int, int]:
    """The current period."""
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def open_invoices(account: Account, subscription: Body) -> list[Body]:
    """The invoices still to be paid."""
    return [
        invoice
        for invoice in account.find("invoice", status="open")
        if invoices.subscription_of(invoice) == subscription["id"]
    ]


def _item(
    account: Account, subscription: Body, price: Body, quantity: int, span: tuple[int, int]
) -> Body:
    item = blanks.blank("subscription_item")
    item.update(
        id=account.new_id("si", 14),
        created=account.now(),
        current_period_start=span[0],
        current_period_end=span[1],
        plan=catalog.plan_of(price),
        price=price,
        quantity=quantity,
        subscription=subscription["id"],
        tax_rates=[],
    )
    return item
