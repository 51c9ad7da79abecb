"""The petition page and its counter while people sign and confirm: how many, and how fresh."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench import load, servers, signers, yardstick
from bench.result import Result

SIGNING = 4  # connections over which people sign meanwhile
PAUSE = 0.02  # seconds between two who confirm
POLL = 0.01
PAGE, COUNT = f"/fr/petition/{signers.SLUG}/", f"/fr/petition/{signers.SLUG}/count/"
CONFIRMED = """
SELECT count(*) FROM crm_signature AS signature JOIN crm_campaign ON crm_campaign.id = campaign_id
WHERE slug = %s AND status = 'confirmed' AND sheet_id IS NULL
"""


class Reader(threading.Thread):
    """Reads the counter again and again; keeps when it asked, and what it was told."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.address, self.seen = f"http://127.0.0.1:{port}{COUNT}", list[tuple[float, int]]()
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.wait(POLL):
            self.seen.append((time.time(), self.read()))

    def read(self) -> int:
        with urllib.request.urlopen(self.address) as answer:  # noqa: S310 (our own server)
            return int(json.load(answer)["count"])


@contextmanager
def confirming(environment: dict[str, str]) -> Iterator[list[tuple[float, int]]]:
    """Confirm signatures meanwhile; yields when each was committed, and the count then."""
    told: list[tuple[float, int]] = []
    process = subprocess.Popen(  # noqa: S603 (our own command line)
        [sys.executable, "-m", "bench.confirming", signers.SLUG, str(PAUSE)],
        cwd=servers.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )

    def listen() -> None:
        for line in process.stdout or ():
            moment, count = line.split()
            told.append((float(moment), int(count)))

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield told
    finally:
        process.terminate()
        process.wait(timeout=20)
        listener.join(timeout=20)


def staleness(seen: list[tuple[float, int]], told: list[tuple[float, int]]) -> float:
    """Return by how many seconds the counter was behind at most."""
    counts = [count for _moment, count in told]
    behind = [0.0]
    for asked, count in seen:
        after = bisect_right(counts, count)  # the first confirmation that it does not show
        if after < len(told):
            behind.append(asked - told[after][0])
    return max(behind)


def measure() -> Iterator[Result]:
    with servers.database() as environment:
        servers.manage(environment, "demo", "--signatures", "1000", "--gifts", "100")
        servers.manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        environment |= {"TRUSTED_PROXY_COUNT": "1"}
        with (
            servers.web(environment, "crm.wsgi:application") as port,
            yardstick.bare(environment) as bare_port,
            confirming(environment) as told,
        ):
            reader, stop = Reader(port), threading.Event()
            people = threading.Thread(target=sign_until, args=(port, stop))
            reader.start()
            people.start()
            results = list(pages(port, bare_port))
            reader.enough.set()
            stop.set()
            people.join()
            reader.join()
        exact = is_exact(environment)
    behind = round(staleness(reader.seen, told), 2)
    for result in results:
        result.details.update(behind_s=behind, confirmed=len(told), exact=exact)
    yield from results


def sign_until(port: int, stop: threading.Event) -> None:
    ready = signers.Ready()
    while not stop.is_set():
        load.run(port, ready.fill(500), good=b" 302 ", seconds=1, connections=SIGNING)


def pages(port: int, bare_port: int) -> Iterator[Result]:
    for name, path in (("counter", PAGE), ("counter-json", COUNT)):
        ours, theirs = load.take_turns(turn(port, path), turn(bare_port, "/page/"))
        ratio = round(ours.per_second / theirs.per_second, 3)
        details = {"p99_ms": round(ours.p99, 1), "failed": ours.failed}
        details |= {"static": round(theirs.per_second, 1), "cores": os.cpu_count() or 0}
        yield Result(name, round(ours.per_second, 1), "1/s", "a static page", ratio, details)


def turn(port: int, path: str):
    message = load.get(path)
    return lambda: load.run(
        port,
        lambda: message,
        good=b" 200 ",
        seconds=yardstick.SECONDS,
        connections=yardstick.CONNECTIONS,
    )


def is_exact(environment: dict[str, str]) -> int:
    """Whether the counter says in the end what the rows say."""
    with servers.web(environment, "crm.wsgi:application") as port:
        shown = Reader(port).read()
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        rows = database.execute(CONFIRMED, [signers.SLUG]).fetchone()
    return int(rows == (shown,))
