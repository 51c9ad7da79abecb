"""What Stripe has no address for: the clock, faults, disputes and the like, under /_sandbox/."""

import re
from collections.abc import Callable
from typing import Any

from payments.sandbox import (
    collection,
    deliveries,
    disputes,
    endpoints,
    faults,
    intents,
    methods,
    renewals,
    schedule,
)
from payments.sandbox.account import Account, public
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

# What `POST /_sandbox/settings` takes, and the values without it.
SETTINGS: dict[str, Any] = {
    "late_fees": 0,
    "debit_leaves_incomplete": False,
    "refunds_fail": False,
}
WEBHOOK_MODES: dict[str, tuple[str, bool]] = {
    "hold": ("webhooks_held", True),
    "release": ("webhooks_held", False),
    "shuffle": ("webhooks_shuffled", True),
    "duplicate": ("webhooks_duplicated", True),
}

Control = Callable[[Account, list[str], Any], Any]
CONTROLS: list[tuple[str, re.Pattern[str], Control]] = []


def control(method: str, path: str) -> Callable[[Control], Control]:
    """Register one address."""

    def register(function: Control) -> Control:
        pattern = re.compile("/_sandbox" + path.replace("{}", "([^/]+)"))
        CONTROLS.append((method, pattern, function))
        return function

    return register


def perform(account: Account, method: str, path: str, given: Any) -> Any:
    """Do what an address stands for; what it answers is JSON."""
    for known, pattern, function in CONTROLS:
        found = pattern.fullmatch(path)
        if found and known == method:
            with account.store.lock:
                return function(account, list(found.groups()), given)
    raise StripeError(f"No such control: {method} {path}", status=404)


@control("POST", "/reset")
def reset(account: Account, _ids: list[str], _given: Any) -> Any:
    """An empty Stripe, with the endpoint of the command line if there was one."""
    with account.store.transaction():
        account.store.clear()
        endpoints.ensure(account)
    return {"now": account.now()}


@control("GET", "/clock")
def read_clock(account: Account, _ids: list[str], _given: Any) -> Any:
    """What time it is here."""
    return {"now": account.now()}


@control("POST", "/clock")
def set_clock(account: Account, _ids: list[str], given: Any) -> Any:
    """Let time pass; everything that falls due on the way happens now."""
    seconds = int(given.get("advance", 0))
    if seconds < 0:
        raise StripeError("The clock only goes forward.", param="advance")
    schedule.advance(account, seconds)
    return {"now": account.now()}


@control("POST", "/faults")
def add_faults(account: Account, _ids: list[str], given: Any) -> Any:
    """Faults for requests (a list), or a mode of delivery (`{"webhooks": …}`)."""
    with account.store.transaction():
        if isinstance(given, dict) and "webhooks" in given:
            return _set_webhooks(account, given["webhooks"])
        try:
            faults.add(account.store, given if isinstance(given, list) else [given])
        except (faults.UnknownFault, re.error) as error:
            raise StripeError(str(error), param="faults") from error
        return {"faults": account.store.fact("faults", [])}


@control("GET", "/faults")
def list_faults(account: Account, _ids: list[str], _given: Any) -> Any:
    """The faults that have not happened yet."""
    return {"faults": account.store.fact("faults", [])}


@control("DELETE", "/faults")
def clear_faults(account: Account, _ids: list[str], _given: Any) -> Any:
    """No more faults; webhooks go out in order, once."""
    with account.store.transaction():
        account.store.set_fact("faults", [])
        for name, _ in WEBHOOK_MODES.values():
            account.store.set_fact(name, False)
    return {"faults": []}


@control("POST", "/settings")
def change_settings(account: Account, _ids: list[str], given: Any) -> Any:
    """How this Stripe behaves where the real one may do either."""
    unknown = set(given) - set(SETTINGS)
    if unknown:
        raise StripeError(f"unknown settings: {', '.join(sorted(unknown))}")
    with account.store.transaction():
        for name, value in given.items():
            account.store.set_fact(name, value)
        return {name: account.store.fact(name, value) for name, value in SETTINGS.items()}


@control("GET", "/deliveries")
def list_deliveries(account: Account, _ids: list[str], _given: Any) -> Any:
    """Every delivery, newest first."""
    return {"data": deliveries.listed(account)}


