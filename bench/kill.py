"""Gifts lost and doubled while web and worker are killed again and again, without warning.

Donors fill in the form and pay at the local Stripe, whose webhooks and retries are its own. The
truth is what Stripe was paid: each payment must be one gift with one payment entry, whatever died
when. Nothing is repaired by hand, and `manage.py reconcile` is not run.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import stripe

from bench import servers
from bench.result import Result

GIFTS = int(os.environ.get("BENCH_GIFTS", "500"))
DONORS = 6  # who give at the same time
PAUSE = (0.3, 4.0)  # seconds from the moment that everything answers until the next death
PATIENCE = 900.0  # seconds until everything that was left lying must have been taken up
AMOUNTS = (1000, 2500, 5000)
TOLD = re.compile(r'name="(token)"[^>]*value="([^"]+)"')
# What we wrote: paid gifts with Stripe's name for the payment, and how often each was booked.
BOOKED = """
SELECT substr(gift.reference, 8), count(entry.id)
FROM crm_gift AS gift
LEFT JOIN crm_entry AS entry ON entry.gift_id = gift.id AND entry.kind = 'payment'
WHERE gift.status = 'paid' AND gift.reference LIKE 'stripe:%'
GROUP BY gift.reference
"""
THANKED_TWICE = """
SELECT count(*) - count(DISTINCT supporter_id) FROM crm_mail WHERE template = 'gift_thanks'
"""


@dataclass
class Server:
    """A process that can die at any time, and is started again at once."""

    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (our own command line)
            self.command,
            cwd=servers.ROOT,
            env=self.environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it with all its children."""
        if self.process is not None:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=30)

    def die_and_rise(self) -> None:
        self.kill()
        self.start()


class World:
    """Stripe, web and worker, each a process of its own."""

    def __init__(self, environment: dict[str, str], state: Path) -> None:
        self.port, stripe_port = servers.free_port(), servers.free_port()
        self.stripe_url = f"http://127.0.0.1:{stripe_port}"
        self.environment = {
            **environment,
            "STRIPE_API_BASE": self.stripe_url,
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "TRUSTED_PROXY_COUNT": "1",  # each donor comes from an address of their own
            "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "LOG_LEVEL": "ERROR",
        }
        self.stripe = self.server(
            f"-m payments.sandbox --port {stripe_port} --state {state} "
            f"--webhook http://127.0.0.1:{self.port}/webhooks/stripe/ "
            f"--webhook-secret {servers.PRODUCTION['STRIPE_WEBHOOK_SECRET']}"
        )
        self.stripe.environment.pop("STRIPE_API_BASE")
        self.web = self.server(
            f"-m granian --interface wsgi --host 127.0.0.1 --port {self.port} --workers 2 "
            "--blocking-threads 4 --log-level error crm.wsgi:application"
        )
        self.worker = self.server("manage.py procrastinate worker --concurrency 4")

    def server(self, arguments: str) -> Server:
        return Server([sys.executable, *arguments.split()], dict(self.environment))

    def start(self, stack: ExitStack) -> None:
        for server in (self.stripe, self.web, self.worker):
            server.start()
            stack.callback(server.kill, signal.SIGTERM)
        servers.wait_for(self.port)
        servers.wait_for(int(self.stripe_url.rpartition(":")[2]))


