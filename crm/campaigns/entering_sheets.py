"""Sheets that staff enter, correct and withdraw: their valid lines count as soon as they stand.

Of its lines, those that are named and do not stand any more count no longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum

from crm import audit
from crm.campaigns.counting import SignatureDelta, Step
from crm.campaigns.models import Campaign, Signature, Source
from crm.campaigns.sheets import Sheet
from crm.campaigns.sources import Trail, source_of
from crm.lib.periods import local_day, noon
from crm.people.models import Supporter
from crm.people.operations import record_change

CHANNELS = ("street", "partner", "newsletter", "other")  # through which people find a sheet
PLACED = ("ends_on", "country", "region", "language", "source")  # where its lines are counted
FIELDS = (
    *("number", "begins_on", "ends_on", "place", "country", "region", "language"),
    *("lines", "valid", "struck", "note"),
)


class SheetsKnown(Exception):
    """Sheets with these `numbers` are there already. Nothing was written."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(numbers)
        self.numbers = list(numbers)


class DoesNotAddUp(Exception):
    """Lines are not valid + struck out, of the sheet with this `number`: off by `difference`."""

    def __init__(self, number: str, difference: int) -> None:
        super().__init__(number, difference)
        self.number, self.difference = number, difference


class NotCollectedYet(Exception):
    """A sheet's last day is still to come, or before its first."""


class MoreNamed(Exception):
    """More lines of the sheet are named than would be valid: `named`."""

    def __init__(self, named: int) -> None:
        super().__init__(named)
        self.named = named


class SheetGone(Exception):
    """The sheet was withdrawn."""


@transaction.atomic
def enter_sheets(
    *,
    campaign: Campaign,
    way: str,
    channel: str,
    rows: Sequence[Mapping[str, Any]],
    at: datetime,
    by: Any = None,
) -> list[Sheet]:
    """Write down sheets, all or none, and count their valid lines.

    `rows` have the fields of FIELDS. Raises SheetsKnown, DoesNotAddUp, NotCollectedYet.
    """
    told = {"campaign": campaign, "way": way, "source": source_for(channel, way)}
    new = [Sheet(**told, **row, entered_at=at, entered_by=by) for row in rows]
    refuse_known(campaign, [sheet.number for sheet in new])
    for sheet in new:
        check(sheet, today=local_day(at))
    made = Sheet.objects.bulk_create(new)
    append([delta_of(sheet, sheet.valid) for sheet in made])
    for sheet in made:
        audit.log("sheet.entered", sheet, by=by, at=at, valid=sheet.valid, way=way)
    return made


@transaction.atomic
def correct_sheet(
    *, sheet: Sheet, at: datetime, by: Any = None, channel: str = "", **fields: Any
) -> Sheet:
    """Write what is right; the counter follows by the difference. Named lines go with their sheet.

    Raises what `enter_sheets` raises, and MoreNamed, SheetGone.
    """
    locked, named = held(sheet)
    before, counted = delta_of(locked, 0), counted_by(locked, named)
    changed = [name for name, value in fields.items() if getattr(locked, name) != value]
    for name in changed:
        setattr(locked, name, fields[name])
    if channel and channel != locked.source.channel:
        locked.source = source_for(channel, locked.way)
        changed.append("source")
    if not changed:
        return locked
    if "number" in changed:
        refuse_known(locked.campaign, [locked.number])
    check(locked, today=local_day(at))
    if locked.valid < len(named):
        raise MoreNamed(len(named))
    locked.save(update_fields=changed)
    before.number = -counted
    append([before, delta_of(locked, counted_by(locked, named))])
    if {*changed} & {*PLACED}:
        take_along(locked, at=at)
    audit.log("sheet.corrected", locked, by=by, at=at, fields=changed)
    return locked


@transaction.atomic
def withdraw_sheet(*, sheet: Sheet, at: datetime, by: Any = None) -> bool:
    """Count a sheet no longer, on its day; its named lines are withdrawn. False if it was so."""
    try:
        locked, named = held(sheet)
    except SheetGone:
        return False
    append([delta_of(locked, -counted_by(locked, named))])
    locked.withdrawn_at = at
    locked.save(update_fields=["withdrawn_at"])
    standing = [each for each in named if each.status == Signature.Status.CONFIRMED]
    # No longer of the sheet: who signs again counts by themself.
    Signature.objects.filter(pk__in=[each.pk for each in named]).update(
        sheet=None,
        status=Signature.Status.WITHDRAWN,
        ended=Signature.Ended.STAFF,
        confirmed_at=None,
        modified_at=at,
    )
    for each in standing:
        record_change(supporter=each.supporter, kind="signature.withdrawn", at=at)
    audit.log("sheet.withdrawn", locked, by=by, at=at, valid=locked.valid, named=len(named))
    return True


