"""How far a year's tax certificates are, for the page on which staff issue them."""

from dataclasses import dataclass
from datetime import datetime

from procrastinate.contrib.django.models import ProcrastinateJob

from crm.donations import certificates
from crm.donations.papers import TaxCertificate
from crm.donations.tax_donors import Donor, donors
from crm.donations.tax_rules import RULES, Rule, rule_for
from crm.lib.periods import local_day
from crm.mailing.models import Mail


@dataclass(frozen=True)
class Standing:
    """A year's certificates: who gets one, what is missing, what was done."""

    year: int
    rule: Rule
    donors: list[Donor]
    issued: int
    mailed: int
    to_print: int
    is_under_way: bool

    @property
    def eligible(self) -> list[Donor]:
        """Donors who gave enough, also when something is missing."""
        return [donor for donor in self.donors if donor.amount]

    @property
    def due(self) -> list[Donor]:
        return [donor for donor in self.donors if donor.is_due]

    @property
    def waiting(self) -> list[Donor]:
        """Donors to whom no certificate can be written yet."""
        return [donor for donor in self.donors if donor.waits]

    @property
    def without_number(self) -> int:
        return sum(not donor.has_number for donor in self.eligible)

    @property
    def amount(self) -> int:
        return sum(donor.amount for donor in self.donors)


def standing(year: int) -> Standing:
    """Tell how far a year is. Raises NoRule."""
    mails = Mail.objects.filter(key__startswith=f"tax_certificate:{year}-")
    under_way = ProcrastinateJob.objects.filter(
        task_name__in=[certificates.ISSUE, certificates.SEND], status__in=["todo", "doing"]
    )
    return Standing(
        year=year,
        rule=rule_for(year),
        donors=donors(year),
        issued=TaxCertificate.objects.filter(year=year, version=1).count(),
        mailed=mails.exclude(sent_at=None).count(),
        to_print=certificates.to_print(year).count(),
        is_under_way=under_way.exists(),
    )


def years(at: datetime) -> list[int]:
    """Return the years that are over and whose law is known, the newest first."""
    return list(range(local_day(at).year - 1, RULES[0].since - 1, -1))
