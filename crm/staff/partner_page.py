"""What the page of one partner tells, and which forms stand in it."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from crm.access import may_see
from crm.audit import AuditEntry, subject_of
from crm.people import relating
from crm.people.households import Relationship
from crm.people.models import Supporter
from crm.programmes.partners import CriterionState, Partner, PartnerReport
from crm.staff import partner_files
from crm.staff.partner_criteria import CriterionEdit
from crm.staff.partner_forms import ReportForm
from crm.staff.partner_words import Cell, cells, deeds, due

KNOWS = (Relationship.Kind.CONTACT, Relationship.Kind.STAFF)
NEWEST = 30


def tell(
    partner: Partner,
    reader: Any,
    *,
    today: date,
    may_change: bool,
    request: HttpRequest,
    criterion: CriterionEdit | None = None,
    report: ReportForm | None = None,
) -> dict[str, Any]:
    """`criterion` and `report` are what was sent and is not right, or asked again."""
    board, reports = cells(partner), list(partner.reports.order_by("-due_on", "-pk"))
    shown = partner_files.shown([*(each.row for each in board), *reports], reader)
    files = {key: (each, partner_files.address(partner, each)) for key, each in shown.items()}
    asked = {"user": reader, "today": today}
    edits = criterion_edits(request, partner, board, today, criterion) if may_change else {}
    is_active = bool(partner.signed_on and not partner.left_on)
    report_form = report or ReportForm(
        initial={"received_on": today, "year": year_due(reports)},
        auto_id="report_%s",
        **asked,
    )
    return {
        "partner": partner,
        "due": due(partner, today),
        "is_active": is_active,
        "met": sum(bool(c.row and c.row.state == CriterionState.State.MET) for c in board),
        "criteria": [
            (
                each,
                edits.get(each.criterion.value),
                files.get(each.row.file_id if each.row else None),
            )
            for each in board
        ],
        "open_criterion": criterion.cell.criterion.value if criterion else None,
        "report_form": report_form if may_change and is_active else None,
        "is_report_open": report is not None,
        "reports": [(each, files.get(each.file_id)) for each in reports],
        "contacts": contacts(partner.organisation) if may_see(reader, "relationships") else [],
        "sees_contacts": may_see(reader, "relationships"),
        "deeds": list(deeds(history(partner))),
        "may_change": may_change,
        "may_relate": reader.has_perm("crm.change_relationship"),
        "organisation_url": reverse("admin:crm_supporter_change", args=[partner.organisation_id]),
    }


def criterion_edits(
    request: HttpRequest,
    partner: Partner,
    board: list[Cell],
    today: date,
    sent: CriterionEdit | None,
) -> dict[int, CriterionEdit]:
    """A form for each criterion; the one that was sent shows what was wrong."""
    edits = {
        each.criterion.value: CriterionEdit(request, partner, each, today=today, is_sent=False)
        for each in board
    }
    return edits | ({sent.cell.criterion.value: sent} if sent else {})


def year_due(reports: list[PartnerReport]) -> int | None:
    """Which report is expected next, so that one that comes twice is written down once."""
    due = [each for each in reports if each.received_on is None]
    return due[-1].year if due else None


def contacts(organisation: Supporter) -> list[relating.Related]:
    """The people of an organisation whom one talks to, the main contact first."""
    found = [
        each
        for each in relating.relationships_of(organisation)
        if each.relationship.kind in KNOWS and each.relationship.ends_on is None
    ]
    return sorted(found, key=lambda each: not each.relationship.is_main_contact)


def history(partner: Partner) -> Any:
    entries = AuditEntry.objects.filter(subject=subject_of(partner), action__startswith="partner.")
    return entries.select_related("by").order_by("-at", "-pk")[:NEWEST]
