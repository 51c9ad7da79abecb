"""What the page of one partner tells, and which forms stand in it."""

from datetime import date
from typing import Any

from django.urls import reverse

from crm.access import may_see
from crm.audit import AuditEntry, subject_of
from crm.people import relating
from crm.people.files import StoredFile
from crm.people.households import Relationship
from crm.people.models import Supporter
from crm.programmes.partners import CriterionState, Partner
from crm.staff.partner_forms import CriterionForm, ReportForm
from crm.staff.partner_words import Cell, cells, deeds, due

KNOWS = (Relationship.Kind.CONTACT, Relationship.Kind.STAFF)
NEWEST = 30


def tell(
    partner: Partner,
    reader: Any,
    *,
    today: date,
    may_change: bool,
    criterion: CriterionForm | None = None,
    report: ReportForm | None = None,
) -> dict[str, Any]:
    """`criterion` and `report` are forms that were sent and are not right."""
    board, files = cells(partner), files_of(partner, reader)
    reports = partner.reports.order_by("-due_on", "-pk")
    asked = {"user": reader, "today": today}
    forms = criterion_forms(board, criterion, asked) if may_change else {}
    is_active = bool(partner.signed_on and not partner.left_on)
    report_form = report or ReportForm(initial={"received_on": today}, auto_id="report_%s", **asked)
    return {
        "partner": partner,
        "due": due(partner, today),
        "is_active": is_active,
        "met": sum(bool(c.row and c.row.state == CriterionState.State.MET) for c in board),
        "criteria": [
            (
                each,
                forms.get(each.criterion.value),
                files.get(each.row.file_id if each.row else None),
            )
            for each in board
        ],
        "open_criterion": criterion.data.get("criterion") if criterion else "",
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


def criterion_forms(
    board: list[Cell], sent: CriterionForm | None, asked: dict[str, Any]
) -> dict[int, CriterionForm]:
    """A form for each criterion; the one that was sent shows what was wrong."""
    forms = {each.criterion.value: criterion_form(each, asked) for each in board}
    key = sent.data.get("criterion", "") if sent else ""
    if sent is not None and key.isdecimal() and int(key) in forms:
        sent.auto_id = f"criterion{key}_%s"
        forms[int(key)] = sent
    return forms


def criterion_form(cell: Cell, asked: dict[str, Any]) -> CriterionForm:
    first: dict[str, Any] = {"criterion": cell.criterion.value, "since": asked["today"]}
    if cell.row is not None:
        first |= {name: getattr(cell.row, name) for name in ("state", "since", "evidence")}
    return CriterionForm(initial=first, auto_id=f"criterion{cell.criterion.value}_%s", **asked)


def files_of(partner: Partner, reader: Any) -> dict[int | None, StoredFile]:
    """Those of the organisation's files that the reader may see."""
    shown = StoredFile.objects.filter(supporter=partner.organisation_id).shown_to(reader)
    return {stored.pk: stored for stored in shown}


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
