"""What Stripe refuses of a Checkout session although every parameter alone is right."""

from typing import Any
from urllib.parse import urlsplit

from payments.sandbox import errors, metadata, money
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

# Taken as they are; the hosted page has no use for them.
ECHOED = {
    "adaptive_pricing", "allow_promotion_codes", "allowed_payment_method_types",
    "billing_address_collection", "branding_settings", "cancel_url", "client_reference_id",
    "excluded_payment_method_types", "custom_text", "integration_identifier", "locale",
    "payment_method_collection", "phone_number_collection", "submit_type", "success_url",
}  # fmt: skip
USED = {
    "customer", "customer_creation", "customer_email", "customer_update", "expires_at",
    "line_items", "metadata", "mode", "payment_intent_data", "subscription_data", "ui_mode",
    "currency",
}  # fmt: skip
INTENT_DATA = {
    "description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor",
    "statement_descriptor_suffix",
}  # fmt: skip
SUBSCRIPTION_DATA = {"description", "metadata"}
SHORTEST, LONGEST = 30 * 60, 24 * 3600


def check(account: Account, values: dict[str, Any]) -> None:
    """Refuse what Stripe refuses, and what this local Stripe cannot do."""
    _covered(values)
    mode = values.get("mode")
    if mode is None:
        raise _missing("mode")
    _belongs_to_mode(values, mode)
    _hosted(values)
    if not values.get("line_items"):
        raise _missing("line_items")
    if values.get("customer") and values.get("customer_email"):
        raise StripeError(
            "You may only specify one of these parameters: customer, customer_email.",
            param="customer_email",
        )
    _lifetime(account, values.get("expires_at"))
    reference = values.get("client_reference_id", "")
    if len(reference) > 200:
        raise StripeError(
            "Invalid string: must be at most 200 characters", param="client_reference_id"
        )


def check_items(mode: str, items: list[Body]) -> None:
    """Prices fit the mode and each other, and the total is enough."""
    prices = [item["price"] for item in items]
    recurring = [price for price in prices if price["recurring"]]
    if mode == "payment" and recurring:
        raise StripeError(
            "You specified `payment` mode but passed a recurring price. Either switch to"
            " `subscription` mode or use only one-time prices.",
            param="line_items",
        )
    if mode == "subscription" and not recurring:
        raise StripeError(
            "You must provide at least one recurring price in `subscription` mode when using"
            " prices.",
            param="line_items",
        )
    if len(recurring) not in (0, len(prices)):
        raise errors.not_covered("one-time prices beside recurring ones")
    _same(prices, "currency", "All prices must have the same currency.")
    _same(recurring, "recurring", "All recurring prices must have the same billing interval.")
    _enough(sum(item["amount_total"] for item in items), prices[0]["currency"])


def _covered(values: dict[str, Any]) -> None:
    unknown = set(values) - ECHOED - USED
    if unknown:
        raise errors.not_covered(f"Checkout with {', '.join(sorted(unknown))}")
    for name, known in (("payment_intent_data", INTENT_DATA), ("subscription_data",
                                                               SUBSCRIPTION_DATA)):  # fmt: skip
        extra = set(values.get(name) or {}) - known
        if extra:
            raise errors.not_covered(f"{name} with {', '.join(sorted(extra))}")
        metadata.merged({}, (values.get(name) or {}).get("metadata"))


def _belongs_to_mode(values: dict[str, Any], mode: str) -> None:
    if mode == "setup":
        raise errors.not_covered("Checkout in setup mode")
    for name, home in (
        ("payment_intent_data", "payment"),
        ("customer_creation", "payment"),
        ("subscription_data", "subscription"),
    ):
        if name in values and mode != home:
            raise StripeError(f"You can not pass `{name}` in `{mode}` mode.", param=name)


def _hosted(values: dict[str, Any]) -> None:
    if values.get("ui_mode", "hosted_page") != "hosted_page":
        raise errors.not_covered(f"ui_mode={values['ui_mode']}")
    if not values.get("success_url"):
        raise _missing("success_url")
    for name in ("success_url", "cancel_url"):
        parts = urlsplit(values.get(name, "https://example.org"))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise StripeError("Not a valid URL", code="url_invalid", param=name)


def _lifetime(account: Account, expires_at: int | None) -> None:
    if expires_at is None:
        return
    if expires_at < account.now() + SHORTEST - 5:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session"
            " creation.",
            param="expires_at",
        )
    if expires_at > account.now() + LONGEST + 5:
        raise StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _same(prices: list[Body], name: str, message: str) -> None:
    if any(price[name] != prices[0][name] for price in prices):
        raise StripeError(message, param="line_items")


def _enough(total: int, currency: str) -> None:
    least = money.MINIMUMS[currency]
    if total < least:
        raise StripeError(
            "The Checkout Session's total amount due must add up to at least"
            f" {money.written(least, currency)} {currency}",
            code="amount_too_small",
            param="line_items",
        )


def _missing(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)
