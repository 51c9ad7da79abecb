"""Everything that can be made, changed or ended."""

from payments.sandbox import (
    catalog,
    customers,
    disputes,
    endpoints,
    errors,
    intents,
    invoices,
    metadata,
    portal,
    refunds,
    subscription_changes,
    subscriptions,
)
from payments.sandbox.api.calls import Call, answers
from payments.sandbox.api.presentation import shown
from payments.sandbox.checkout import sessions
from payments.sandbox.store import Body


@answers("POST", "/v1/customers")
def create_customer(call: Call) -> Body:
    """A new customer."""
    _only(call, {*customers.PLAIN, "metadata"}, "customers")
    return shown(call.account, customers.create(call.account, call.params))


@answers("POST", "/v1/customers/{customer}")
def update_customer(call: Call) -> Body:
    """A changed customer."""
    _only(call, {*customers.PLAIN, "invoice_settings", "metadata"}, "customers")
    customer = customers.active(call.account, call.id)
    return shown(call.account, customers.update(call.account, customer, call.params))


@answers("DELETE", "/v1/customers/{customer}")
def delete_customer(call: Call) -> Body:
    """The stub that is left, once the subscriptions have ended."""
    customer = customers.active(call.account, call.id)
    for subscription in call.account.find("subscription", customer=customer["id"]):
        if subscription["status"] not in subscriptions.ENDED:
            subscriptions.end(call.account, subscription, "cancellation_requested")
    return customers.delete(call.account, customer)


@answers("POST", "/v1/payment_methods/{payment_method}/detach")
def detach_method(call: Call) -> Body:
    """A payment method that nobody is charged by any more."""
    method = call.account.get("payment_method", call.id)
    return shown(call.account, customers.forget_method(call.account, method))


@answers("POST", "/v1/products")
def create_product(call: Call) -> Body:
    """A new product."""
    _only(call, {"name", "metadata", *catalog.PRODUCT_PLAIN}, "products")
    return shown(call.account, catalog.create_product(call.account, call.params))


@answers("POST", "/v1/products/{id}")
def update_product(call: Call) -> Body:
    """A changed product."""
    _only(call, {"name", "default_price", "metadata", *catalog.PRODUCT_PLAIN}, "products")
    product = call.account.get("product", call.id)
    return shown(call.account, catalog.update_product(call.account, product, call.params))


@answers("POST", "/v1/prices")
def create_price(call: Call) -> Body:
    """A new price."""
    return shown(call.account, catalog.create_price(call.account, call.params))


@answers("POST", "/v1/prices/{price}")
def update_price(call: Call) -> Body:
    """A changed price."""
    _only(call, {"active", "nickname", "lookup_key", "metadata"}, "prices")
    price = call.account.get("price", call.id)
    return shown(call.account, catalog.update_price(call.account, price, call.params))


@answers("POST", "/v1/checkout/sessions")
def create_session(call: Call) -> Body:
    """An open Checkout session."""
    return shown(call.account, sessions.create(call.account, call.params))


@answers("POST", "/v1/checkout/sessions/{session}")
def update_session(call: Call) -> Body:
    """A session with other metadata."""
    _only(call, {"metadata"}, "Checkout sessions")
    session = call.account.get("checkout.session", call.id)
    return shown(call.account, sessions.update(call.account, session, call.params))


@answers("POST", "/v1/checkout/sessions/{session}/expire")
def expire_session(call: Call) -> Body:
    """A session nobody can pay any more."""
    session = call.account.get("checkout.session", call.id)
    return shown(call.account, sessions.expire(call.account, session))


@answers("POST", "/v1/payment_intents/{intent}")
def update_intent(call: Call) -> Body:
    """An intent with other metadata or another description."""
    _only(call, {"metadata", "description"}, "PaymentIntents")
    intent = call.account.get("payment_intent", call.id)
    return _described(call, intent, event=None)


