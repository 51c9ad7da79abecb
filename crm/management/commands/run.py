"""Everything at once, for trying out and for development: `make run`."""

import os
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections
from honcho.manager import Manager
from honcho.printer import Printer

from crm import audit, database
from crm.lib.progress import step

WELCOME = """
  Soutien is ready. Ctrl-C stops it.

    Pages for everybody   {site}/
    Staff                 {site}/staff/        {staff}
    Dashboard             {site}/dashboard/
    Mails                 {site}/dev/mail/
    API                   {site}/api/v2/
{stripe}
"""

SIGN_IN = "administrator / soutien-demo"


class Command(BaseCommand):
    help = "Migrate, load the demo once, and serve web, worker and the local Stripe together."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-demo", action="store_true", help="start with an empty database")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.check_configuration()
        self.prepare(demo=not options["no_demo"])
        manager = self.manager()
        self.stdout.write(self.welcome())
        connections.close_all()
        manager.loop()
        # A server process that had to be killed must not keep the embedded PostgreSQL running.
        database.forget_dead_processes(database.data_folder(settings.BASE_DIR))
        stopped_by_hand = manager.returncode in {130, 143}
        sys.exit(0 if stopped_by_hand else manager.returncode)

    def check_configuration(self) -> None:
        errors = [message for message in run_checks() if message.is_serious()]
        if errors:
            raise CommandError("; ".join(str(error.msg) for error in errors))
        try:
            connection.ensure_connection()
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"DATABASE_URL does not lead to a database: {reason}") from None
        for name, port in self.ports().items():
            with socket.socket() as probe:
                # A port that was just left may be taken again at once, as servers do.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise CommandError(f"port {port} is taken; set {name}") from None

    def ports(self) -> dict[str, int]:
        ports = {"PORT": int(os.environ.get("PORT", "8000"))}
        if settings.STRIPE_API_BASE:
            ports["STRIPE_API_BASE"] = urlsplit(settings.STRIPE_API_BASE).port or 80
        return ports

    def prepare(self, *, demo: bool) -> None:
        with step("Preparing the database"):
            call_command("migrate", verbosity=0, interactive=False)
        if demo:
            call_command("demo", if_empty=True)

    def manager(self) -> Manager:
        ports = self.ports()
        python = f"exec {sys.executable}"
        manager = Manager(Printer(sys.stdout, colour=sys.stdout.isatty()))
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        commands = {
            "web": f"{python} -m granian --interface wsgi --host 127.0.0.1 --port {ports['PORT']} "
            "--workers 2 --blocking-threads 4 --workers-kill-timeout 3 --log-level warning "
            "crm.wsgi:application",
            "worker": f"{python} manage.py procrastinate worker --concurrency 4 "
            "--fetch-job-polling-interval 1 --shutdown-graceful-timeout 3",
        }
        if settings.STRIPE_API_BASE:
            commands["stripe"] = (
                f"{python} -m payments.sandbox --port {ports['STRIPE_API_BASE']} "
                f"--state {settings.VAR / 'stripe.sqlite3'} "
                f"--webhook http://127.0.0.1:{ports['PORT']}/webhooks/stripe/ "
                f"--webhook-secret {settings.STRIPE_WEBHOOK_SECRET}"
            )
        for name, command in commands.items():
            manager.add_process(name, command, env=environment, cwd=str(settings.BASE_DIR))
        return manager

    def welcome(self) -> str:
        local = settings.STRIPE_API_BASE
        return WELCOME.format(
            site=settings.SITE_URL,
            staff=SIGN_IN if audit.is_demo() else "manage.py createsuperuser makes an account",
            stripe=f"    Local Stripe          {local}/" if local else "",
        )
