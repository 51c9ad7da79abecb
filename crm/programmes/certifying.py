"""Certificates of attendance: one for each attendance, numbered without gaps within a year."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from procrastinate.contrib.django import app

from crm import audit
from crm.lib.periods import local_day, months_later
from crm.mailing import outbox
from crm.programmes import certificate_pages
from crm.programmes.trainings import Certificate, Enrolment, Session

NUMBERING = 284  # an advisory lock of our own: whoever holds it takes the next number
SEND = "programmes.send_certificate"
SOON = timedelta(days=60)  # before a refresher is due
FORGOTTEN = timedelta(days=365)  # after that, nobody is reminded any more


class DidNotAttend(Exception):
    """There is nothing to certify."""


class Nameless(Exception):
    """A certificate needs a name to be made out to."""


@transaction.atomic
def certify(*, session: Session, at: datetime, by: Any = None) -> int:
    """Issue the certificates of all who came and have none, and send them; return how many."""
    year = take_numbering(at)
    came = session.enrolments.attended().filter(
        certificate=None, supporter__erased_at=None, supporter__merged_into=None
    )
    related = came.select_related("supporter", "session__training").order_by("pk")
    # Whoever erases or merges one of them is waited for.
    related = related.select_for_update(of=("supporter",), no_key=True)
    issued = [write(each, year=year, at=at, by=by) for each in related if named(each)]
    for certificate in issued:
        app.configure_task(SEND, queue="mail").defer(certificate_id=certificate.pk, word="")
    return len(issued)


@transaction.atomic
def certify_one(*, enrolment: Enrolment, at: datetime, by: Any = None) -> Certificate:
    """Return the certificate of an attendance; the first call gives it the year's next number.

    Raises DidNotAttend, Nameless.
    """
    year = take_numbering(at)
    known = Certificate.objects.filter(enrolment=enrolment).first()
    if known is not None:
        return known
    related = Enrolment.objects.attended().select_related("supporter", "session__training")
    attended = related.filter(pk=enrolment.pk).first()
    if attended is None:
        raise DidNotAttend(enrolment.pk)
    if not named(attended):
        raise Nameless(enrolment.pk)
    certificate = write(attended, year=year, at=at, by=by)
    app.configure_task(SEND, queue="mail").defer(certificate_id=certificate.pk, word="")
    return certificate


@transaction.atomic
def reissue(*, certificate: Certificate, at: datetime, by: Any = None) -> Certificate:
    """Make a certificate out anew, to the name as we know it now, and send it once more.

    It keeps its number: there is one for each attendance. Raises Nameless.
    """
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    enrolment = Enrolment.objects.select_related("supporter").get(pk=locked.enrolment_id)
    if not named(enrolment):
        raise Nameless(enrolment.pk)
    name = enrolment.supporter.full_name
    fields = ["name"] if name != locked.name else []
    if fields:
        locked.name = name
        locked.save(update_fields=fields)
    # The same paper is sent once a day at most, a corrected one at once.
    word = at.isoformat() if fields else f"{local_day(at)}"
    app.configure_task(SEND, queue="mail").defer(certificate_id=locked.pk, word=word)
    audit.log("certificate.reissued", locked, by=by, at=at, fields=fields)
    return locked


def send(*, certificate_id: int, word: str, at: datetime) -> None:
    """Queue the mail with a certificate, once for each `word`."""
    related = Certificate.objects.select_related(
        "enrolment__supporter", "enrolment__session__training"
    )
    certificate = related.filter(pk=certificate_id).exclude(name="").first()
    if certificate is None or not certificate.enrolment.supporter.email:
        return
    person, language = certificate.enrolment.supporter, certificate.enrolment.supporter.language
    file = outbox.File(f"{certificate}.pdf", "application/pdf", certificate_pages.pdf(certificate))
    outbox.queue(
        "training_certificate",
        key=f"training_certificate:{certificate.pk}:{word}",
        to=person,
        language=language,
        at=at,
        context=certificate_pages.facts(certificate, language),
        files=[file],
    )


def take_numbering(at: datetime) -> int:
    """Wait for the turn to give the next number; return the year it belongs to."""
    year = local_day(at).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERING, year])
    return year


def write(enrolment: Enrolment, *, year: int, at: datetime, by: Any) -> Certificate:
    """Write a certificate with the next number. The turn was taken."""
    last = Certificate.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    training = enrolment.session.training
    certificate = Certificate.objects.create(
        enrolment=enrolment,
        year=year,
        number=last + 1,
        name=enrolment.supporter.full_name,
        language=training.language,
        refresh_on=refresh_on(enrolment.session),
        issued_at=at,
    )
    audit.log("certificate.issued", certificate, by=by, at=at)
    return certificate


def named(enrolment: Enrolment) -> bool:
    return bool(enrolment.supporter.full_name.strip())


def refresh_on(session: Session) -> date | None:
    months = session.training.refresher_months
    return local_day(months_later(session.ends_at, months)) if months else None


def to_refresh(*, today: date) -> QuerySet[Certificate]:
    """Return the certificates to be refreshed soon or overdue, whose holders did not come to the
    same training again, the first one first."""
    later = Enrolment.objects.attended().filter(
        supporter=OuterRef("enrolment__supporter"),
        session__training=OuterRef("enrolment__session__training"),
        session__begins_at__gt=OuterRef("enrolment__session__begins_at"),
    )
    due = Certificate.objects.filter(
        refresh_on__gte=today - FORGOTTEN,
        refresh_on__lte=today + SOON,
        enrolment__supporter__erased_at=None,
        enrolment__supporter__merged_into=None,
    )
    return due.filter(~Exists(later)).order_by("refresh_on", "pk")


def remind(*, today: date, at: datetime) -> int:
    """Tell everybody whose training should be refreshed soon, once; return how many there are."""
    due = to_refresh(today=today).filter(refresh_on__gte=today)
    related = due.select_related("enrolment__supporter", "enrolment__session__training")
    told = 0
    for certificate in related.exclude(enrolment__supporter__email=""):
        person = certificate.enrolment.supporter
        outbox.queue(
            "training_refresher",
            key=f"training_refresher:{certificate.pk}",
            to=person,
            language=person.language,
            at=at,
            context=certificate_pages.facts(certificate, person.language),
        )
        told += 1
    return told
