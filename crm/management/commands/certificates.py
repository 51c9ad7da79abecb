"""Tax certificates of a year: `manage.py certificates 2025 [--dry-run]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.donations import certificates, identities
from crm.donations.institution import IncompleteInstitution
from crm.donations.tax_donors import Donor, donors
from crm.donations.tax_rules import CannotIssue, NoRule
from crm.lib.money import format_money


class Command(BaseCommand):
    help = "Issue the tax certificates of a year that are due, and queue their mails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, nargs="?", help="the year of the gifts")
        parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
        parser.add_argument(
            "--encrypt-anew",
            action="store_true",
            help="encrypt all national numbers with the first of NATIONAL_NUMBER_KEYS",
        )

    def handle(self, *, year: int | None, dry_run: bool, encrypt_anew: bool, **_: Any) -> None:
        if encrypt_anew:
            self.stdout.write(f"{identities.encrypt_anew()} numbers encrypted anew")
        elif year is None:
            raise CommandError("Which year? Such as: manage.py certificates 2025 --dry-run")
        else:
            self.issue(year, dry_run=dry_run)

    def issue(self, year: int, *, dry_run: bool) -> None:
        now = timezone.now()
        try:
            certificates.require(year, now)
            self.show(donors(year))
            if not dry_run:
                issued = certificates.issue_all(year=year, at=now)
                self.stdout.write(f"{len(issued)} issued; their mails are queued")
        except certificates.SwitchedOff:
            raise CommandError("TAX_CERTIFICATES is not switched on") from None
        except certificates.YearNotOver:
            raise CommandError(f"{year} is not over: more gifts may come") from None
        except NoRule:
            raise CommandError(f"the law of {year} is not known here") from None
        except (CannotIssue, IncompleteInstitution) as error:
            raise CommandError(str(error)) from None

    def show(self, found: list[Donor]) -> None:
        """Tell who gets one, by their numbers only: a terminal is often kept in a file."""
        for donor in found:
            if donor.is_due or donor.waits:
                amount = format_money(donor.amount, "EUR", "en")
                self.stdout.write(f"  #{donor.supporter.pk} {amount}{lacks(donor)}")
        due = sum(donor.is_due for donor in found)
        waiting = sum(donor.waits for donor in found)
        self.stdout.write(f"{due} to issue, {waiting} without an address")


def lacks(donor: Donor) -> str:
    if donor.waits:
        return "  address missing"
    return "" if donor.has_number else "  national number missing"