def held(sheet: Sheet) -> tuple[Sheet, list[Signature]]:
    """Return a sheet and its named lines, which nobody changes before the end. Raises SheetGone."""
    # First the people, as whoever withdraws a signature takes them.
    people = Supporter.objects.select_for_update(no_key=True).order_by("pk")
    list(people.filter(signatures__sheet=sheet.pk).values_list("pk"))
    found = Sheet.objects.select_for_update(of=("self",)).select_related("source", "campaign")
    locked = found.get(pk=sheet.pk)
    if locked.withdrawn_at is not None:
        raise SheetGone(locked.pk)
    lines = locked.named.select_for_update(of=("self",)).select_related("supporter")
    return locked, list(lines.order_by("pk"))


def counted_by(sheet: Sheet, named: Iterable[Signature]) -> int:
    """How many lines of a sheet count."""
    return sheet.valid - sum(each.status != Signature.Status.CONFIRMED for each in named)


def refuse_known(campaign: Campaign, numbers: list[str]) -> None:
    """Raise SheetsKnown. Whoever gives numbers to sheets of the campaign after us waits."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    known = Sheet.objects.filter(campaign=campaign, number__in=numbers)
    twice = {number for number in numbers if numbers.count(number) > 1}
    if found := sorted({*known.values_list("number", flat=True), *twice}):
        raise SheetsKnown(found)


def check(sheet: Sheet, *, today: date) -> None:
    """Raise what is wrong with a sheet."""
    if difference := sheet.lines - sheet.valid - sheet.struck:
        raise DoesNotAddUp(sheet.number, difference)
    if sheet.ends_on > today or (sheet.begins_on and sheet.begins_on > sheet.ends_on):
        raise NotCollectedYet(sheet.number)


def summed(sheets: QuerySet[Sheet]) -> list[dict[str, Any]]:
    """Add sheets up: how many, and their lines, for each campaign and way."""
    rows = sheets.order_by().values("campaign", "way")
    sums = {name: Sum(name) for name in ("lines", "valid", "struck")}
    return [dict(row) for row in rows.annotate(sheets=Count("pk"), **sums)]


def source_for(channel: str, way: str) -> Source:
    return source_of(Trail(utm_source=channel, utm_medium=way))


def delta_of(sheet: Sheet, number: int) -> SignatureDelta:
    """Return the row that counts lines of a sheet, not yet written."""
    return SignatureDelta(
        campaign_id=sheet.campaign_id,
        day=sheet.ends_on,
        source_id=sheet.source_id,
        country=str(sheet.country),
        region=sheet.region,
        language=sheet.language,
        way=sheet.way,
        step=Step.CONFIRM,
        number=number,
    )


def append(deltas: list[SignatureDelta]) -> None:
    """Note what the counter counts more and less: of one place, one row with the difference."""
    sums: dict[tuple[Any, ...], SignatureDelta] = {}
    for delta in deltas:
        place = (delta.campaign_id, delta.day, delta.source_id, delta.country, delta.region)
        kept = sums.setdefault((*place, delta.language, delta.way), delta)
        if kept is not delta:
            kept.number += delta.number
    SignatureDelta.objects.bulk_create([delta for delta in sums.values() if delta.number])


def take_along(sheet: Sheet, *, at: datetime) -> None:
    """Let the named lines be where their sheet is counted."""
    placed = {name: getattr(sheet, name) for name in PLACED if name != "ends_on"}
    sheet.named.update(**placed)
    moment = moment_of(sheet, at)
    # Also those that a merge took out, who come back with it; when that was stays.
    sheet.named.update(signed_at=moment, confirmed_at=moment)
    sheet.named.filter(status=Signature.Status.CONFIRMED).update(modified_at=at)


def moment_of(sheet: Sheet, at: datetime) -> datetime:
    """When its lines were signed: nobody knows the hour of a line on paper."""
    return min(noon(sheet.ends_on), at)


def strike(*, line: Signature) -> None:
    """Strike a named line out that was withdrawn just now: it stands by itself, and not counted.

    The counter was told by whoever withdrew it.
    """
    sheet = Sheet.objects.select_for_update(of=("self",)).get(named=line)
    Sheet.objects.filter(pk=sheet.pk).update(valid=F("valid") - 1, struck=F("struck") + 1)
    # It counted since the sheet was entered, on the sheet's day (crm.campaigns.counted_at).
    since = max(line.signed_at, sheet.entered_at)
    Signature.objects.filter(pk=line.pk).update(sheet=None, signed_at=since)
