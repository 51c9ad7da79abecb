"""Signing for ten minutes while the worker is killed and PostgreSQL restarted.

What was accepted must be there once, with one mail, and the tallies must say what the rows say.
Clients send again what got no answer. A mail that was handed over by a worker who died before it
could write that down is sent twice: those are counted, and named for what they are.
"""

import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import psycopg

from bench import counter, load, servers, signers, yardstick
from bench.kill import Server
from bench.result import Result

SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
CONNECTIONS = 16
KILL_EVERY = 30.0
SHARE = 0.8  # of what is measured at the start
PATIENCE = 3600.0  # seconds until everything must have been mailed
ROWS = """
SELECT mail.to, count(DISTINCT signature.id), count(mail.id), bool_and(mail.sent_at IS NOT NULL)
FROM crm_mail AS mail JOIN crm_signature AS signature USING (supporter_id)
WHERE mail.template = 'confirm_signature' GROUP BY mail.to
"""
WAITING = "SELECT count(*) FROM crm_mail WHERE sent_at IS NULL AND given_up_at IS NULL"
# Both sides of the books: what the tallies and the deltas hold, and what the rows say.
BOOKS = """
SELECT (SELECT coalesce(sum(number), 0) FROM crm_daytally)
     + (SELECT coalesce(sum(number), 0) FROM crm_signaturedelta WHERE step = 'confirm')
     - (SELECT count(*) FROM crm_signature WHERE status = 'confirmed' AND sheet_id IS NULL),
       (SELECT coalesce(sum(number), 0) FROM crm_steptally WHERE step = 'submit')
     + (SELECT coalesce(sum(number), 0) FROM crm_signaturedelta WHERE step = 'submit')
     - (SELECT count(*) FROM crm_signature WHERE way = 'online')
"""


class Crowd:
    """People who sign at a steady pace, and try again until they are answered."""

    def __init__(self, port: int, per_second: float) -> None:
        self.port, self.forms = port, signers.forms()
        self.pause = CONNECTIONS / per_second
        self.lock = threading.Lock()
        self.accepted: list[str] = []
        self.again = Counter[str]()
        self.end = time.monotonic() + SECONDS

    def converse(self) -> None:
        due = time.monotonic()
        while due < self.end:
            with self.lock:
                form = next(self.forms)
            self.insist(form)
            self.accepted.append(address_in(form))
            due += self.pause
            time.sleep(max(due - time.monotonic(), 0))

    def insist(self, form: bytes) -> None:
        while True:
            status = self.answer(form)
            if b" 302 " in status:
                return
            self.again[status.decode() or "no answer"] += 1
            time.sleep(0.2)

    def answer(self, form: bytes) -> bytes:
        try:
            return load.once(self.port, form)
        except OSError:
            return b""


def address_in(form: bytes) -> str:
    return parse_qs(form.rpartition(b"\r\n\r\n")[2].decode())["email"][0]


class Trouble(threading.Thread):
    """Kills the worker every half minute, and restarts PostgreSQL twice."""

    def __init__(self, worker: Server, postgres: Any) -> None:
        super().__init__(daemon=True)
        self.worker, self.postgres = worker, postgres
        self.done, self.enough = Counter[str](), threading.Event()

    def run(self) -> None:
        began, restarts = time.monotonic(), [SECONDS / 3, SECONDS * 2 / 3]
        while not self.enough.wait(min(KILL_EVERY, SECONDS / 6)):
            self.worker.die_and_rise()
            self.done["worker"] += 1
            if restarts and time.monotonic() - began > restarts[0]:
                restarts.pop(0)
                servers.restart(self.postgres)
                self.done["postgres"] += 1
                sys.stderr.write("  PostgreSQL was restarted\n")


def measure() -> Iterator[Result]:
    with ExitStack() as stack:
        environment, postgres = stack.enter_context(servers.postgres())
        servers.manage(environment, "demo", "--signatures", "1000", "--gifts", "100")
        sent = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sent"
        environment |= {
            "TRUSTED_PROXY_COUNT": "1",
            "EMAIL_BACKEND": "bench.posting.Counting",
            "BENCH_SENT": str(sent),
            "LOG_LEVEL": "CRITICAL",
        }
        port = stack.enter_context(servers.web(environment, "crm.wsgi:application"))
        pace = SHARE * rate(port)
        command = "manage.py procrastinate worker --concurrency 4 --fetch-job-polling-interval 1"
        worker = Server([sys.executable, *command.split()], environment)
        worker.start()
        stack.callback(worker.kill, signal.SIGTERM)
        trouble, crowd = Trouble(worker, postgres), Crowd(port, pace)
        before = books(environment)
        with counter.confirming(environment):
            trouble.start()
            sign(crowd)
        trouble.enough.set()
        trouble.join()
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as database:
            told = {"pace": round(pace, 1), "waited_s": wait_until_mailed(database, worker)}
            yield from results(crowd, trouble, database, sent, told)
        off = {name: now - before[name] for name, now in books(environment).items()}
        yield Result("soak-off", abs(off["confirm"]), "signatures", "the raw rows", None, off)


def rate(port: int) -> float:
    """Measure how many sign in a second when nothing goes wrong."""
    make = signers.Ready().fill(int(2000 * yardstick.SECONDS))
    rounds = [
        load.run(port, make, good=b" 302 ", seconds=yardstick.SECONDS, connections=CONNECTIONS)
        for _ in range(2)
    ]
    return rounds[-1].per_second


def sign(crowd: Crowd) -> None:
    people = [threading.Thread(target=crowd.converse) for _ in range(CONNECTIONS)]
    for each in people:
        each.start()
    for each in people:
        each.join()


def wait_until_mailed(database: psycopg.Connection, worker: Server) -> float:
    """Wait until no mail is left; a worker that ended is started, as by any process manager."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        row = database.execute(WAITING).fetchone()
        if row == (0,):
            break
        if worker.process is None or worker.process.poll() is not None:
            worker.start()
        time.sleep(2)
    return round(time.monotonic() - began, 1)


def results(
    crowd: Crowd, trouble: Trouble, database: psycopg.Connection, sent: Path, told: dict[str, float]
) -> Iterator[Result]:
    rows = {to: (signed, mails, is_sent) for to, signed, mails, is_sent in database.execute(ROWS)}
    left = Counter(sent.read_text().split("\n")[:-1]) if sent.exists() else Counter[str]()
    accepted = set(crowd.accepted)
    lost = sum(address not in rows for address in accepted)
    twice = sum(signed != 1 or mails != 1 for signed, mails, _sent in rows.values())
    details = {
        "accepted": len(accepted),
        "sent_again_by_clients": crowd.again.total(),
        "killed_worker": trouble.done["worker"],
        "restarted_postgres": trouble.done["postgres"],
        "unmailed": sum(not left[address] for address in accepted),
        "mailed_twice": sum(left[address] > 1 for address in accepted),
        **told,
    }
    yield Result("soak-lost", lost, "signatures", "what was accepted", None, details)
    yield Result("soak-doubled", twice, "signatures", "what was accepted", None, details)


def books(environment: dict[str, str]) -> dict[str, float]:
    """Return by how much the tallies say more than the rows: the demo's begin elsewhere."""
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        found = database.execute(BOOKS).fetchone() or (0, 0)
    return {"confirm": int(found[0]), "submit": int(found[1])}
