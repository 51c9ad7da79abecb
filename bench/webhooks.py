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
    with (
        servers.database() as environment,
        servers.web(environment, "crm.wsgi:application") as port,
        yardstick.bare(environment) as bare_port,
    ):
        make = event_maker()
        ours, bare = load.take_turns(
            lambda: load.run(
                port,
                make,
                good=b" 200 ",
                seconds=yardstick.SECONDS,
                connections=yardstick.CONNECTIONS,
            ),
            lambda: yardstick.insert(bare_port),
        )
    yield Result(
        "webhooks",
        round(ours.per_second, 1),
        "1/s",
        yardstick.NAME,
        round(ours.per_second / bare.per_second, 3),
        {
            "p99_ms": round(ours.p99, 1),
            "failed": ours.failed,
            "bare": round(bare.per_second, 1),
            "bare_failed": bare.failed,
        },
    )