@control("GET", "/events")
def list_events(account: Account, _ids: list[str], _given: Any) -> Any:
    """Every event, oldest first, also those the API no longer lists."""
    return {"data": list(account.store.newest_first("event"))[::-1]}


@control("GET", "/events/{}/signed")
def sign_event(account: Account, ids: list[str], given: Any) -> Any:
    """An event as it would be delivered now, for a test that delivers it itself."""
    event = account.get("event", ids[0])
    known = [e["_secret"] for e in account.store.newest_first("webhook_endpoint")]
    secret = given.get("secret") or (known[-1] if known else account.settings.webhook_secret)
    body = deliveries.payload(deliveries.thin(event) if given.get("thin") else event)
    at = int(given["at"]) if "at" in given else None
    return {"id": event["id"], "type": event["type"], "body": body,
            "header": deliveries.signature(body, secret, at)}  # fmt: skip


@control("POST", "/events/{}/resend")
def resend_event(account: Account, ids: list[str], _given: Any) -> Any:
    """Deliver an event to every endpoint once more."""
    with account.store.transaction():
        event = account.get("event", ids[0])
        for endpoint in account.store.newest_first("webhook_endpoint"):
            account.queue(event["id"], endpoint["id"])
    return {"id": event["id"]}


@control("POST", "/charges/{}/dispute")
def dispute_charge(account: Account, ids: list[str], given: Any) -> Any:
    """The payer goes to the bank."""
    with account.store.transaction():
        charge = account.get("charge", ids[0])
        return public(disputes.create(account, charge, given.get("reason")))


@control("POST", "/disputes/{}/close")
def close_dispute(account: Account, ids: list[str], given: Any) -> Any:
    """The bank decides: `won` or `lost`."""
    status = given.get("status", "lost")
    if status not in ("won", "lost"):
        raise StripeError("status must be won or lost", param="status")
    with account.store.transaction():
        return public(disputes.close(account, account.get("dispute", ids[0]), status))


@control("POST", "/payment_intents/{}/settle")
def settle_intent(account: Account, ids: list[str], _given: Any) -> Any:
    """A debit settles now rather than later."""
    with account.store.transaction():
        intent = account.get("payment_intent", ids[0])
        if intent["status"] != "processing":
            raise StripeError(f"{intent['id']} is {intent['status']}, not processing.")
        account.unschedule("settle_debit", intent["id"])
        intents.settle(account, intent)
        collection.follow(account, intent)
        return public(intent)


@control("POST", "/subscriptions/{}/renew")
def renew_subscription(account: Account, ids: list[str], _given: Any) -> Any:
    """The current period ends now."""
    with account.store.transaction():
        subscription = account.get("subscription", ids[0])
        renewals.renew_now(account, subscription)
        return public(subscription)


@control("POST", "/subscriptions/{}/payment_method")
def change_method(account: Account, ids: list[str], given: Any) -> Any:
    """The payer enters another card (or debit), named by its outcome."""
    outcome = methods.OUTCOMES.get(given.get("outcome", "card"))
    if outcome is None:
        raise StripeError("no such outcome", param="outcome")
    with account.store.transaction():
        subscription = account.get("subscription", ids[0])
        old = account.get("payment_method", subscription["default_payment_method"])
        method = methods.create(account, outcome, old["billing_details"], old["customer"])
        return public(
            account.change(
                subscription, "customer.subscription.updated", default_payment_method=method["id"]
            )
        )


def _set_webhooks(account: Account, mode: Body | str) -> Any:
    if not isinstance(mode, str) or mode not in WEBHOOK_MODES:
        raise StripeError(f"webhooks must be one of {', '.join(WEBHOOK_MODES)}")
    name, value = WEBHOOK_MODES[mode]
    account.store.set_fact(name, value)
    if mode == "shuffle":
        account.store.connection.execute(
            "UPDATE delivery SET position = abs(random()) / 9.3e18 WHERE state = 'pending'"
        )
    if mode == "duplicate":
        account.store.connection.execute(
            "INSERT INTO delivery (event_id, endpoint_id, position, due_at)"
            " SELECT event_id, endpoint_id, position, due_at FROM delivery WHERE state = 'pending'"
        )
    return {"webhooks": mode}
