"""Names typed from a sheet: the sheet has counted them, so they add nothing to the counter."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns.entering_sheets import SheetGone, moment_of
from crm.campaigns.models import Signature
from crm.campaigns.sheets import Sheet
from crm.people.entering import enter, lookalikes
from crm.people.models import Supporter
from crm.people.operations import EmailTaken, record_change
from crm.people.standing import standing
from crm.privacy.models import Channel, Wording
from crm.privacy.telling import write_down

Status = Signature.Status


class NoLineLeft(Exception):
    """Every valid line of the sheet is named, or the sheet is one that is never named."""


class SignedAlready(Exception):
    """This person stands among the signers by `signature`: the line is to be struck out."""

    def __init__(self, signature: Signature) -> None:
        super().__init__(signature.pk)
        self.signature = signature


class LooksLike(Exception):
    """Somebody we know may be meant: `people`. Nothing was written."""

    def __init__(self, people: list[Supporter]) -> None:
        super().__init__(len(people))
        self.people = people


@transaction.atomic
def name_new(
    *,
    sheet: Sheet,
    person: dict[str, str],
    at: datetime,
    by: Any = None,
    is_somebody_else: bool = False,
    wording: Wording | None = None,
) -> Signature:
    """Name a line by somebody we may not know yet. Who has the address already is them.

    Raises LooksLike, unless `is_somebody_else`, and what `name_line` raises.
    """
    told: dict[str, Any] = {**person, "language": sheet.language}
    try:
        alike = [] if is_somebody_else else lookalikes(at=at, **told)
        if alike:
            raise LooksLike(alike)
        with transaction.atomic():
            who = enter(at=at, by=by, is_somebody_else=is_somebody_else, **told)
    except EmailTaken as taken:
        who = Supporter.objects.get(pk=taken.supporter_id)
    return name_line(sheet=sheet, supporter=who, at=at, by=by, wording=wording)


@transaction.atomic
def name_line(
    *,
    sheet: Sheet,
    supporter: Supporter,
    at: datetime,
    by: Any = None,
    wording: Wording | None = None,
) -> Signature:
    """Write down who stands on a line. No mail goes out; `wording` is of a box ticked on the paper.

    Raises NoLineLeft, SheetGone, SignedAlready, and privacy.telling.NotTaken for the box.
    """
    person = standing(supporter)
    locked = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if locked.withdrawn_at is not None:
        raise SheetGone(locked.pk)
    if locked.way != Signature.Way.PAPER or locked.named.count() >= locked.valid:
        raise NoLineLeft(locked.pk)
    signature = taken_over(locked, person, at=at) or signed_on(locked, person, at=at)
    record_change(supporter=person, kind="signature.confirmed", at=at)
    audit.log("sheet.named", locked, by=by, at=at, signature=signature.pk)
    if wording is not None:
        agree(locked, person, wording, at=at, by=by)
    return signature


def signed_on(sheet: Sheet, person: Supporter, *, at: datetime) -> Signature:
    """Write the signature of a line, where the sheet is counted."""
    return Signature.objects.create(
        campaign_id=sheet.campaign_id, supporter=person, modified_at=at, **facts_of(sheet, at)
    )


def taken_over(sheet: Sheet, person: Supporter, *, at: datetime) -> Signature | None:
    """Let the paper confirm what was signed online and never confirmed. Raises SignedAlready."""
    signed = Signature.objects.select_for_update()
    found = signed.filter(campaign=sheet.campaign_id, supporter=person).first()
    if found is None:
        return None
    if found.status in {Status.CONFIRMED, Status.WITHDRAWN}:
        raise SignedAlready(found)
    for name, value in (facts_of(sheet, at) | {"modified_at": at}).items():
        setattr(found, name, value)
    found.save()
    return found


def facts_of(sheet: Sheet, at: datetime) -> dict[str, Any]:
    moment = moment_of(sheet, at)
    return {
        "sheet": sheet,
        "way": Signature.Way.PAPER,
        "status": Status.CONFIRMED,
        "source_id": sheet.source_id,
        "referrer_id": None,  # paper has no link
        "generation": 0,
        "language": sheet.language,
        "country": sheet.country,
        "region": sheet.region,
        "signed_at": moment,
        "confirmed_at": moment,
    }


def agree(sheet: Sheet, person: Supporter, wording: Wording, *, at: datetime, by: Any) -> None:
    """Write down the box that was ticked on the paper, and by which number the paper is found."""
    write_down(
        supporter=person,
        given=True,
        purpose=wording.purpose,
        channel=Channel.EMAIL,
        wording=wording,
        parent_name="",
        source="staff:paper",
        evidence={"said": "paper", "sheet": sheet.number},
        at=moment_of(sheet, at),
        by=by,
    )
