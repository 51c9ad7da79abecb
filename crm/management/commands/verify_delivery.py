"""Check a pack of signatures: `manage.py verify_delivery facts.json [list.csv]`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.campaigns import checking, proving


class Command(BaseCommand):
    help = "Check the signature under the facts of a pack, and the list that belongs to them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("facts", type=Path, help="the facts (JSON), from the pack's page")
        parser.add_argument("list", type=Path, nargs="?", help="the list (CSV), to check it too")
        parser.add_argument(
            "--key", help="the public key in base64 that must have signed, from a place you trust"
        )

    def handle(self, *, facts: Path, list: Path | None, key: str | None, **_: Any) -> None:  # noqa: A002
        told, signed = self.read(facts)
        try:
            checking.check_signature(told, signed, key=key)
            if list is not None:
                with list.open("rb") as file:
                    checking.check_list(told, file)
        except checking.Wrong as wrong:
            raise CommandError(str(wrong)) from None
        except OSError as error:
            raise CommandError(f"{list} cannot be read") from error
        self.tell(told, is_with_list=list is not None, is_known=key is not None)

    def read(self, path: Path) -> tuple[dict[str, Any], str]:
        try:
            pack = json.loads(path.read_text("utf-8"))
            return checking.opened(pack)
        except OSError as error:
            raise CommandError(f"{path} cannot be read") from error
        except (ValueError, checking.Wrong) as error:
            raise CommandError(f"{path} is not the facts of a pack") from error

    def tell(self, told: dict[str, Any], *, is_with_list: bool, is_known: bool) -> None:
        write = self.stdout.write
        write(f"The signature is right: {told['organisation']} signed these facts.")
        write(f"  {told['counted']['total']} signatures at {told['as_of']}")
        write(f"  {told['campaign']['title']}")
        if is_with_list:
            write("The list is the one that was signed, and its lines add up to these numbers.")
        if not is_known:
            write("Compare the key's fingerprint with the one that the organisation tells:")
            write(f"  {proving.fingerprint_of(told['public_key'])}")
