"""Everything into an archive in an open format: `manage.py export everything.zip`."""

from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.exchange.dumping import dump
from crm.exchange.everything import note_export


class Command(BaseCommand):
    help = "Write all data into a ZIP of CSV files, which `manage.py load` reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the archive to write, such as everything.zip")

    def handle(self, *, path: Path, **_: Any) -> None:
        try:
            with path.open("xb") as file:
                rows = self.write(file, path)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already. Choose another name.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        note_export(reason="manage.py export", rows=rows, at=timezone.now())
        self.stdout.write(f"{rows} rows in {path}")

    def write(self, file: IO[bytes], path: Path) -> int:
        """Write the archive; leave no half of one behind."""
        try:
            return dump(file, at=timezone.now())
        except BaseException:
            path.unlink()
            raise
