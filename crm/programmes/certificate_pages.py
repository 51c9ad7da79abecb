"""What stands on a certificate of attendance, and on the sheet that participants sign."""

from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm.lib.money import LOCALES
from crm.lib.periods import local_day
from crm.lib.typesetting import set_pages
from crm.programmes.attending import expected
from crm.programmes.telling import moments
from crm.programmes.trainings import Certificate, Session

FOLDER = Path(__file__).parent
EMPTY_ROWS = 6  # on a sheet, for who comes without having enrolled


def pdf(certificate: Certificate) -> bytes:
    """Return a certificate as PDF/UA-1, the same bytes each time, in the training's language."""
    with translation.override(certificate.language):
        page = words_of(certificate)
    return set_pages(FOLDER / "attendance.typ", [page], name=f"certificate {certificate}")


def words_of(certificate: Certificate) -> dict[str, Any]:
    session, language = certificate.enrolment.session, certificate.language
    return {
        "language": language,
        "title": _("Certificate of attendance"),
        "number_label": _("Number"),
        "number": str(certificate),
        "organisation": settings.ORGANISATION_NAME,
        "address": settings.ORGANISATION_ADDRESS or settings.ORGANISATION_URL,
        "lead": _("This certifies that"),
        "name": certificate.name,
        "attended": _("attended the training"),
        "training": session.training.title,
        "programme": session.training.programme,
        "rows": rows_of(certificate, language),
        "issued": _("Issued on %(day)s.") % {"day": written(certificate.issued_at, language)},
        "signed": _("For %(organisation)s") % {"organisation": settings.ORGANISATION_NAME},
    }


def rows_of(certificate: Certificate, language: str) -> list[tuple[str, str]]:
    session = certificate.enrolment.session
    hours = format_decimal(session.training.hours.normalize(), locale=LOCALES[language])
    refresh = certificate.refresh_on
    rows = [
        (_("When"), moments(session, language)),
        (_("Where"), session.place),
        (_("Hours"), hours),
        (_("Trainer"), session.trainer),
        (_("To be refreshed by"), written_day(refresh, language)),
    ]
    return [(label, value) for label, value in rows if value]


def facts(certificate: Certificate, language: str) -> dict[str, Any]:
    """What the mails about a certificate say of it."""
    session = certificate.enrolment.session
    return {
        "title": session.training.title,
        "day": written(session.begins_at, language),
        "number": str(certificate),
        "refresh_on": written_day(certificate.refresh_on, language),
    }


def sheet(session: Session, language: str) -> bytes:
    """Return the sheet that participants sign, with some empty rows, as PDF."""
    names = [
        [each.supporter.full_name, each.employer.full_name if each.employer else each.employer_name]
        for each in expected(session)
        if each.supporter.erased_at is None
    ]
    with translation.override(language):
        page = {
            "language": language,
            "title": _("Attendance sheet"),
            "organisation": settings.ORGANISATION_NAME,
            "training": session.training.title,
            "facts": [moments(session, language), session.place, session.trainer],
            "head": [_("Name"), _("Employer"), _("Signature")],
            "rows": [*names, *[["", ""]] * EMPTY_ROWS],
        }
    return set_pages(FOLDER / "sheet.typ", [page], name="an attendance sheet")


def written(moment: Any, language: str) -> str:
    return written_day(local_day(moment), language)


def written_day(day: Any, language: str) -> str:
    return format_date(day, format="long", locale=LOCALES[language]) if day else ""
