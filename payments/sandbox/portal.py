"""Sessions of the customer portal."""

from typing import Any

from payments.sandbox import customers, errors
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

TAKEN = {"customer", "return_url", "locale"}


def create(account: Account, values: dict[str, Any]) -> Body:
    """A page on which a customer can end a subscription."""
    unknown = set(values) - TAKEN
    if unknown:
        raise errors.not_covered(f"the customer portal with {', '.join(sorted(unknown))}")
    if "customer" not in values:
        raise StripeError(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    customer = customers.active(account, values["customer"])
    session = account.add(
        "billing_portal.session",
        "bps",
        configuration="bpc_sandbox",
        customer=customer["id"],
        locale=values.get("locale"),
        return_url=values.get("return_url"),
    )
    return account.change(session, url=f"{account.settings.address}/p/session/{session['id']}")
