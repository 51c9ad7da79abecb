"""How the pages of partners word what is so: never by a colour alone."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.audit import AuditEntry
from crm.programmes.partners import Criterion, CriterionState, Partner

State = CriterionState.State
SOON = 60  # days
LOOKS = {
    State.MET: ("good", "check_circle"),
    State.BEGUN: ("warn", "pending"),
    State.LAPSED: ("bad", "error"),
    "": ("", "radio_button_unchecked"),
}
ACTIONS = {
    "partner.added": gettext_lazy("taken on"),
    "partner.signed": gettext_lazy("signed The Code"),
    "partner.changed": gettext_lazy("details changed"),
    "partner.left": gettext_lazy("left"),
}


class Cell(NamedTuple):
    """One criterion of one partner."""

    criterion: Criterion
    row: CriterionState | None
    words: Any
    tone: str
    icon: str


class Due(NamedTuple):
    words: str
    tone: str = ""


class Deed(NamedTuple):
    entry: AuditEntry
    words: str


def cells(partner: Partner) -> list[Cell]:
    """The six criteria, as far as the partner is with each."""
    known = {row.criterion: row for row in partner.criteria.all()}
    return [cell(each, known.get(each.value)) for each in Criterion]


def cell(criterion: Criterion, row: CriterionState | None) -> Cell:
    tone, icon = LOOKS[State(row.state) if row else ""]
    words = row.get_state_display() if row else _("not begun")
    return Cell(criterion, row, words, tone, icon)


def due(partner: Partner, today: date) -> Due:
    """When its next report is due; whoever prepares or has left owes none."""
    if partner.left_on:
        return Due(_("left on %(day)s") % {"day": short(partner.left_on)})
    if partner.signed_on is None:
        return Due(_("prepares to sign"))
    if partner.next_report_on is None:
        return Due(_("none is due"))
    days = (partner.next_report_on - today).days
    if days < 0:
        late = ngettext("overdue by %(days)s day", "overdue by %(days)s days", -days)
        return Due(late % {"days": -days}, "bad")
    return Due(short(partner.next_report_on), "warn" if days <= SOON else "")


def short(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def deeds(entries: Iterable[AuditEntry]) -> Iterator[Deed]:
    """What was done, by the audit trail."""
    for entry in entries:
        yield Deed(entry, worded(entry))


def worded(entry: AuditEntry) -> str:
    if entry.action == "partner.reported":
        return _("report %(year)s received") % {"year": entry.details["year"]}
    if entry.action == "partner.criterion":
        state = entry.details["state"]
        criterion = Criterion(entry.details["criterion"])
        words = State(state).label if state else _("not begun")
        return f"{criterion.value}. {criterion.label}: {words}"
    return str(ACTIONS.get(entry.action, entry.action))
