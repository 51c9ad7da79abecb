"""Checkout sessions: from open to complete or expired."""

from typing import Any

from payments.sandbox import catalog, customers, intents, metadata, methods, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.checkout import rules
from payments.sandbox.errors import StripeError
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body


def create(account: Account, values: dict[str, Any]) -> Body:
    """An open session with the address of its hosted page."""
    rules.check(account, values)
    given = enumerate(values["line_items"])
    items = [_line(account, item, f"line_items[{number}]") for number, item in given]
    rules.check_items(values["mode"], items)
    session = account.add(
        "checkout.session",
        "cs_test",
        id=account.new_id("cs_test", 58),
        customer=_customer(account, values),
        customer_email=values.get("customer_email"),
        expires_at=values.get("expires_at") or account.now() + rules.LONGEST,
        metadata=metadata.merged({}, values.get("metadata")),
        payment_status="unpaid",
        status="open",
        ui_mode="hosted_page",
        _payment_intent_data=values.get("payment_intent_data") or {},
        _subscription_data=values.get("subscription_data") or {},
        **_mode(values),
        **_amounts(values, items),
    )
    session["url"] = f"{account.settings.address}/c/pay/{session['id']}"
    session.update({n: _echo(n, values[n]) for n in rules.ECHOED if n in values})
    account.schedule("expire_session", session["id"], session["expires_at"])
    return account.change(session)


def _mode(values: dict[str, Any]) -> Body:
    once = values["mode"] == "payment"
    return {
        "mode": values["mode"],
        "customer_creation": values.get("customer_creation", "if_required") if once else None,
        "payment_method_collection": "if_required" if once else "always",
    }


def _amounts(values: dict[str, Any], items: list[Body]) -> Body:
    currency = items[0]["currency"]
    total = sum(item["amount_total"] for item in items)
    return {
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "payment_method_options": {},
        "payment_method_types": _methods(values, currency, total),
        "total_details": blanks.blank_part("checkout.session", "total_details"),
        "_line_items": items,
    }


def update(account: Account, session: Body, values: dict[str, Any]) -> Body:
    """Change the metadata."""
    kept = metadata.merged(session["metadata"], values.get("metadata"))
    return account.change(session, metadata=kept)


def complete(account: Account, session: Body, payment_status: str) -> None:
    """The payer is done; the money may still be on its way."""
    account.unschedule("expire_session", session["id"])
    changes: dict[str, Any] = {"status": "complete", "payment_status": payment_status, "url": None}
    if session["mode"] == "subscription":
        subscription = account.get("subscription", session["_subscription"])
        changes.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
    account.change(session, "checkout.session.completed", **changes)


def paid(account: Account, session: Body) -> None:
    """The money is there: at once, or at last."""
    if session["status"] == "open":
        complete(account, session, payment_status="paid")
    elif session["payment_status"] == "unpaid":
        account.change(session, "checkout.session.async_payment_succeeded", payment_status="paid")


def failed_later(account: Account, session: Body) -> None:
    """The debit came back; what is tried again later does not concern the session."""
    if not session.get("_failed_later"):
        account.change(session, "checkout.session.async_payment_failed", _failed_later=True)


def expire(account: Account, session: Body) -> Body:
    """Nobody can pay any more."""
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`.",
        )
    account.unschedule("expire_session", session["id"])
    account.change(session, "checkout.session.expired", status="expired", url=None)
    if session.get("_subscription"):
        subscription = account.get("subscription", session["_subscription"])
        subscriptions.expire(account, subscription)
    elif session["payment_intent"]:
        intent = account.get("payment_intent", session["payment_intent"])
        intents.cancel(account, intent, "abandoned")
    return session


def line_items(session: Body) -> list[Body]:
    """What is being paid for."""
    return [dict(item) for item in session["_line_items"]]


def _line(account: Account, given: dict[str, Any], at: str) -> Body:
    if "quantity" not in given:
        param = f"{at}[quantity]"
        raise StripeError(
            f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    if "price_data" in given:
        price = catalog.create_price(account, given["price_data"], f"{at}[price_data]")
    elif "price" in given:
        price = account.get("price", given["price"], f"{at}[price]")
    else:
        raise StripeError(f"You must specify either `price` or `price_data`, at {at}.", param=at)
    product = account.get("product", price["product"])
    total = price["unit_amount"] * given["quantity"]
    item = blanks.blank("item")
    item.update(
        id=account.new_id("li"),
        amount_subtotal=total,
        amount_total=total,
        currency=price["currency"],
        description=product["name"],
        metadata={},
        price=price,
        quantity=given["quantity"],
    )
    return item


def _customer(account: Account, values: dict[str, Any]) -> str | None:
    given = values.get("customer")
    return str(customers.active(account, given)["id"]) if given else None


def _methods(values: dict[str, Any], currency: str, total: int) -> list[str]:
    offered = methods.available(
        currency,
        total,
        values.get("allowed_payment_method_types"),
        values.get("excluded_payment_method_types"),
    )
    if (values.get("payment_intent_data") or {}).get("setup_future_usage"):
        # iDEAL cannot be kept for later in payment mode.
        offered = [method for method in offered if method != "ideal"]
    if not offered:
        raise StripeError(
            "No valid payment method types for this Checkout Session. Please ensure that you have"
            " activated payment methods compatible with your chosen currency in your dashboard."
        )
    return offered


def _echo(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {**blanks.blank_part("checkout.session", name), **value}
