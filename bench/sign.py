"""Durable signatures per second through the public form, beside a bare view with one insert."""

import itertools
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from bench import load, servers, yardstick
from bench.result import Result

TOKEN = "x" * 32  # Django compares the form's token with the cookie's
SLUG = "stop-traite"


def form_maker() -> Callable[[], bytes]:
    """Return a function that makes a new person's form each time."""
    numbers = itertools.count()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={TOKEN}",
    }

    def make() -> bytes:
        form = {
            "csrfmiddlewaretoken": TOKEN,
            "given_name": "Ana",
            "family_name": "Peeters",
            "email": f"ana.{time.time_ns()}.{next(numbers)}@example.org",
            "postcode": "1000",
            "country": "BE",
            "utm_source": "facebook",
        }
        return load.request(f"/fr/petition/{SLUG}/", urlencode(form).encode(), headers)

    return make


def measure() -> Iterator[Result]:
    with servers.database() as environment:
        servers.manage(environment, "demo", "--signatures", "1000", "--gifts", "100")
        with (
            servers.web(environment, "crm.wsgi:application") as port,
            yardstick.bare(environment) as bare_port,
        ):
            make = form_maker()
            ours, bare = load.take_turns(
                lambda: load.run(
                    port,
                    make,
                    good=b" 302 ",
                    seconds=yardstick.SECONDS,
                    connections=yardstick.CONNECTIONS,
                ),
                lambda: yardstick.insert(bare_port),
            )
    yield Result(
        "sign",
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