class Killer(threading.Thread):
    """Kills one of the two every second or so, until it is told to stop."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self.world, self.kills, self.enough = world, Counter[str](), threading.Event()
        self.dice = random.Random()  # noqa: S311 (when something dies is no secret)

    def run(self) -> None:
        while not self.enough.wait(self.dice.uniform(*PAUSE)):
            name = self.dice.choice(["web", "worker"])
            getattr(self.world, name).die_and_rise()
            self.kills[name] += 1
            with httpx.Client(timeout=10) as browser:
                insist(browser, "GET", f"http://127.0.0.1:{self.world.port}/en/")


def give(world: World, number: int) -> None:
    """Give once, as a browser does: what does not answer is tried again, with the same form."""
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    csrf = f"{number:032}"  # Django compares the form's token with the cookie's
    headers = {"X-Forwarded-For": address, "Cookie": f"csrftoken={csrf}"}
    site = f"http://127.0.0.1:{world.port}"
    with httpx.Client(base_url=site, headers=headers, timeout=10) as browser:
        form = dict(TOLD.findall(insist(browser, "GET", "/en/give/").text))
        form |= {
            "csrfmiddlewaretoken": csrf,
            "frequency": "once",
            "amount": str(AMOUNTS[number % len(AMOUNTS)]),
        }
        form |= {"given_name": "Dora", "family_name": "Donor"}
        form["email"] = f"donor{number}@example.org"
        page = insist(browser, "POST", "/en/give/", data=form).headers["Location"]
        paid = insist(browser, "POST", page, data={"outcome": "card", "email": form["email"]})
        thanks = paid.headers["Location"]
        try:
            browser.get(thanks)
        except httpx.HTTPError:
            return  # they closed the page


def insist(browser: httpx.Client, method: str, address: str, **form: Any) -> httpx.Response:
    """Ask until there is an answer that is no error of the server."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            answer = browser.request(method, address, **form)
        except httpx.HTTPError:
            time.sleep(0.2)
            continue
        if answer.status_code < 500:
            if answer.status_code not in {200, 303}:
                raise RuntimeError(f"{method} {address}: {answer.status_code}")
            return answer
        time.sleep(0.2)
    raise TimeoutError(f"{method} {address} never answered")


def payments_at_stripe(world: World) -> list[str]:
    """The ids of all payments that Stripe was paid."""
    client = stripe.StripeClient("sk_test_bench", base_addresses={"api": world.stripe_url})
    found = client.v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    return [intent.id for intent in found if intent.status == "succeeded"]


def booked(database: psycopg.Connection) -> dict[str, int]:
    return dict(database.execute(BOOKED).fetchall())


def wait_until_quiet(world: World, database: psycopg.Connection, paid: list[str]) -> float:
    """Wait until every payment is booked, or nothing more can come; return the seconds."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if set(paid) <= set(booked(database)):
            break
        time.sleep(1)
    return time.monotonic() - began


def measure() -> Iterator[Result]:
    with ExitStack() as stack:
        environment = stack.enter_context(servers.database())
        servers.manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        world = World(environment, Path(folder) / "stripe.sqlite3")
        world.start(stack)
        killer = Killer(world)
        killer.start()
        with ThreadPoolExecutor(DONORS) as donors:
            for done, _ in enumerate(donors.map(lambda n: give(world, n), range(GIFTS)), start=1):
                if done % 50 == 0:
                    sys.stderr.write(f"  {done} gifts, {killer.kills.total()} deaths\n")
        killer.enough.set()
        killer.join()
        database = stack.enter_context(
            psycopg.connect(environment["DATABASE_URL"], autocommit=True)
        )
        yield from results(world, database, killer)


def results(world: World, database: psycopg.Connection, killer: Killer) -> Iterator[Result]:
    paid = payments_at_stripe(world)
    waited = wait_until_quiet(world, database, paid)
    ours = booked(database)
    twice = database.execute(THANKED_TWICE).fetchone()
    details = {
        "gifts": GIFTS,
        "killed_web": killer.kills["web"],
        "killed_worker": killer.kills["worker"],
        "seconds_until_all_booked": round(waited, 1),
    }
    lost = len(set(paid) - {name for name, entries in ours.items() if entries})
    # Paid twice by one form, booked though not paid, booked twice, thanked twice.
    doubled = max(len(paid) - GIFTS, 0) + len(set(ours) - set(paid))
    doubled += sum(max(entries - 1, 0) for entries in ours.values()) + (twice or (0,))[0]
    yield Result("lost", lost, "gifts", "what Stripe was paid", None, details)
    yield Result("doubled", doubled, "gifts", "what Stripe was paid", None, details)
