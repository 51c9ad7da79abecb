"""Run the local Stripe: `python -m payments.sandbox`."""

import argparse
import errno
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from payments.sandbox import endpoints
from payments.sandbox.account import Account, Settings
from payments.sandbox.deliveries import is_loopback
from payments.sandbox.server import Sandbox
from payments.sandbox.store import Store


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; the exit status."""
    options = _parser().parse_args(arguments)
    refusal = _refusal(options)
    if refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    try:
        server = Sandbox(options.host, options.port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is already in use" if taken else f"cannot be used: {error.strerror}"
        sys.stderr.write(f"{options.host}:{options.port} {reason}\n")
        return 1
    server.open(_account(options, server.address))
    _stop_on_signals(server)
    sys.stdout.write(f"Local Stripe on {server.address}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m payments.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--port", type=int, default=12111, help="0 picks a free one")
    parser.add_argument("--state", type=Path, default=Path("var/stripe-sandbox.sqlite3"))
    parser.add_argument("--webhook", help="where every event is sent")
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument("--payouts", choices=("daily", "manual"), default="daily")
    parser.add_argument("--settle-seconds", type=int, default=20, help="how long a debit takes")
    return parser


def _refusal(options: argparse.Namespace) -> str | None:
    for name, value in os.environ.items():
        if name.startswith("STRIPE_") and "_live_" in value:
            return f"{name} is a live key: the local Stripe does not start beside it."
    if not is_loopback(options.host):
        return f"{options.host} is not on this machine: the local Stripe listens to loopback only."
    return None


def _account(options: argparse.Namespace, address: str) -> Account:
    options.state.parent.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        address=address,
        payouts=options.payouts,
        settle_seconds=options.settle_seconds,
        webhook=options.webhook,
        webhook_secret=options.webhook_secret,
    )
    account = Account(Store(options.state), settings)
    with account.store.transaction():
        endpoints.ensure(account)
    return account


def _stop_on_signals(server: Sandbox) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # `shutdown` waits for the loop it is called from, so it needs a thread of its own.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


if __name__ == "__main__":
    sys.exit(main())
