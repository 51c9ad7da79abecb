"""Sessions of the customer portal, and what a customer does in them."""

from typing import Any
from urllib.parse import urlsplit

from payments.sandbox import customers, errors, methods, subscription_changes, subscriptions
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.methods import Outcome
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

TAKEN = {"customer", "flow_data", "locale", "return_url"}
FLOWS = {"payment_method_update", "subscription_cancel"}
# Bancontact and iDEAL would need a payment of a few cents at the bank.
REUSABLE = ("card", "sepa_debit")


def create(account: Account, values: dict[str, Any]) -> Body:
    """A page for a customer: for everything, or for one thing (a flow)."""
    unknown = set(values) - TAKEN
    if unknown:
        raise errors.not_covered(f"the customer portal with {', '.join(sorted(unknown))}")
    if "customer" not in values:
        raise StripeError(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    customer = customers.active(account, values["customer"])
    _check_address(values.get("return_url"), "return_url")
    flow = _flow(account, customer, values["flow_data"]) if "flow_data" in values else None
    session = account.add(
        "billing_portal.session",
        "bps",
        configuration="bpc_sandbox",
        customer=customer["id"],
        flow=flow,
        locale=values.get("locale"),
        return_url=values.get("return_url"),
    )
    return account.change(session, url=f"{account.settings.address}/p/session/{session['id']}")


def open_flow(session: Body) -> str | None:
    """The one thing the session is for, until it is done."""
    flow = session["flow"]
    return None if flow is None or session.get("_flow_done") else str(flow["type"])


def running(account: Account, session: Body) -> list[Body]:
    """The customer's subscriptions that can still end."""
    return [
        subscription
        for subscription in account.find("subscription", customer=session["customer"])
        if subscription["status"] not in (*subscriptions.ENDED, "incomplete")
    ]


def current_method(account: Account, session: Body) -> Body | None:
    """What the customer pays with by default, else what a subscription is paid with."""
    customer = account.get("customer", session["customer"])
    known = customer["invoice_settings"]["default_payment_method"]
    if known:
        return account.get("payment_method", known)
    owned = running(account, session)
    return subscriptions.method_of(account, owned[0]) if owned else None


def offered() -> list[Outcome]:
    """What can be entered as a new way to pay."""
    return [outcome for outcome in methods.OUTCOMES.values() if outcome.method in REUSABLE]


def pay_with(account: Account, session: Body, outcome: Outcome) -> bool:
    """A new card or account becomes the customer's default; False when the bank refuses it."""
    if outcome.declined:
        return False
    customer = account.get("customer", session["customer"])
    billing = blanks.blank_part("payment_method", "billing_details")
    address = customers.full_address({"country": "BE"})
    billing.update(email=customer["email"], name=customer["name"], address=address)
    method = methods.create(account, outcome, billing, customer["id"])
    if method["type"] == "sepa_debit":
        methods.mandate(account, method, multi_use=True)
    customers.pay_with(account, customer, method)
    if account.setting("portal_mends_plans"):
        _mend_plans(account, session, method)
    return True


def cancel(
    account: Account, session: Body, subscription: Body, *, at_once: bool, details: Body
) -> None:
    """The customer stops: now, or at the end of what is paid."""
    given = {"cancellation_details": details}
    if at_once:
        subscription_changes.cancel(account, subscription, given)
    else:
        end = {"cancel_at_period_end": True, **given}
        subscription_changes.update(account, subscription, end)


def keep(account: Account, subscription: Body) -> None:
    """The customer does not stop after all."""
    subscription_changes.update(account, subscription, {"cancel_at_period_end": False})


def finish_flow(account: Account, session: Body) -> str:
    """What the session was for is done; the address the browser goes to."""
    if open_flow(session) is None:
        return str(session["url"])
    account.change(session, _flow_done=True)
    after = session["flow"]["after_completion"]
    return str(after["redirect"]["return_url"] if after["type"] == "redirect" else session["url"])


def _mend_plans(account: Account, session: Body, method: Body) -> None:
    told = "customer.subscription.updated"
    for subscription in running(account, session):
        account.change(subscription, told, default_payment_method=method["id"])


def _flow(account: Account, customer: Body, given: dict[str, Any]) -> Body:
    kind = given["type"]
    if kind not in FLOWS:
        raise errors.not_covered(f"the portal flow {kind}")
    flow = blanks.blank_part("billing_portal.session", "flow")
    flow.update(type=kind, after_completion=_after_completion(given.get("after_completion")))
    if kind == "subscription_cancel":
        flow["subscription_cancel"] = _what_to_cancel(account, customer, given)
    return flow


def _after_completion(given: dict[str, Any] | None) -> Body:
    after = blanks.blank_part("billing_portal.session", "flow", "after_completion")
    after.update(type="portal_homepage")
    after.update(given or {})
    if after["type"] == "redirect":
        param = "flow_data[after_completion][redirect][return_url]"
        address = (after["redirect"] or {}).get("return_url")
        if not address:
            raise StripeError(
                f"Missing required param: {param}.", code="parameter_missing", param=param
            )
        _check_address(address, param)
    if after["type"] == "hosted_confirmation":
        after["hosted_confirmation"] = {
            "custom_message": None,
            **(after["hosted_confirmation"] or {}),
        }
    return after


def _what_to_cancel(account: Account, customer: Body, given: dict[str, Any]) -> Body:
    param = "flow_data[subscription_cancel][subscription]"
    asked = given.get("subscription_cancel") or {}
    if not asked.get("subscription"):
        raise StripeError(
            f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    if "retention" in asked:
        raise errors.not_covered("retention in the portal")
    subscription = account.get("subscription", asked["subscription"], param)
    if subscription["customer"] != customer["id"] or subscription["status"] in subscriptions.ENDED:
        raise errors.missing("subscription", subscription["id"], param)
    if subscription["cancel_at_period_end"]:
        raise StripeError(
            f"The subscription `{subscription['id']}` is already set to be canceled at the end of"
            " its period.",
            param=param,
        )
    return {"subscription": subscription["id"], "retention": None}


def _check_address(address: str | None, param: str) -> None:
    if address is None:
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise StripeError("Not a valid URL", code="url_invalid", param=param)
