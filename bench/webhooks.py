"""Stripe's events accepted durably per second, beside a bare view with one insert."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Iterator

from bench import load, servers, yardstick
from bench.result import Result

SECRET = servers.PRODUCTION["STRIPE_WEBHOOK_SECRET"]


def event_maker() -> Callable[[], bytes]:
    """Return a function that makes a new signed event each time."""
    numbers = itertools.count()

    def make() -> bytes:
        now = int(time.time())
        event = {
            "id": f"evt_bench_{time.time_ns()}_{next(numbers)}",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": now,
            "data": {"object": {"id": f"pi_bench_{next(numbers)}", "object": "payment_intent"}},
        }
        body = json.dumps(event).encode()
        mac = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={now},v1={mac}", "Content-Type": "application/json"}
        return load.request("/webhooks/stripe/", body, headers)

    return make


def measure() -> Iterator[Result]:
    with servers.database() as environment:
        yield yardstick.beside(environment, "webhooks", event_maker(), good=b" 200 ")
