"""What may happen to partners of The Code."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.lib.periods import local_day, months_later, noon
from crm.people.attaching import attach
from crm.people.entering import enter
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.noting import finish_task
from crm.people.relating import NotAnOrganisation
from crm.programmes.partners import Criterion, CriterionState, Partner, PartnerReport

REPORT_EVERY = 12  # months


class AlreadyPartner(Exception):
    """The organisation is a partner, or prepares to be one: `partner_id`."""

    def __init__(self, partner_id: int) -> None:
        super().__init__(partner_id)
        self.partner_id = partner_id


class NotActive(Exception):
    """Only a partner that signed and has not left reports and leaves."""


class AlreadyReceived(Exception):
    """Somebody wrote down meanwhile that this report came: another is due now."""


class WrongDay(Exception):
    """A day that comes before the one when it signed."""


@transaction.atomic
def take_on(
    *,
    sector: str,
    at: datetime,
    by: Any,
    organisation: Supporter | None = None,
    entered: dict[str, Any] | None = None,
    signed_on: date | None = None,
    responsible: Any = None,
) -> Partner:
    """Accompany an organisation that we know, or that is `entered`; it prepares until it signs.

    Raises NotAnOrganisation, AlreadyPartner, and what `enter` raises.
    """
    if organisation is None:
        kind = Supporter.Kind.ORGANISATION
        organisation = enter(**(entered or {}), kind=kind, at=at, by=by)
    check_organisation(organisation)
    partner, is_new = Partner.objects.get_or_create(
        organisation=organisation,
        defaults={"sector": sector, "responsible": responsible, "modified_at": at},
    )
    if not is_new:
        raise AlreadyPartner(partner.pk)
    audit.log("partner.added", partner, by=by, at=at)
    if signed_on is not None:
        sign_code(partner=partner, signed_on=signed_on, at=at, by=by)
    return partner


def check_organisation(organisation: Supporter) -> None:
    if organisation.kind != Supporter.Kind.ORGANISATION:
        raise NotAnOrganisation(organisation.pk)


@transaction.atomic
def sign_code(*, partner: Partner, signed_on: date, at: datetime, by: Any) -> bool:
    """It signed The Code, perhaps after it had left; its report is due a year later.

    Return whether that is news. Raises WrongDay for a day before it left.
    """
    lock(partner)
    if is_active(partner):
        return False
    if partner.left_on and signed_on < partner.left_on:
        raise WrongDay(signed_on)
    write(partner, at, signed_on=signed_on, left_on=None)
    fall_due(partner, year_after(signed_on))
    audit.log("partner.signed", partner, by=by, at=at)
    return True


@transaction.atomic
def change_partner(
    *, partner: Partner, at: datetime, by: Any, report_on: date | None = None, **fields: Any
) -> list[str]:
    """Write sector and responsible as they are now, and when its next report is due, if that moves.

    Return what changed. Raises NotActive where no report is due.
    """
    lock(partner)
    changed = [name for name, value in fields.items() if getattr(partner, name) != value]
    if changed:
        write(partner, at, **{name: fields[name] for name in changed})
    if report_on is not None and report_on != partner.next_report_on:
        put_off(partner, report_on)
        write(partner, at, next_report_on=report_on)
        changed.append("next_report_on")
    if changed:
        audit.log("partner.changed", partner, by=by, at=at, fields=changed)
    return changed


def put_off(partner: Partner, due_on: date) -> None:
    """Expect the next report on another day; if it does not come, somebody is asked again."""
    report = due_report(partner)
    report.due_on = due_on
    if report.task is not None and report.task.done_at is not None:
        report.task = None
    report.save(update_fields=["due_on", "task"])


@transaction.atomic
def set_state(
    *,
    partner: Partner,
    criterion: int,
    state: str,
    at: datetime,
    by: Any,
    since: date | None = None,
    evidence: str = "",
    upload: Any = None,
) -> CriterionState | None:
    """Say how far a partner is with a criterion, and what shows it; no state: it has not begun.

    Without a new file the one that was there stays. Raises what `attach` raises.
    """
    lock(partner)
    number = Criterion(criterion).value
    rows = CriterionState.objects.filter(partner=partner, criterion=number)
    if not state:
        if rows.delete()[0]:
            audit.log("partner.criterion", partner, by=by, at=at, criterion=number, state="")
        return None
    fields: dict[str, Any] = {"state": state, "evidence": evidence}
    fields["since"] = since or local_day(at)
    if file := kept(partner, upload, at, by):
        fields["file"] = file
    if rows.filter(**fields).exists():
        return rows.get()
    found, _new = CriterionState.objects.update_or_create(
        partner=partner, criterion=number, defaults=fields
    )
    write(partner, at)
    audit.log("partner.criterion", partner, by=by, at=at, criterion=number, state=state)
    return found


@transaction.atomic
def receive_report(
    *,
    partner: Partner,
    received_on: date,
    at: datetime,
    by: Any,
    upload: Any = None,
    year: int | None = None,
) -> PartnerReport:
    """The report that was due came: its criterion is met, and the next is due a year later.

    Whoever was asked for it has nothing more to do. Raises NotActive, WrongDay, AlreadyReceived if
    it is not the one of the `year` that was meant, and what `attach` raises.
    """
    lock(partner)
    report = due_report(partner)
    if year not in (None, report.year):
        raise AlreadyReceived(year)
    if received_on < (partner.signed_on or received_on):
        raise WrongDay(received_on)
    report.received_on, report.file = received_on, kept(partner, upload, at, by)
    report.save(update_fields=["received_on", "file"])
    if report.task is not None:
        finish_task(task=report.task, at=at, by=by)
    audit.log("partner.reported", partner, by=by, at=at, year=report.year)
    meet_criterion(partner, received_on, at, by)
    due_on = year_after(report.due_on)
    while due_on <= received_on:
        due_on = year_after(due_on)
    fall_due(partner, due_on)
    write(partner, at)
    return report


@transaction.atomic
def leave(*, partner: Partner, left_on: date, at: datetime, by: Any) -> None:
    """It is no partner any more: no report is due; what it did stays known.

    Raises NotActive, and WrongDay for a day before it signed.
    """
    lock(partner)
    if not is_active(partner):
        raise NotActive(partner.pk)
    if left_on < partner.signed_on:  # type: ignore[operator]
        raise WrongDay(left_on)
    for report in partner.reports.filter(received_on=None).select_related("task"):
        if report.task is not None:
            finish_task(task=report.task, at=at, by=by)
        report.delete()
    write(partner, at, left_on=left_on, next_report_on=None)
    audit.log("partner.left", partner, by=by, at=at)


def lock(partner: Partner) -> None:
    """Let nobody else change a partner meanwhile, and read what it is now."""
    partner.refresh_from_db(from_queryset=Partner.objects.select_for_update())


def is_active(partner: Partner) -> bool:
    return partner.signed_on is not None and partner.left_on is None


def write(partner: Partner, at: datetime, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(partner, name, value)
    partner.modified_at = at
    partner.save(update_fields=[*fields, "modified_at"])


def due_report(partner: Partner) -> PartnerReport:
    waiting = partner.reports.filter(received_on=None).select_related("task").order_by("due_on")
    if not is_active(partner) or (report := waiting.first()) is None:
        raise NotActive(partner.pk)
    return report


def fall_due(partner: Partner, due_on: date) -> None:
    """Expect the next report on a day; it is called after that day's year, or the next free one."""
    taken = set(partner.reports.values_list("year", flat=True))
    year = due_on.year
    while year in taken:
        year += 1
    PartnerReport.objects.create(partner=partner, year=year, due_on=due_on)
    partner.next_report_on = due_on
    partner.save(update_fields=["next_report_on"])


def meet_criterion(partner: Partner, day: date, at: datetime, by: Any) -> None:
    known = partner.criteria.filter(criterion=Criterion.REPORT).first()
    if known is None or known.state != CriterionState.State.MET:
        evidence = known.evidence if known else ""
        set_state(
            partner=partner,
            criterion=Criterion.REPORT,
            state=CriterionState.State.MET,
            since=day,
            evidence=evidence,
            at=at,
            by=by,
        )


def kept(partner: Partner, upload: Any, at: datetime, by: Any) -> StoredFile | None:
    if not upload:
        return None
    return attach(supporter=partner.organisation, upload=upload, at=at, by=by)


def year_after(day: date) -> date:
    return local_day(months_later(noon(day), REPORT_EVERY))
