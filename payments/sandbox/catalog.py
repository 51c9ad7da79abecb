"""Products and prices."""

from typing import Any

from payments.sandbox import errors, metadata, money
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

PRODUCT_PLAIN = ("active", "description", "images", "statement_descriptor", "unit_label", "url")
PRICE_REFUSED = ("tiers", "transform_quantity", "currency_options", "custom_unit_amount")


def create_product(account: Account, values: dict[str, Any]) -> Body:
    """A new product."""
    product = account.add(
        "product",
        "prod",
        **{
            "active": True,
            "type": "service",
            "name": values["name"],
            "updated": account.now(),
            "metadata": metadata.merged({}, values.get("metadata")),
            **{name: values[name] for name in PRODUCT_PLAIN if name in values},
        },
    )
    account.tell("product.created", product)
    return product


def update_product(account: Account, product: Body, values: dict[str, Any]) -> Body:
    """Change a product."""
    changes: Body = {n: values[n] for n in ("name", "default_price", *PRODUCT_PLAIN) if n in values}
    changes["metadata"] = metadata.merged(product["metadata"], values.get("metadata"))
    return account.change(product, "product.updated", updated=account.now(), **changes)


def create_price(account: Account, values: dict[str, Any], at: str = "") -> Body:
    """A new price, with its product when that is given inline."""
    _refuse(values)
    currency = known_currency(values["currency"], f"{at}[currency]" if at else "currency")
    product = _product_of(account, values, at)
    recurring = values.get("recurring")
    amount = _amount(values, at)
    price = account.add(
        "price",
        "price",
        active=True,
        currency=currency,
        product=product["id"],
        type="recurring" if recurring else "one_time",
        recurring=_recurring(recurring) if recurring else None,
        tax_behavior=values.get("tax_behavior", "unspecified"),
        unit_amount=amount,
        unit_amount_decimal=str(amount),
        nickname=values.get("nickname"),
        lookup_key=values.get("lookup_key"),
        metadata=metadata.merged({}, values.get("metadata")),
    )
    account.tell("price.created", price)
    return price


def update_price(account: Account, price: Body, values: dict[str, Any]) -> Body:
    """Change what may change of a price: never its amount."""
    changes: Body = {n: values[n] for n in ("active", "nickname", "lookup_key") if n in values}
    changes["metadata"] = metadata.merged(price["metadata"], values.get("metadata"))
    return account.change(price, "price.updated", **changes)


def known_currency(code: str, param: str) -> str:
    """The currency in lower case."""
    currency = code.lower()
    if len(currency) != 3:
        raise StripeError(f"Invalid currency: {code}", param=param)
    if currency not in money.RATES:
        raise errors.not_covered(f"payments in {currency.upper()}")
    return currency


def plan_of(price: Body) -> Body:
    """The older view of a recurring price, which subscription items still carry."""
    plan = blanks.blank("plan")
    shared = ("id", "active", "billing_scheme", "created", "currency", "product", "nickname")
    plan.update(
        {name: price[name] for name in shared},
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        interval=price["recurring"]["interval"],
        interval_count=price["recurring"]["interval_count"],
        metadata=price["metadata"],
    )
    return plan


def _refuse(values: dict[str, Any]) -> None:
    for name in PRICE_REFUSED:
        if name in values:
            raise errors.not_covered(f"prices with {name}")


def _product_of(account: Account, values: dict[str, Any], at: str) -> Body:
    if "product" in values:
        return account.get("product", values["product"], f"{at}[product]" if at else "product")
    if "product_data" in values:
        return create_product(account, values["product_data"])
    raise StripeError("You must specify either `product` or `product_data`.", param=at or "product")


def _amount(values: dict[str, Any], at: str) -> int:
    if "unit_amount_decimal" in values:
        raise errors.not_covered("prices in fractions of a cent (unit_amount_decimal)")
    param = f"{at}[unit_amount]" if at else "unit_amount"
    if "unit_amount" not in values:
        raise StripeError(
            f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    if values["unit_amount"] < 0:
        raise StripeError(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param=param,
        )
    return int(values["unit_amount"])


def _recurring(values: dict[str, Any]) -> dict[str, Any]:
    recurring = blanks.blank_part("price", "recurring")
    recurring.update(interval_count=1, usage_type="licensed")
    recurring.update(values)
    return recurring
