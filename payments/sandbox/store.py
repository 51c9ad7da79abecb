"""The SQLite file in which the local Stripe keeps everything."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS due (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at, seq);
CREATE INDEX IF NOT EXISTS due_by_object ON due (object_id, what);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    position REAL NOT NULL,
    due_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    first_at REAL,
    status INTEGER,
    error TEXT
);
CREATE INDEX IF NOT EXISTS delivery_by_turn ON delivery (endpoint_id, state, due_at);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    asked TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("object", "due", "delivery", "idempotency", "fact")


class Store:
    """One connection, one writer at a time; a transaction is one thing that happened."""

    def __init__(self, path: Path | str) -> None:
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(SCHEMA)
        self._loaded: dict[str, Body] = {}

    def close(self) -> None:
        """Let the file go."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside is kept, or nothing."""
        with self.lock:
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            else:
                self.connection.execute("COMMIT")
            finally:
                self._loaded.clear()

    def clear(self) -> None:
        """Forget everything."""
        for table in TABLES:
            self.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self._loaded.clear()

    def load(self, object_id: str) -> Body | None:
        """The object; the same dict for the whole transaction, so that no change is lost."""
        if object_id not in self._loaded:
            row = self.connection.execute(
                "SELECT body FROM object WHERE id = ?", (object_id,)
            ).fetchone()
            if row is None:
                return None
            body = json.loads(row[0])
            if not self.connection.in_transaction:
                return body
            self._loaded[object_id] = body
        return self._loaded[object_id]

    def save(self, kind: str, body: Body) -> None:
        """Keep an object, new or changed."""
        text = json.dumps(body, separators=(",", ":"))
        self.connection.execute(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, body = excluded.body",
            (body["id"], kind, body.get("created", 0), text),
        )
        self._loaded[body["id"]] = body

    def place(self, object_id: str) -> int | None:
        """Where an object stands in the order of creation."""
        row = self.connection.execute(
            "SELECT seq FROM object WHERE id = ?", (object_id,)
        ).fetchone()
        return row[0] if row else None

    def newest_first(self, kind: str, *, below: int | None = None) -> Iterator[Body]:
        """The objects of a kind, those made last first."""
        rows = self.connection.execute(
            "SELECT id, body FROM object WHERE kind = ? AND seq < ? ORDER BY seq DESC",
            (kind, below if below is not None else 2**62),
        )
        for object_id, text in rows.fetchall():
            yield self._loaded.get(object_id) or json.loads(text)

    def where(self, kind: str, values: dict[str, Any]) -> Iterator[Body]:
        """Those of a kind whose fields have these values, newest first."""
        tests = "".join(" AND json_extract(body, ?) IS ?" for _ in values)
        given = [part for name, value in values.items() for part in (f"$.{name}", value)]
        rows = self.connection.execute(
            f"SELECT id FROM object WHERE kind = ?{tests} ORDER BY seq DESC",  # noqa: S608
            (kind, *given),
        )
        for (object_id,) in rows.fetchall():
            body = self.load(object_id)
            if body is not None:
                yield body

    def texts(self, kind: str, *, above: int = 0) -> list[str]:
        """The objects of a kind as JSON, oldest first: for those who want them all, fast."""
        rows = self.connection.execute(
            "SELECT body FROM object WHERE kind = ? AND seq > ? ORDER BY seq", (kind, above)
        )
        return [row[0] for row in rows]

    def fact(self, name: str, default: Any = None) -> Any:
        """A setting or state of the local Stripe as a whole."""
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set_fact(self, name: str, value: Any) -> None:
        """Remember a setting."""
        self.connection.execute(
            "INSERT INTO fact (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )
