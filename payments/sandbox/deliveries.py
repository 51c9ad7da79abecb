"""Webhooks on their way: signed, sent, tried again."""

import hashlib
import hmac
import http.client
import json
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from payments.sandbox.account import Account
from payments.sandbox.store import Body

logger = logging.getLogger(__name__)

BACKOFF = (1, 5, 30, 300)
HOURLY = 3600
GIVE_UP_AFTER = 3 * 86_400
TIMEOUT = 10
LONGEST_NAP = 0.5


@dataclass(frozen=True)
class Delivery:
    """One event for one endpoint."""

    seq: int
    attempts: int
    first_at: float
    url: str
    secret: str
    event: Body


@dataclass(frozen=True)
class Outcome:
    """How the receiver took it."""

    status: int | None = None
    error: str | None = None

    @property
    def accepted(self) -> bool:
        """Only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


def payload(event: Body) -> str:
    """The body of a webhook, as Stripe writes it."""
    return json.dumps(event, indent=2)


def thin(event: Body) -> Body:
    """The same event in the lightweight form an endpoint can ask for instead."""
    subject = event["data"]["object"]
    collection = subject["object"].replace(".", "/") + "s"
    return {
        "id": f"evt_thin_{event['id'][4:]}",
        "object": "v2.core.event",
        "type": f"v1.{event['type']}",
        "created": datetime.fromtimestamp(event["created"], UTC).isoformat(),
        "livemode": False,
        "context": None,
        "reason": None,
        "related_object": {
            "id": subject.get("id"),
            "type": subject["object"],
            "url": f"/v1/{collection}/{subject.get('id')}",
        },
        "snapshot_event": event["id"],
    }


def signature(body: str, secret: str, at: int | None = None) -> str:
    """The `Stripe-Signature` header for a body."""
    stamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


def post(delivery: Delivery) -> Outcome:
    """Send it once."""
    body = payload(delivery.event)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks)",
        "Stripe-Signature": signature(body, delivery.secret),
    }
    parts = urlsplit(delivery.url)
    if not is_loopback(parts.hostname or ""):
        return Outcome(error="the local Stripe sends to this machine only")
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", path, body.encode(), headers)
        return Outcome(status=connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return Outcome(error=f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def next_due(account: Account, endpoint_id: str) -> Delivery | None:
    """What this endpoint is to be sent now."""
    store = account.store
    endpoint = store.load(endpoint_id)
    if endpoint is None or endpoint["status"] != "enabled" or store.fact("webhooks_held", False):
        return None
    row = store.connection.execute(
        "SELECT seq, event_id, attempts, first_at FROM delivery"
        " WHERE endpoint_id = ? AND state = 'pending' AND due_at <= ?"
        " ORDER BY position, seq LIMIT 1",
        (endpoint_id, account.now()),
    ).fetchone()
    if row is None:
        return None
    seq, event_id, attempts, first_at = row
    event = account.get("event", event_id)
    if account.setting("thin_events"):
        event = thin(event)
    began = first_at or account.now()
    return Delivery(seq, attempts, began, endpoint["url"], endpoint["_secret"], event)


def record(account: Account, delivery: Delivery, outcome: Outcome) -> None:
    """Remember how it went, and when to try again."""
    attempts = delivery.attempts + 1
    now = account.now()
    wait = BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else HOURLY
    state = "delivered" if outcome.accepted else "pending"
    if not outcome.accepted and now + wait > delivery.first_at + GIVE_UP_AFTER:
        state = "given_up"
    account.store.connection.execute(
        "UPDATE delivery SET state = ?, attempts = ?, first_at = ?, due_at = ?, status = ?,"
        " error = ? WHERE seq = ?",
        (state, attempts, delivery.first_at, now + wait, outcome.status, outcome.error,
         delivery.seq),
    )  # fmt: skip


def listed(account: Account, limit: int = 1000) -> list[dict[str, Any]]:
    """The deliveries, newest first, as a test or a page wants them."""
    rows = account.store.connection.execute(
        "SELECT d.seq, d.event_id, d.endpoint_id, d.state, d.attempts, d.status, d.error,"
        " json_extract(e.body, '$.type'), json_extract(w.body, '$.url')"
        " FROM delivery d JOIN object e ON e.id = d.event_id"
        " JOIN object w ON w.id = d.endpoint_id ORDER BY d.seq DESC LIMIT ?",
        (limit,),
    )
    names = ("seq", "event", "endpoint", "state", "attempts", "status", "error", "type", "url")
    return [dict(zip(names, row, strict=True)) for row in rows]


class Postman:
    """Delivers in the background: a thread for every endpoint."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._news = threading.Condition()
        self._stopping = False
        self._threads: dict[str, threading.Thread] = {}

    def wake(self) -> None:
        """There may be something to deliver, or an endpoint that was not there before."""
        with self.account.store.lock:
            ids = [e["id"] for e in self.account.store.newest_first("webhook_endpoint")]
        with self._news:
            for endpoint_id in ids:
                if endpoint_id not in self._threads and not self._stopping:
                    self._employ(endpoint_id)
            self._news.notify_all()

    def stop(self) -> None:
        """Stop after the deliveries that are on their way, without waiting long for them."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(timeout=0.5)

    def _employ(self, endpoint_id: str) -> None:
        thread = threading.Thread(target=self._work, args=(endpoint_id,), daemon=True)
        self._threads[endpoint_id] = thread
        thread.start()

    def _work(self, endpoint_id: str) -> None:
        while not self._stopping and self._endpoint_exists(endpoint_id):
            if not self._deliver_one(endpoint_id):
                with self._news:
                    self._news.wait(LONGEST_NAP)
        with self._news:
            self._threads.pop(endpoint_id, None)

    def _endpoint_exists(self, endpoint_id: str) -> bool:
        with self.account.store.lock:
            return self.account.store.load(endpoint_id) is not None

    def _deliver_one(self, endpoint_id: str) -> bool:
        with self.account.store.lock:
            delivery = next_due(self.account, endpoint_id)
        if delivery is None:
            return False
        outcome = post(delivery)
        if self._stopping:
            return False
        with self.account.store.transaction():
            record(self.account, delivery, outcome)
        return True
