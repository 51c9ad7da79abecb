"""Customers."""

from typing import Any

from payments.sandbox import errors, metadata
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

PLAIN = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


def create(account: Account, values: dict[str, Any]) -> Body:
    """A new customer."""
    customer = account.add(
        "customer",
        "cus",
        balance=0,
        delinquent=False,
        invoice_prefix=account.new_id("I", 7)[2:].upper(),
        invoice_settings=blanks.blank_part("customer", "invoice_settings"),
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
        metadata=metadata.merged({}, values.get("metadata")),
        **_plain(values),
    )
    account.tell("customer.created", customer)
    return customer


def update(account: Account, customer: Body, values: dict[str, Any]) -> Body:
    """Change what was given, and leave the rest."""
    changes = _plain(values)
    if "invoice_settings" in values:
        changes["invoice_settings"] = _invoice_settings(account, customer, values)
    if "metadata" in values:
        changes["metadata"] = metadata.merged(customer["metadata"], values["metadata"])
    return account.change(customer, "customer.updated", **changes)


def delete(account: Account, customer: Body) -> Body:
    """Delete a customer and cancel nothing else; the stub stays readable."""
    account.tell("customer.deleted", customer)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    account.store.save("customer_deleted", gone)
    return gone


def active(account: Account, customer_id: str, param: str = "customer") -> Body:
    """A customer that can still be used."""
    customer = account.get("customer", customer_id, param)
    if customer.get("deleted"):
        raise StripeError(
            f"No such customer: '{customer_id}'", code="resource_missing", param=param
        )
    return customer


def pay_with(account: Account, customer: Body, method: Body) -> Body:
    """From now on this is what the customer's invoices are paid with by default."""
    kept = customer["invoice_settings"]
    changed = {**kept, "default_payment_method": method["id"]}
    return account.change(customer, "customer.updated", invoice_settings=changed)


def forget_method(account: Account, method: Body) -> Body:
    """Detach a method: neither the customer nor a subscription can be charged by it."""
    if not method["customer"]:
        raise StripeError(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    customer = account.get("customer", method["customer"])
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        cleared = {**customer["invoice_settings"], "default_payment_method": None}
        account.change(customer, "customer.updated", invoice_settings=cleared)
    told = "customer.subscription.updated"
    for subscription in account.find("subscription", default_payment_method=method["id"]):
        account.change(subscription, told, default_payment_method=None)
    return account.change(method, "payment_method.detached", customer=None)


def _invoice_settings(account: Account, customer: Body, values: dict[str, Any]) -> Body:
    given = values["invoice_settings"]
    unknown = set(given) - {"default_payment_method"}
    if unknown:
        raise errors.not_covered(f"invoice_settings with {', '.join(sorted(unknown))}")
    method_id = given.get("default_payment_method") or None
    if method_id:
        param = "invoice_settings[default_payment_method]"
        method = account.get("payment_method", method_id, param)
        if method["customer"] != customer["id"]:
            raise StripeError(
                f"The customer does not have a payment method with the ID {method_id}. The payment"
                " method must be attached to the customer.",
                code="resource_missing",
                param=param,
            )
    return {**customer["invoice_settings"], "default_payment_method": method_id}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    email = values.get("email")
    if email and "@" not in email:
        raise StripeError(f"Invalid email address: {email}", code="email_invalid", param="email")
    changes: Body = {name: values[name] or None for name in PLAIN if name in values}
    if changes.get("address"):
        changes["address"] = full_address(changes["address"])
    return changes


def full_address(given: dict[str, Any]) -> dict[str, Any]:
    """An address with every line Stripe answers with."""
    blank = blanks.blank_part("customer", "address")
    return {**blank, **{name: value or None for name, value in given.items()}}
