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
        yield yardstick.beside(environment, "sign", form_maker(), good=b" 302 ")
