"""Renewals, retries and ends of subscriptions, when their time has come."""

from payments.sandbox import collection, invoices, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.store import Body


def renew(account: Account, subscription: Body) -> None:
    """Begin the next period and ask for its payment."""
    if subscription["status"] not in (*collection.RUNNING, "unpaid"):
        return
    if subscription["cancel_at"] and subscription["cancel_at"] <= account.now():
        subscriptions.end(account, subscription, "cancellation_requested")
        return
    period = subscriptions.next_period(account, subscription)
    if subscription["status"] == "unpaid":
        _keep_draft(account, subscription, period)
        return
    if subscription["pause_collection"]:
        _invoice_while_paused(account, subscription, period)
        return
    invoice = invoices.issue(account, subscription, "subscription_cycle", period)
    account.change(subscription, latest_invoice=invoice["id"])
    _charge(account, subscription, invoice)


def renew_now(account: Account, subscription: Body) -> None:
    """End the current period at once, as a tester who does not want to wait a month."""
    now = account.now()
    account.unschedule("renew", subscription["id"])
    rows = [{**item, "current_period_end": now} for item in subscription["items"]["data"]]
    listed = {**subscription["items"], "data": rows}
    account.change(subscription, items=listed, billing_cycle_anchor=now)
    renew(account, subscription)


def retry(account: Account, invoice: Body) -> None:
    """Try an unpaid invoice once more."""
    if invoice["status"] != "open":
        return
    subscription = account.get("subscription", invoices.subscription_of(invoice))
    _charge(account, subscription, invoice)


def _charge(account: Account, subscription: Body, invoice: Body) -> None:
    method = subscriptions.method_of(account, subscription)
    if method is None:
        collection.fail(account, invoice)
        return
    intent = account.get("payment_intent", invoice["_intent"])
    if intent["status"] == "processing":
        # The debit that was sent before is still on its way.
        return
    collection.pay(account, intent, method, off_session=True)


def _invoice_while_paused(account: Account, subscription: Body, period: tuple[int, int]) -> None:
    behavior = subscription["pause_collection"]["behavior"]
    invoice = _keep_draft(account, subscription, period)
    if behavior == "keep_as_draft":
        return
    invoices.finalise(account, invoice)
    if behavior == "void":
        invoices.void(account, invoice)
    else:
        invoices.mark_uncollectible(account, invoice)


def _keep_draft(account: Account, subscription: Body, period: tuple[int, int]) -> Body:
    invoice = invoices.draft(
        account, subscription, "subscription_cycle", period, auto_advance=False
    )
    account.change(subscription, latest_invoice=invoice["id"])
    return invoice