@answers("POST", "/v1/payment_intents/{intent}/cancel")
def cancel_intent(call: Call) -> Body:
    """An intent that was given up."""
    intent = call.account.get("payment_intent", call.id)
    reason = call.params.get("cancellation_reason")
    return shown(call.account, intents.cancel(call.account, intent, reason))


@answers("POST", "/v1/charges/{charge}")
def update_charge(call: Call) -> Body:
    """A charge with other metadata or another description."""
    _only(call, {"metadata", "description"}, "charges")
    return _described(call, call.account.get("charge", call.id), event="charge.updated")


@answers("POST", "/v1/refunds")
def create_refund(call: Call) -> Body:
    """Money given back."""
    return shown(call.account, refunds.create(call.account, call.params))


@answers("POST", "/v1/refunds/{refund}")
def update_refund(call: Call) -> Body:
    """A refund with other metadata."""
    refund = call.account.get("refund", call.id)
    return shown(call.account, refunds.update(call.account, refund, call.params))


@answers("POST", "/v1/disputes/{dispute}/close")
def close_dispute(call: Call) -> Body:
    """A dispute given up as lost."""
    dispute = call.account.get("dispute", call.id)
    return shown(call.account, disputes.close(call.account, dispute, "lost"))


@answers("POST", "/v1/subscriptions/{subscription_exposed_id}")
def update_subscription(call: Call) -> Body:
    """A changed subscription."""
    subscription = call.account.get("subscription", call.id)
    return shown(call.account, subscription_changes.update(call.account, subscription, call.params))


@answers("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel_subscription(call: Call) -> Body:
    """A subscription that has ended."""
    subscription = call.account.get("subscription", call.id)
    return shown(call.account, subscription_changes.cancel(call.account, subscription, call.params))


@answers("POST", "/v1/invoices/{invoice}/void")
def void_invoice(call: Call) -> Body:
    """An invoice nobody needs to pay."""
    invoice = _open_invoice(call, "void")
    invoices.void(call.account, invoice)
    return shown(call.account, invoice)


@answers("POST", "/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(call: Call) -> Body:
    """An invoice nobody expects to be paid."""
    invoice = _open_invoice(call, "mark as uncollectible")
    invoices.mark_uncollectible(call.account, invoice)
    return shown(call.account, invoice)


@answers("POST", "/v1/billing_portal/sessions")
def create_portal_session(call: Call) -> Body:
    """A page for a customer."""
    return shown(call.account, portal.create(call.account, call.params))


@answers("POST", "/v1/webhook_endpoints")
def create_endpoint(call: Call) -> Body:
    """A new endpoint, with its secret."""
    if call.params.get("connect"):
        raise errors.not_covered("Connect endpoints")
    endpoint = endpoints.create(call.account, call.params)
    return {**shown(call.account, endpoint), "secret": endpoint["_secret"]}


@answers("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update_endpoint(call: Call) -> Body:
    """A changed endpoint."""
    endpoint = call.account.get("webhook_endpoint", call.id)
    return shown(call.account, endpoints.update(call.account, endpoint, call.params))


@answers("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete_endpoint(call: Call) -> Body:
    """The stub that is left."""
    endpoint = call.account.get("webhook_endpoint", call.id)
    return endpoints.delete(call.account, endpoint)


def _only(call: Call, known: set[str], what: str) -> None:
    unknown = set(call.params) - known - {"expand"}
    if unknown:
        raise errors.not_covered(f"{what} with {', '.join(sorted(unknown))}")


def _described(call: Call, body: Body, event: str | None) -> Body:
    changes: Body = {"metadata": metadata.merged(body["metadata"], call.params.get("metadata"))}
    if "description" in call.params:
        changes["description"] = call.params["description"] or None
    return shown(call.account, call.account.change(body, event, **changes))


def _open_invoice(call: Call, what: str) -> Body:
    invoice = call.account.get("invoice", call.id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise errors.StripeError(
            f"You can only {what} an open invoice; this one is {invoice['status']}."
        )
    return invoice
