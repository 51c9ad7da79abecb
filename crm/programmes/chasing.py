"""Reports of partners that did not come: a colleague is asked, once."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.mailing.colleagues import languages_of
from crm.people.noting import add_task
from crm.programmes.partners import Partner, PartnerReport


@transaction.atomic
def chase_reports(*, day: date, at: datetime) -> int:
    """Write a task for each report that should have come before `day`; return how many."""
    late = PartnerReport.objects.filter(
        partner__in=Partner.objects.overdue(day), received_on=None, due_on__lt=day, task=None
    )
    related = late.select_related("partner__organisation", "partner__responsible")
    reports = list(related.select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    for report in reports:
        chase(report, day=day, at=at)
    return len(reports)


def chase(report: PartnerReport, *, day: date, at: datetime) -> None:
    who = able(report.partner.responsible)
    with override(languages_of([who])[who.pk] if who else settings.LANGUAGE_CODE):
        title = _("Ask for the report %(year)s on The Code") % {"year": report.year}
    report.task = add_task(
        title=title,
        supporter=report.partner.organisation,
        due_on=day,
        assigned_to=who,
        at=at,
        by=None,
    )
    report.save(update_fields=["task"])


def able(user: Any) -> Any:
    """Return who accompanies the partner, if they still work here."""
    return user if user is not None and user.is_active and user.is_staff else None
