"""Controls of the account's own money: its lines, payouts and fees."""

from datetime import UTC, datetime
from typing import Any

from payments.sandbox import balance, payouts
from payments.sandbox.account import Account, public
from payments.sandbox.controls.registry import control
from payments.sandbox.errors import StripeError


@control("GET", "/lines")
def list_lines(account: Account, _ids: list[str], _given: Any) -> Any:
    """Every balance transaction, oldest first."""
    rows = [balance.current(account, row) for row in account.find("balance_transaction")]
    return {"data": [public(row) for row in reversed(rows)]}


@control("POST", "/payouts")
def pay_out(account: Account, _ids: list[str], given: Any) -> Any:
    """Pay out what is available (`all`: what is pending too); null when that is nothing.

    The money arrives at once, unless it is to be `in_transit` until the next night.
    """
    payout = payouts.create(
        account,
        everything=bool(given.get("all")),
        manual=bool(given.get("manual")),
        at_once=not given.get("in_transit"),
    )
    return payout and public(payout)


@control("POST", "/payouts/{}/fail")
def fail_payout(account: Account, ids: list[str], _given: Any) -> Any:
    """The bank sends a payout back."""
    return public(payouts.fail(account, account.get("payout", ids[0])))


@control("POST", "/fees")
def book_fee(account: Account, _ids: list[str], given: Any) -> Any:
    """Stripe charges the account itself, as it does every month."""
    amount = int(given.get("amount", 0))
    if amount < 1:
        raise StripeError("a fee has an amount of 1 or more", param="amount")
    month = datetime.fromtimestamp(account.now(), UTC).strftime("%Y-%m")
    return public(balance.book_fee(account, amount, f"Billing - Usage Fee ({month})"))
