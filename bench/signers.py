"""Forms of people who sign, as browsers send them: from many networks, each with its proof."""

import base64
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from urllib.parse import urlencode

import altcha
from django.conf import settings
from django.utils.crypto import salted_hmac

from bench import load, servers

SLUG = "stop-traite"
PER_NETWORK = 8  # fewer than are held back
WORK = 50_000  # as much as the server asks for
GIVEN = ("Ana", "Pia", "Louis", "Emma", "Noor", "Jules", "Lotte", "Malik")
FAMILY = ("Peeters", "Janssens", "Dubois", "Lambert", "Maes", "Diallo", "Claes", "Martin")


def signing_key() -> str:
    """The key of the server that is measured: no work is done here that browsers do."""
    if not settings.configured:
        settings.configure(SECRET_KEY=servers.PRODUCTION["SECRET_KEY"])
    return salted_hmac("soutien.proof", "challenge", algorithm="sha256").hexdigest()


def proof(key: str) -> str:
    """A solved challenge, each another."""
    options = altcha.ChallengeOptions(
        number=random.randrange(WORK),  # noqa: S311 (which number it is, is no secret)
        max_number=WORK,
        expires=datetime.now(UTC) + timedelta(minutes=20),
        params={"work": str(WORK)},
        hmac_key=key,
    )
    made = altcha.create_challenge(options).to_dict()
    told = {name: made[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps({**told, "number": options.number}).encode()).decode()


def forms() -> Iterator[bytes]:
    """Yield the form of a new person each time."""
    key, began = signing_key(), time.time_ns()
    first = int(IPv4Address("20.0.0.0")) + random.randrange(1 << 29)  # noqa: S311 (likewise)
    for number in itertools.count():
        given, family = GIVEN[number % 8], FAMILY[number // 8 % 8]
        body = {
            "given_name": given,
            "family_name": family,
            "email": f"{given}.{family}.{began}.{number}@example.org".lower(),
            "postcode": str(1000 + number % 9000),
            "country": "BE",
            "comment": "",
            "topic": "",
            "proof": proof(key),
            "utm_source": "facebook",
            "utm_medium": "",
            "utm_campaign": "",
            "ref": "",
            "r": "",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": str(IPv4Address(first + number // PER_NETWORK)),
        }
        yield load.request(f"/fr/petition/{SLUG}/", urlencode(body).encode(), headers)


class Ready:
    """Forms that were written before the clock ran: writing them is no work of the server."""

    def __init__(self) -> None:
        self.forms = forms()
        self.ready: list[bytes] = []

    def fill(self, number: int) -> Callable[[], bytes]:
        missing = number - len(self.ready)
        self.ready += itertools.islice(self.forms, max(missing, 0))
        return self.give

    def give(self) -> bytes:
        try:
            return self.ready.pop()
        except IndexError:  # faster than thought
            return next(self.forms)
