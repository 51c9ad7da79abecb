"""What is kept no longer than it should: `manage.py retention [--for-real]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from crm.privacy.keeping import Rule, carry_out, number_due, rules


class Command(BaseCommand):
    help = "Show what the rules of retention would delete now; with --for-real, delete it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--for-real", action="store_true", help="carry out the rules that are on"
        )

    def handle(self, *, for_real: bool, **_: Any) -> None:
        now = timezone.now()
        for rule in rules():
            self.stdout.write(f"{rule.key}: {told(rule)}, {number_due(rule, now)} due")
        if not for_real:
            self.stdout.write("Nothing was changed: with --for-real, the rules that are on are.")
            return
        for rule in rules():
            if rule.is_on:
                self.stdout.write(f"{rule.key}: {carry_out(rule, now)} done")


def told(rule: Rule) -> str:
    return f"{rule.months} months, {'on' if rule.is_on else 'off'}"
