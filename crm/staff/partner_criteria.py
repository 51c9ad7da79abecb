"""The forms of a partner's six criteria, each upon what others say of it meanwhile."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from crm.audit import AuditEntry, subject_of
from crm.programmes import partnering
from crm.programmes.partners import Criterion, Partner
from crm.staff.editing import Edit
from crm.staff.files import NOT_KEPT, why_not
from crm.staff.partner_forms import CriterionForm
from crm.staff.partner_words import Cell

FIELDS = ("state", "since", "evidence")


class CriterionEdit(Edit):
    """One criterion of a partner. `is_sent`: whether the request's answers are about this one."""

    record: Partner

    def __init__(
        self, request: HttpRequest, partner: Partner, cell: Cell, *, today: date, is_sent: bool
    ) -> None:
        self.cell, self.today = cell, today
        now = {name: getattr(cell.row, name, None if name == "since" else "") for name in FIELDS}
        super().__init__(request, self.make_form, record=partner, now=now)
        if not is_sent:
            self.form, self.based_on = self.make_form(initial=now), self.seal()

    def make_form(self, data: Any = None, *, initial: dict[str, Any]) -> CriterionForm:
        """Return the form; what has not begun is offered as of today."""
        number = self.cell.criterion.value
        return CriterionForm(
            data,
            None if data is None else self.request.FILES,
            user=self.request.user,
            today=self.today,
            initial={**initial, "criterion": number, "since": initial["since"] or self.today},
            auto_id=f"criterion{number}_%s",
        )

    @property
    def salt(self) -> str:
        return f"editing:{subject_of(self.record)}:{self.cell.criterion.value}"

    def last_change(self, name: str) -> tuple[Any, datetime | None]:
        told = {"subject": subject_of(self.record), "action": "partner.criterion"}
        trail = AuditEntry.objects.filter(**told, details__criterion=self.cell.criterion.value)
        last = trail.select_related("by").order_by("-pk").first()
        return (last.by, last.at) if last else (None, None)


def sent_criterion(request: HttpRequest) -> int | None:
    """Return which criterion the answers of a request are about."""
    sent = request.POST.get("criterion", "")
    known = {str(each.value): each.value for each in Criterion}
    return known.get(sent)


def stated(edit: CriterionEdit, request: HttpRequest) -> bool:
    """Write a criterion's state; return whether nothing stood against its file."""
    try:
        told = {"at": timezone.now(), "by": request.user, **edit.values}
        partnering.set_state(partner=edit.record, **told)
    except NOT_KEPT as error:
        edit.form.add_error("upload", why_not(error))
    return not edit.form.errors
