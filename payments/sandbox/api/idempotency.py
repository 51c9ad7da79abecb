"""Idempotency keys: the same request twice happens once."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body, Store

PAYMENT_REQUIRED, SERVER_ERROR = 402, 500


class KeysInUse:
    """The keys of requests that are being answered at this moment."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, key: str | None) -> Iterator[None]:
        """Refuse a second request with the key of one that is not done."""
        if key is None:
            yield
            return
        self._take(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)

    def _take(self, key: str) -> None:
        with self._lock:
            if key in self._keys:
                raise StripeError(
                    "There is currently another in-progress request using this Stripe"
                    f" Idempotency Key: {key}.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._keys.add(key)


def fingerprint(method: str, path: str, form: str) -> str:
    """What two requests with the same key must have in common."""
    return hashlib.sha256(json.dumps([method, path, form]).encode()).hexdigest()


def replay(store: Store, key: str, asked: str) -> tuple[int, Body] | None:
    """The answer that was given before, if the question is the same."""
    row = store.connection.execute(
        "SELECT asked, status, body FROM idempotency WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != asked:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request.",
            kind="idempotency_error",
        )
    return row[1], json.loads(row[2])


def keep(store: Store, key: str, asked: str, status: int, body: Body) -> None:
    """Remember an answer; requests refused before anything happened may be tried again."""
    if status >= SERVER_ERROR or status == PAYMENT_REQUIRED or status < 300:
        store.connection.execute(
            "INSERT OR REPLACE INTO idempotency (key, asked, status, body) VALUES (?, ?, ?, ?)",
            (key, asked, status, json.dumps(body)),
        )
