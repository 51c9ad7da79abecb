"""Changes somebody asks for: another amount, another method, an end."""

from typing import Any

from payments.sandbox import catalog, errors, metadata, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

UPDATABLE = {
    "cancel_at", "cancel_at_period_end", "cancellation_details", "default_payment_method",
    "description", "items", "metadata", "pause_collection", "proration_behavior",
}  # fmt: skip


def update(account: Account, subscription: Body, values: dict[str, Any]) -> Body:
    """Change the amount, the method, the metadata, or when it ends."""
    unknown = set(values) - UPDATABLE
    if unknown:
        raise errors.not_covered(f"changing {', '.join(sorted(unknown))} of a subscription")
    _still_alive(subscription)
    changes: Body = {
        name: values[name] or None
        for name in ("default_payment_method", "description")
        if name in values
    }
    if "metadata" in values:
        changes["metadata"] = metadata.merged(subscription["metadata"], values["metadata"])
    if "items" in values:
        changes["items"] = _changed_items(account, subscription, values)
    if "pause_collection" in values:
        changes["pause_collection"] = _pause(account, subscription, values["pause_collection"])
    changes |= _ending(account, subscription, values)
    return account.change(subscription, "customer.subscription.updated", **changes)


def cancel(account: Account, subscription: Body, values: dict[str, Any]) -> Body:
    """End it now."""
    _still_alive(subscription)
    if values.get("invoice_now") or values.get("prorate"):
        raise errors.not_covered("invoicing or prorating a cancelled subscription")
    details = values.get("cancellation_details") or {}
    return subscriptions.end(account, subscription, "cancellation_requested", **details)


def _still_alive(subscription: Body) -> None:
    if subscription["status"] in subscriptions.ENDED:
        raise errors.missing("subscription", subscription["id"])


def _ending(account: Account, subscription: Body, values: dict[str, Any]) -> dict[str, Any]:
    given = values.get("cancellation_details") or {}
    details = {**subscription["cancellation_details"], **given}
    if not {"cancel_at", "cancel_at_period_end"} & set(values):
        return {"cancellation_details": details}
    at_end = bool(values.get("cancel_at_period_end"))
    at = subscriptions.period(subscription)[1] if at_end else values.get("cancel_at") or None
    if isinstance(at, str):
        raise errors.not_covered(f"cancel_at={at}")
    account.unschedule("cancel_subscription", subscription["id"])
    if at:
        account.schedule("cancel_subscription", subscription["id"], at)
    details["reason"] = "cancellation_requested" if at else None
    return {
        "cancel_at": at,
        "cancel_at_period_end": at_end,
        "canceled_at": account.now() if at else None,
        "cancellation_details": details,
    }


def _pause(account: Account, subscription: Body, given: Any) -> Body | None:
    account.unschedule("resume_collection", subscription["id"])
    if not given:
        return None
    resumes_at = given.get("resumes_at")
    if resumes_at is not None:
        if resumes_at <= account.now():
            raise StripeError(
                "The `resumes_at` timestamp must be in the future.",
                param="pause_collection[resumes_at]",
            )
        account.schedule("resume_collection", subscription["id"], resumes_at)
    return {"behavior": given["behavior"], "resumes_at": resumes_at}


def _changed_items(account: Account, subscription: Body, values: dict[str, Any]) -> Body:
    if values.get("proration_behavior") != "none":
        raise errors.not_covered('prorations; pass proration_behavior="none"')
    rows = {item["id"]: item for item in subscription["items"]["data"]}
    for given in values["items"]:
        item = rows.get(given.get("id", ""))
        if item is None or given.get("deleted"):
            raise errors.not_covered("adding or removing subscription items")
        price = item["price"]
        if "price_data" in given:
            price = catalog.create_price(account, given["price_data"], "items[0][price_data]")
        elif "price" in given:
            price = account.get("price", given["price"], "items[0][price]")
        _same_rhythm(item["price"], price)
        changed = {"price": price, "plan": catalog.plan_of(price)}
        rows[item["id"]] = {**item, **changed, "quantity": given.get("quantity", item["quantity"])}
    return {**subscription["items"], "data": list(rows.values())}


def _same_rhythm(old: Body, new: Body) -> None:
    if not new["recurring"]:
        raise StripeError(
            "The price specified is set to `type=one_time` but this field only accepts prices"
            " with `type=recurring`.",
            param="items[0][price]",
        )
    if old["currency"] != new["currency"] or old["recurring"] != new["recurring"]:
        raise errors.not_covered("changing the currency or interval of a subscription")
