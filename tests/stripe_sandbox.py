"""The local Stripe as a process of its own, for tests that talk to it through the real SDK."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import pytest
import stripe

from tests.stripe_people import People

ROOT = Path(__file__).parent.parent
READY = re.compile(r"Local Stripe on (http://\S+)")
TEST_KEY = "sk_test_sandbox"


class StripeSandbox(People):
    """A running local Stripe; use it as a context manager."""

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        self.options = options
        self.url = ""
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(timeout=15)
        self._sdk: list[stripe.RequestsClient] = []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.release()
        self._http.close()

    def start(self) -> Self:
        """Start the process and wait until it answers; on the same port as last time."""
        command = [sys.executable, "-m", "payments.sandbox", "--port", str(self._port)]
        command += ["--state", str(self.state), "--payouts", "manual", *self.options]
        environment = {k: v for k, v in os.environ.items() if k != "STRIPE_SECRET_KEY"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        ready = READY.match(line)
        assert ready, f"the local Stripe did not start: {line!r}"
        self.url = ready[1]
        self._port = int(self.url.rpartition(":")[2])
        return self

    def stop(self) -> int:
        """End the process as an operator would; its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()
        return status

    def restart(self) -> Self:
        """Stop and start again with the same state and address."""
        self.stop()
        return self.start()

    def client(self, *, key: str = TEST_KEY, retries: int = 2) -> stripe.StripeClient:
        """The real SDK, pointed here."""
        sdk = stripe.RequestsClient(timeout=10)
        self._sdk.append(sdk)
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            http_client=sdk,
            max_network_retries=retries,
        )

    def release(self) -> None:
        """Close the connections of the clients handed out so far; they can still be used."""
        while self._sdk:
            self._sdk.pop().close()

    def reset(self) -> None:
        """Forget every object, endpoint, fault and setting, and set the clock right."""
        self.control("POST", "/reset")

    def advance(self, seconds: int) -> int:
        """Let time pass, with all that falls due; what time it is then."""
        return int(self.control("POST", "/clock", {"advance": seconds})["now"])

    def now(self) -> int:
        """What time it is here."""
        return int(self.control("GET", "/clock")["now"])

    def add_endpoint(self, url: str, events: list[str] | None = None) -> str:
        """Have events delivered to a URL; the secret they are signed with."""
        wanted: Any = {"url": url, "enabled_events": events or ["*"]}
        return str(self.client().v1.webhook_endpoints.create(wanted).secret)

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let requests that match go wrong: see payments/sandbox/faults.py."""
        self.control("POST", "/faults", list(faults))

    def clear_faults(self) -> None:
        """No more faults; webhooks go out at once, in order."""
        self.control("DELETE", "/faults")

    def settings(self, **settings: Any) -> None:
        """Behave in one of the ways Stripe may: see BEHAVIOUR in payments/sandbox/account.py."""
        self.control("POST", "/settings", settings)

    def hold_webhooks(self) -> None:
        """Deliver nothing until released."""
        self.control("POST", "/faults", {"webhooks": "hold"})

    def release_webhooks(self, *, shuffled: bool = False, duplicated: bool = False) -> None:
        """Deliver what was held: in order and once, or not."""
        if shuffled:
            self.control("POST", "/faults", {"webhooks": "shuffle"})
        if duplicated:
            self.control("POST", "/faults", {"webhooks": "duplicate"})
        self.control("POST", "/faults", {"webhooks": "release"})

    def lose_webhooks(self, *, every: int | None = None, share: float = 0, seed: int = 0) -> None:
        """Lose each n-th delivery for good, or a share of them drawn by lot, from now on."""
        rule = {"every": every} if every else {"share": share, "seed": seed}
        self.control("POST", "/faults", {"webhooks": "lose", **rule})

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery with its state, newest first."""
        return list(self.control("GET", "/deliveries")["data"])

    def events(self, *types: str, after: str = "") -> list[stripe.Event]:
        """The events there ever were (or after one), oldest first; of these types, when given."""
        query = f"?after={after}" if after else ""
        return [
            stripe.Event.construct_from(body, TEST_KEY)
            for body in self.control("GET", f"/events{query}")["data"]
            if not types or body["type"] in types
        ]

    def event_types(self) -> list[str]:
        """The types of all events, oldest first."""
        return [event.type for event in self.events()]

    def signed_events(
        self, *types: str, secret: str = "", shuffled: random.Random | None = None
    ) -> list[tuple[bytes, dict[str, str]]]:
        """Body and headers of events, oldest first, for tests that deliver them themselves."""
        signed = [self.signed(event.id, secret) for event in self.events(*types)]
        if shuffled is not None:
            shuffled.shuffle(signed)
        return signed

    def signed(
        self, event_id: str, secret: str = "", *, thin: bool = False
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of one event as it would be delivered now."""
        query = urlencode({"secret": secret} | ({"thin": "1"} if thin else {}))
        found = self.control("GET", f"/events/{event_id}/signed?{query}")
        headers = {"Content-Type": "application/json", "Stripe-Signature": found["header"]}
        return found["body"].encode(), headers

    def wait_for_deliveries(self, seconds: float = 15) -> list[dict[str, Any]]:
        """Wait until nothing is pending; the deliveries."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.deliveries()
            if all(delivery["state"] != "pending" for delivery in found):
                return found
            time.sleep(0.03)
        raise AssertionError(f"still pending: {self.deliveries()}")


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeSandbox]:
    """One local Stripe for the whole run."""
    state = tmp_path_factory.mktemp("stripe") / "state.sqlite3"
    with StripeSandbox(state) as running:
        yield running


@pytest.fixture
def sandbox(stripe_process: StripeSandbox) -> Iterator[StripeSandbox]:
    """The local Stripe, empty."""
    stripe_process.reset()
    yield stripe_process
    stripe_process.release()
