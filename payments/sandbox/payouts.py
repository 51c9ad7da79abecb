"""Payouts: what is available leaves for the organisation's bank account."""

from payments.sandbox import balance, money, periods
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

BANK_ACCOUNT = "ba_sandbox"
CLOSED = "The bank account has been closed"


def every_night(account: Account, _row: Body) -> None:
    """Pay out what has become available, when the account is set to do so daily."""
    if account.setting("payouts") == "daily":
        create(account)


def create(
    account: Account, *, everything: bool = False, manual: bool = False, at_once: bool = False
) -> Body | None:
    """One payout of all that is available (or pending too); None when that is nothing."""
    rows = _unpaid(account, everything=everything)
    amount = sum(row["net"] for row in rows)
    if amount <= 0:
        # A debt waits until what comes in has covered it.
        return None
    payout = _payout(account, amount, manual=manual, at_once=at_once)
    for row in rows:
        available_on = min(row["available_on"], account.now())
        account.change(row, _payout=payout["id"], available_on=available_on)
    own = balance.book_payout(account, payout)
    account.change(own, _payout=payout["id"])
    account.change(payout, "payout.created", balance_transaction=own["id"])
    _begin(account, payout, at_once=at_once)
    return payout


def reconcile(account: Account, payout: Body) -> None:
    """Stripe has worked out which lines an automatic payout consists of."""
    if payout["reconciliation_status"] == "in_progress":
        event = "payout.reconciliation_completed"
        account.change(payout, event, reconciliation_status="completed")


def deliver(account: Account, payout: Body) -> None:
    """The money is at the bank, unless the bank will not have it."""
    if payout["status"] != "in_transit":
        return
    if account.setting("payouts_fail"):
        fail(account, payout)
    else:
        account.change(payout, "payout.paid", status="paid", trace_id=_trace(payout))


def fail(account: Account, payout: Body) -> Body:
    """The bank sent the money back, be it after it was said to be paid."""
    if payout["status"] not in ("in_transit", "paid"):
        raise StripeError(f"Payout {payout['id']} is {payout['status']} and cannot fail.")
    row = balance.book_payout_failure(account, payout)
    return account.change(
        payout,
        "payout.failed",
        status="failed",
        failure_balance_transaction=row["id"],
        failure_code="account_closed",
        failure_message=CLOSED,
    )


def listable(account: Account, payout_id: str) -> None:
    """Refuse to list the lines of a payout that has none of its own."""
    payout = account.get("payout", payout_id, "payout")
    if not payout["automatic"]:
        raise StripeError(
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
            param="payout",
        )


def _unpaid(account: Account, *, everything: bool) -> list[Body]:
    now = account.now()
    return [
        row
        for row in account.find("balance_transaction", _payout=None)
        if everything or row["available_on"] <= now
    ]


def _payout(account: Account, amount: int, *, manual: bool, at_once: bool) -> Body:
    tomorrow = periods.midnight_after(account.now())
    return account.add(
        "payout",
        "po",
        amount=amount,
        arrival_date=tomorrow - periods.DAY if at_once else tomorrow,
        automatic=not manual,
        currency=money.SETTLEMENT,
        description=None if manual else "STRIPE PAYOUT",
        destination=BANK_ACCOUNT,
        metadata={},
        method="standard",
        reconciliation_status="not_applicable" if manual else "in_progress",
        source_type="card",
        status="in_transit",
        type="bank_account",
    )


def _begin(account: Account, payout: Body, *, at_once: bool) -> None:
    late = account.setting("late_reconciliation")
    if late:
        account.schedule("reconcile_payout", payout["id"], account.now() + late)
    else:
        reconcile(account, payout)
    if at_once:
        deliver(account, payout)
    else:
        account.schedule("deliver_payout", payout["id"], payout["arrival_date"])


def _trace(payout: Body) -> Body:
    return {"status": "supported", "value": f"trace{payout['id'][3:15]}"}
