"""Everything that can be looked up."""

from typing import Any

from payments.sandbox import balance, payouts
from payments.sandbox.account import Account
from payments.sandbox.api import lists
from payments.sandbox.api.calls import Call, answers
from payments.sandbox.api.lists import Filter, field, in_span
from payments.sandbox.api.presentation import listed, shown
from payments.sandbox.checkout import sessions
from payments.sandbox.store import Body

EVENTS_KEPT = 30 * 86_400

# Kind → the path of one of them.
ONE = {
    "balance_transaction": "/v1/balance_transactions/{id}",
    "charge": "/v1/charges/{charge}",
    "checkout.session": "/v1/checkout/sessions/{session}",
    "customer": "/v1/customers/{customer}",
    "dispute": "/v1/disputes/{dispute}",
    "event": "/v1/events/{id}",
    "invoice": "/v1/invoices/{invoice}",
    "invoice_payment": "/v1/invoice_payments/{invoice_payment}",
    "mandate": "/v1/mandates/{mandate}",
    "payment_intent": "/v1/payment_intents/{intent}",
    "payment_method": "/v1/payment_methods/{payment_method}",
    "payout": "/v1/payouts/{payout}",
    "price": "/v1/prices/{price}",
    "product": "/v1/products/{id}",
    "refund": "/v1/refunds/{refund}",
    "subscription": "/v1/subscriptions/{subscription_exposed_id}",
    "webhook_endpoint": "/v1/webhook_endpoints/{webhook_endpoint}",
}

# The list knows fewer words than the object.
PAYOUT_WORDS = {"in_transit": "pending", "pending": "pending", "paid": "paid", "failed": "failed"}

# Kind → (path, filters by parameter).
MANY: dict[str, tuple[str, dict[str, Filter]]] = {
    "charge": (
        "/v1/charges",
        {"customer": field("customer"), "payment_intent": field("payment_intent")},
    ),
    "checkout.session": (
        "/v1/checkout/sessions",
        {
            "customer": field("customer"),
            "customer_details": lambda body, wanted: (
                (body["customer_details"] or {}).get("email") == wanted["email"]
            ),
            "payment_intent": field("payment_intent"),
            "status": field("status"),
            "subscription": field("subscription"),
        },
    ),
    "customer": ("/v1/customers", {"email": field("email")}),
    "dispute": (
        "/v1/disputes",
        {"charge": field("charge"), "payment_intent": field("payment_intent")},
    ),
    "invoice": (
        "/v1/invoices",
        {
            "collection_method": field("collection_method"),
            "customer": field("customer"),
            "status": field("status"),
            "subscription": field("parent", "subscription_details", "subscription"),
        },
    ),
    "invoice_payment": (
        "/v1/invoice_payments",
        {
            "invoice": field("invoice"),
            "payment": lambda body, wanted: all(
                body["payment"].get(name) == value for name, value in wanted.items()
            ),
            "status": field("status"),
        },
    ),
    "payment_intent": ("/v1/payment_intents", {"customer": field("customer")}),
    "payment_method": (
        "/v1/payment_methods",
        {"customer": field("customer"), "type": field("type")},
    ),
    "payout": (
        "/v1/payouts",
        {
            "arrival_date": lambda body, wanted: in_span(body["arrival_date"], wanted),
            "destination": field("destination"),
            "status": lambda body, wanted: wanted == PAYOUT_WORDS.get(body["status"]),
        },
    ),
    "price": (
        "/v1/prices",
        {
            "active": field("active"),
            "currency": field("currency"),
            "lookup_keys": lambda body, wanted: body["lookup_key"] in wanted,
            "product": field("product"),
            "type": field("type"),
        },
    ),
    "product": (
        "/v1/products",
        {
            "active": field("active"),
            "ids": lambda body, wanted: body["id"] in wanted,
        },
    ),
    "refund": (
        "/v1/refunds",
        {"charge": field("charge"), "payment_intent": field("payment_intent")},
    ),
    "webhook_endpoint": ("/v1/webhook_endpoints", {}),
}


def _read_one(kind: str, path: str) -> None:
    @answers("GET", path)
    def retrieve(call: Call) -> Body:
        found = call.account.store.load(call.id)
        if found is not None and found["object"] == kind and found.get("deleted"):
            return found
        return shown(call.account, call.account.get(kind, call.id))


def _read_many(kind: str, path: str, filters: dict[str, Filter]) -> None:
    @answers("GET", path)
    def list_page(call: Call) -> Body:
        return lists.page(call.account, kind, call.path, call.params, filters)


for _kind, _path in ONE.items():
    _read_one(_kind, _path)
for _kind, (_path, _filters) in MANY.items():
    _read_many(_kind, _path, _filters)


@answers("GET", "/v1/balance_transactions")
def list_balance_transactions(call: Call) -> Body:
    """The lines of the account, or of one payout."""
    filters = {
        "currency": field("currency"),
        "payout": field("_payout"),
        "source": field("source"),
        "type": field("type"),
    }
    if "payout" in call.params:
        payouts.listable(call.account, call.params["payout"])
    return lists.page(call.account, "balance_transaction", call.path, call.params, filters)


@answers("GET", "/v1/balance")
def read_balance(call: Call) -> Body:
    """What is on the account."""
    return balance.summary(call.account)


@answers("GET", "/v1/subscriptions")
def list_subscriptions(call: Call) -> Body:
    """Without a status, those that have not been cancelled."""
    filters = {
        "customer": field("customer"),
        "price": lambda body, wanted: any(
            item["price"]["id"] == wanted for item in body["items"]["data"]
        ),
        "collection_method": field("collection_method"),
        "status": _subscription_status,
    }
    params = {"status": None, **call.params}
    return lists.page(call.account, "subscription", call.path, params, filters)


def _subscription_status(body: Body, wanted: str | None) -> bool:
    if wanted is None:
        return bool(body["status"] != "canceled")
    if wanted == "ended":
        return body["status"] in ("canceled", "incomplete_expired")
    return wanted in ("all", body["status"])


@answers("GET", "/v1/events")
def list_events(call: Call) -> Body:
    """The events of the last thirty days."""
    oldest = call.account.now() - EVENTS_KEPT
    undelivered = _undelivered(call.account) if "delivery_success" in call.params else set()
    filters: dict[str, Filter] = {
        "type": field("type"),
        "types": lambda body, wanted: body["type"] in wanted,
        "delivery_success": lambda body, wanted: (body["id"] not in undelivered) == wanted,
        "_kept": lambda body, _: body["created"] >= oldest,
    }
    params: dict[str, Any] = {**call.params, "_kept": True}
    return lists.page(call.account, "event", call.path, params, filters)


def _undelivered(account: Account) -> set[str]:
    rows = account.store.connection.execute(
        "SELECT event_id FROM delivery WHERE state != 'delivered'"
    )
    return {row[0] for row in rows}


@answers("GET", "/v1/checkout/sessions/{session}/line_items")
def list_line_items(call: Call) -> Body:
    """What a session is for."""
    session = call.account.get("checkout.session", call.id)
    return listed(call.path, sessions.line_items(session))
