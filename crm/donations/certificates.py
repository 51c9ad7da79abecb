"""Belgian tax certificates: who gets one for a year's gifts, under which number and version.

The number is the one in the file for the tax authority, unbroken within a year. A certificate is
never changed: when money goes back later, the next version of it says what is left, or that
nothing is.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from crm import audit
from crm.donations.certificate_pages import pdf, pdf_of_all
from crm.donations.institution import institution
from crm.donations.models import Gift
from crm.donations.papers import TaxCertificate, TaxIdentity
from crm.donations.tax_donors import Donor, donors, totals
from crm.donations.tax_rules import CannotIssue, Rule, certified, rule_for
from crm.lib.money import format_money
from crm.lib.periods import local_day
from crm.mailing import outbox
from crm.people.models import Supporter

NUMBERING = 2871  # an advisory lock of our own: whoever holds it takes the next number
SEND = "donations.send_certificate"
ISSUE = "donations.issue_certificates"
WRITTEN = ("street", "postcode", "town", "country")


class SwitchedOff(CannotIssue):
    """The institution was not recognised, or did not say so."""


class YearNotOver(CannotIssue):
    """More gifts may still come in the year."""


def require(year: int, at: datetime) -> Rule:
    """Return the rule, if certificates may be issued now.

    Raises CannotIssue, IncompleteInstitution.
    """
    if not settings.TAX_CERTIFICATES:
        raise SwitchedOff
    institution()
    if local_day(at).year <= year:
        raise YearNotOver(year)
    return rule_for(year)


def take_numbering(year: int) -> None:
    """Wait for the turn to write certificates of a year."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERING, year])


def ask_to_issue(*, year: int, at: datetime, by: Any) -> None:
    """Let a worker issue what is due. Raises CannotIssue, IncompleteInstitution."""
    require(year, at)
    app.configure_task(ISSUE, queue="mail").defer(year=year, by_id=by.pk)


@transaction.atomic
def issue_all(*, year: int, at: datetime, by: Any = None) -> list[TaxCertificate]:
    """Write the certificates of a year that are due, and queue their mails; return them.

    Doing it twice adds nothing; who comes late gets the next number. Raises CannotIssue,
    IncompleteInstitution.
    """
    require(year, at)
    take_numbering(year)
    given = TaxCertificate.objects.filter(year=year)
    number = max(given.values_list("number", flat=True), default=0)
    written = []
    for donor in donors(year):
        if not donor.is_due:
            continue
        if donor.newest is None:
            number += 1
            written.append(first_version(donor, year=year, number=number, at=at))
        else:
            written.append(next_version(donor.newest, amount=donor.amount, at=at))
    TaxCertificate.objects.bulk_create(written, batch_size=1000)
    queue_mails(written)
    if written:
        audit.log("taxcertificates.issued", written[-1], by=by, at=at, issued=len(written))
    return written


def first_version(donor: Donor, *, year: int, number: int, at: datetime) -> TaxCertificate:
    assert donor.identity is not None
    return TaxCertificate(
        year=year,
        number=number,
        supporter=donor.supporter,
        amount=donor.amount,
        language=donor.supporter.language,
        issued_at=at,
        **facts_of(donor.identity),
    )


def facts_of(identity: TaxIdentity) -> dict[str, str]:
    """Return who and where somebody is, as it is written on a certificate."""
    return {
        "donor_given_name": identity.given_name,
        "donor_family_name": identity.family_name,
        **{name: getattr(identity, name) for name in WRITTEN},
    }


def next_version(
    last: TaxCertificate, *, amount: int, at: datetime, **facts: str
) -> TaxCertificate:
    """Return a certificate that says what holds now, under the same number."""
    names = ("donor_given_name", "donor_family_name", *WRITTEN)
    return TaxCertificate(
        year=last.year,
        number=last.number,
        version=last.version + 1,
        supporter=last.supporter,
        amount=amount,
        language=last.supporter.language,
        issued_at=at,
        **{name: getattr(last, name) for name in names} | facts,
    )


def queue_mails(written: Iterable[TaxCertificate]) -> None:
    jobs: list[dict[str, Any]] = [{"certificate_id": certificate.pk} for certificate in written]
    app.configure_task(SEND, queue="mail").batch_defer(*jobs)


@transaction.atomic
def correct(*, gift_id: int, at: datetime) -> TaxCertificate | None:
    """Write the next version of a certificate that says something else than what is left.

    Doing it twice changes nothing, and who has no certificate gets none.
    """
    gift = Gift.objects.get(pk=gift_id)
    if gift.received_on is None:
        return None
    return renew(supporter=gift.supporter, year=gift.received_on.year, at=at)


@transaction.atomic
def renew(
    *, supporter: Supporter, year: int, at: datetime, by: Any = None, with_details: bool = False
) -> TaxCertificate | None:
    """Write the next version of somebody's certificate, if it would say something else.

    `with_details`: also when their name or address is another by now.
    """
    take_numbering(year)
    last = TaxCertificate.objects.filter(year=year, supporter=supporter).newest().first()
    if last is None:
        return None
    # Who is erased has empty ones.
    identities = TaxIdentity.objects.filter(supporter=supporter, supporter__erased_at=None)
    identity = identities.first() if with_details else None
    facts = facts_of(identity) if identity else {}
    amount = certified(totals(year, supporter=supporter).get(supporter.pk, 0), rule_for(year))
    if last.amount == amount and all(getattr(last, name) == facts[name] for name in facts):
        return None
    new = next_version(last, amount=amount, at=at, **facts)
    new.save()
    audit.log("taxcertificate.renewed", new, by=by, at=at, version=new.version, amount=amount)
    queue_mails([new])
    return new


def send(*, certificate_id: int, at: datetime) -> None:
    """Queue the mail with a certificate, once, unless there is a newer version of it."""
    certificate = TaxCertificate.objects.select_related("supporter").get(pk=certificate_id)
    newer = TaxCertificate.objects.filter(
        year=certificate.year, number=certificate.number, version__gt=certificate.version
    )
    if not certificate.supporter.email or newer.exists():
        return
    outbox.queue(
        "tax_certificate",
        key=f"tax_certificate:{certificate}:{certificate.version}",
        to=certificate.supporter,
        language=certificate.language,
        at=at,
        context={
            "year": certificate.year,
            "number": str(certificate),
            "amount": format_money(certificate.amount, "EUR", certificate.language),
            "rate": f"{rule_for(certificate.year).rate} %",
            "is_correction": certificate.version > 1,
            "is_void": certificate.amount == 0,
        },
        files=[outbox.File(f"{certificate}.pdf", "application/pdf", pdf(certificate))],
    )


def to_print(year: int) -> QuerySet[TaxCertificate]:
    """Return the certificates that can go by post only: their donors have no address for mail."""
    newest = TaxCertificate.objects.filter(year=year).newest()
    return TaxCertificate.objects.filter(pk__in=newest, supporter__email="").order_by("number")


def printed(year: int) -> bytes:
    """Return one PDF with all certificates that go by post."""
    return pdf_of_all(to_print(year).select_related("supporter"))
