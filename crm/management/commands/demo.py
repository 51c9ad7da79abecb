"""manage.py demo: load invented supporters, signatures and gifts into an empty database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.demo import contents, joining, load


class Command(BaseCommand):
    help = "Load the demo: invented supporters, signatures and gifts, into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--signatures", type=int, default=joining.SIGNATURES, metavar="N")
        parser.add_argument("--gifts", type=int, default=load.GIFTS, metavar="N")
        parser.add_argument(
            "--if-empty", action="store_true", help="say nothing where the database is not empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signatures, gifts = options["signatures"], options["gifts"]
        if signatures < 0 or gifts < 0:
            raise CommandError("There cannot be fewer than 0 signatures or gifts.")
        try:
            load.load(
                today=timezone.localdate(), signatures=signatures, gifts=gifts, out=sys.stderr
            )
        except load.NotEmpty as refusal:
            if not options["if_empty"]:
                raise CommandError(f"{refusal} Nothing was changed.") from refusal
        except load.NotHere as refusal:
            raise CommandError(f"{refusal} Nothing was changed.") from refusal
        else:
            self.stdout.write(
                f"The demo is loaded. Sign in as administrator, password {contents.PASSWORD} "
                "(or as reader, campaigner, fundraiser)."
            )
