"""What happens when its time has come, in order."""

from collections.abc import Callable

from payments.sandbox import (
    charges,
    collection,
    intents,
    payouts,
    refunds,
    renewals,
    subscriptions,
)
from payments.sandbox.account import Account
from payments.sandbox.checkout import sessions
from payments.sandbox.store import Body


def settle_debit(account: Account, intent: Body) -> None:
    """A SEPA debit is through, or has come back."""
    if intent["status"] == "processing":
        intents.settle(account, intent)
        collection.follow(account, intent)


def cancel_subscription(account: Account, subscription: Body) -> None:
    """The end that was asked for has come."""
    if subscription["status"] not in subscriptions.ENDED:
        subscriptions.end(account, subscription, "cancellation_requested")


def expire_session(account: Account, session: Body) -> None:
    """A session nobody paid."""
    if session["status"] == "open":
        sessions.expire(account, session)


WHAT: dict[str, Callable[[Account, Body], None]] = {
    "book_fee": charges.book,
    "cancel_subscription": cancel_subscription,
    "deliver_payout": payouts.deliver,
    "expire_incomplete": subscriptions.expire,
    "expire_session": expire_session,
    "pay_out": payouts.every_night,
    "reconcile_payout": payouts.reconcile,
    "renew": renewals.renew,
    "resume_collection": subscriptions.resume_collection,
    "retry_invoice": renewals.retry,
    "settle_debit": settle_debit,
    "settle_refund": refunds.settle,
}


def run_due(account: Account) -> int:
    """Do everything whose time has come; how many things that was."""
    done = 0
    while _run_next(account, account.now()):
        done += 1
    return done


def advance(account: Account, seconds: int) -> None:
    """Set the clock forward, stopping at everything that falls due on the way."""
    with account.store.transaction():
        target = account.now() + seconds
    while True:
        with account.store.transaction():
            row = _next_row(account, target)
            ahead = (row[1] if row else target) - account.now()
            if ahead > 0:
                kept = account.store.fact("clock_ahead", 0)
                account.store.set_fact("clock_ahead", kept + ahead)
        if row is None:
            return
        _run_next(account, target)


def _next_row(account: Account, until: int) -> tuple[int, int, str, str] | None:
    row: tuple[int, int, str, str] | None = account.store.connection.execute(
        "SELECT seq, at, what, object_id FROM due WHERE at <= ? ORDER BY at, seq LIMIT 1", (until,)
    ).fetchone()
    return row


def _run_next(account: Account, until: int) -> bool:
    with account.store.transaction():
        row = _next_row(account, until)
        if row is None:
            return False
        seq, _, what, object_id = row
        account.store.connection.execute("DELETE FROM due WHERE seq = ?", (seq,))
        body = account.store.load(object_id)
        if body is not None:
            WHAT[what](account, body)
        return True
