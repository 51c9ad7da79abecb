"""An archive of everything into an empty installation: `manage.py load everything.zip`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.exchange.loading import NotLoaded, load


class Command(BaseCommand):
    help = "Fill an empty, migrated installation from an archive of `manage.py export`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the archive")

    def handle(self, *, path: Path, **_: Any) -> None:
        try:
            rows = load(str(path))
        except NotLoaded as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        self.stdout.write(f"{rows} rows loaded")
