"""What may happen to batches: opened, filled in, and posted once, when all of it adds up."""

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import transaction

from crm import audit
from crm.donations.batches import Batch, BatchRow
from crm.donations.models import Gift
from crm.donations.operations import record_gift
from crm.lib import contact
from crm.lib.periods import noon
from crm.people.models import Supporter
from crm.people.operations import register

PERSON = ("given_name", "family_name", "email", "postcode")
ROW = ("supporter_id", *PERSON, "amount", "fund_id", "is_anonymous", "is_new")
MOST_NAMESAKES = 1000


class BatchClosed(Exception):
    """The batch was posted; its gifts are in the books."""


class BatchChanged(Exception):
    """Somebody else saved the rows since this page was opened."""


class DoesNotAddUp(Exception):
    """What was entered is not what was counted."""

    def __init__(self, entered: "Sums", expected: "Sums") -> None:
        super().__init__(f"{entered} {expected}")
        self.entered, self.expected = entered, expected


class NotComplete(Exception):
    """Rows that cannot become gifts, by position: amount, donor, gone, known or fund (`lacks`)."""

    def __init__(self, rows: dict[int, str]) -> None:
        super().__init__(str(rows))
        self.rows = rows


class Sums(NamedTuple):
    number: int
    total: int


@transaction.atomic
def open_batch(*, at: datetime, by: Any = None, **fields: Any) -> Batch:
    """Begin a stack, with what it was counted to hold."""
    batch = Batch.objects.create(opened_at=at, opened_by=by, **fields)
    told = {"count": batch.expected_count, "total": batch.expected_total}
    audit.log("batch.opened", batch, by=by, at=at, **told)
    return batch


@transaction.atomic
def save_rows(*, batch: Batch, rows: list[BatchRow], version: int) -> Batch:
    """Keep the rows of an open batch as they stand, in this order.

    Raises BatchClosed, and BatchChanged when `version` is not the one that stands there. The same
    rows sent twice are no change.
    """
    locked = lock_open(batch)
    before = [content(row) for row in locked.rows.order_by("position")]
    if before == [content(row) for row in rows]:
        return locked
    if version != locked.version:
        raise BatchChanged
    locked.rows.all().delete()
    for position, row in enumerate(rows, start=1):
        row.pk, row.batch, row.position = None, locked, position
    BatchRow.objects.bulk_create(rows)
    locked.version += 1
    locked.save(update_fields=["version"])
    return locked


@transaction.atomic
def post_batch(*, batch: Batch, at: datetime, by: Any = None) -> Batch:
    """Make each row a gift, all or none. A posted batch stays as it is.

    Raises DoesNotAddUp, and NotComplete.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.posted_at is not None:
        return locked
    rows = list(locked.rows.select_related("supporter", "fund").order_by("position"))
    entered, expected = sums(rows), Sums(locked.expected_count, locked.expected_total)
    if entered != expected:
        raise DoesNotAddUp(entered, expected)
    if missing := lacking(rows):
        raise NotComplete(missing)
    give(locked, rows, at=at)
    locked.posted_at = at
    locked.save(update_fields=["posted_at"])
    audit.log("batch.posted", locked, by=by, at=at, count=entered.number, total=entered.total)
    return locked


@transaction.atomic
def discard_batch(*, batch: Batch, at: datetime, by: Any = None) -> None:
    """Throw away a batch that was not posted. Twice is harmless. Raises BatchClosed."""
    locked = Batch.objects.select_for_update().filter(pk=batch.pk).first()
    if locked is None:
        return
    if locked.posted_at is not None:
        raise BatchClosed
    audit.log("batch.discarded", locked, by=by, at=at, rows=locked.rows.count())
    locked.delete()


def lock_open(batch: Batch) -> Batch:
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.posted_at is not None:
        raise BatchClosed
    return locked


def content(row: BatchRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in ROW)


def sums(rows: list[BatchRow]) -> Sums:
    """How many gifts were entered, and what they add up to."""
    return Sums(len(rows), sum(row.amount or 0 for row in rows))


def lacking(rows: list[BatchRow]) -> dict[int, str]:
    """What stands in the way of each row, by its position."""
    known = namesakes(rows)
    found = {row.position: lacks(row, known) for row in rows}
    return {position: reason for position, reason in found.items() if reason}


def lacks(row: BatchRow, known: dict[int, list[Supporter]]) -> str:
    """Return the first thing that keeps a row from becoming a gift, or nothing."""
    who = row.supporter
    is_gone = who is not None and (who.erased_at or who.merged_into_id)
    fund = row.fund or row.batch.fund
    reasons = {
        "amount": row.amount is None,
        "donor": who is None and not any(getattr(row, name) for name in PERSON[:3]),
        "gone": is_gone,
        "known": is_open_question(row, known.get(row.position, [])),
        "fund": fund is not None and not fund.is_open,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def is_open_question(row: BatchRow, known: list[Supporter]) -> bool:
    """Whether staff must still say if a row is somebody we know.

    Who has the same address cannot be somebody else.
    """
    return any(not row.is_new or (row.email and row.email == each.email) for each in known)


def namesakes(rows: list[BatchRow]) -> dict[int, list[Supporter]]:
    """Whom we know that the new donors of some rows may be, by position, in two queries."""
    new = [row for row in rows if row.supporter_id is None]
    names = {folded_name(row) for row in new} - {""}
    people = Supporter.objects.current()
    asked = " | ".join(f"({name.replace(' ', ' & ')})" for name in sorted(names))
    alike = SearchQuery(asked, config="simple", search_type="raw")
    known = list(people.filter(search=alike).order_by("pk")[:MOST_NAMESAKES]) if asked else []
    emails = {row.email for row in new} - {""}
    known += people.filter(email__in=emails).exclude(pk__in=[each.pk for each in known])
    by_name: dict[str, list[Supporter]] = {}
    for each in known:
        by_name.setdefault(folded_name(each), []).append(each)
    by_email = {each.email: each for each in known if each.email}
    found = {row.position: alike_to(row, by_name, by_email) for row in new}
    return {position: several[:3] for position, several in found.items() if several}


def alike_to(
    row: BatchRow, by_name: dict[str, list[Supporter]], by_email: dict[str, Supporter]
) -> list[Supporter]:
    """Whom a new donor may be: who has the address, or the name and no other postcode."""
    same = [by_email[row.email]] if row.email in by_email else []
    name = folded_name(row)
    namesake = by_name.get(name, []) if name else []
    near = [
        each
        for each in namesake
        if not row.postcode or not each.postcode or row.postcode == each.postcode
    ]
    return same + [each for each in near if each not in same]


def folded_name(of: BatchRow | Supporter) -> str:
    return " ".join(contact.words(f"{of.given_name} {of.family_name}"))


def give(batch: Batch, rows: list[BatchRow], *, at: datetime) -> None:
    """Write the gifts; who stands in two rows as somebody new is one person."""
    moment = min(noon(batch.received_on), at)
    newcomers: dict[tuple[Any, ...], Supporter] = {}
    for row in rows:
        giver = row.supporter or newcomers.get(identity(row)) or newcomer(batch, row, at=at)
        newcomers[identity(row)] = giver
        row.supporter = giver
        row.gift = record_gift(
            reference=f"batch:{batch.public_id}:{row.position}",
            supporter=giver,
            amount=row.amount or 0,
            currency="EUR",
            method=batch.method,
            status=Gift.Status.PAID,
            given_at=moment,
            paid_at=moment,
            at=at,
            campaign=batch.campaign,
            thank=batch.thank,
            fund=row.fund or batch.fund,
            is_anonymous=row.is_anonymous,
        )
        for name in PERSON:  # from now on the supporter says it
            setattr(row, name, "")
    BatchRow.objects.bulk_update(rows, ["supporter", "gift", *PERSON])


def identity(row: BatchRow) -> tuple[Any, ...]:
    """By what two rows are the same new person; who is another one is only themselves."""
    if row.supporter_id:
        return ("known", row.supporter_id)
    return (folded_name(row), row.email, row.postcode, row.position if row.is_new else 0)


def newcomer(batch: Batch, row: BatchRow, *, at: datetime) -> Supporter:
    fields = {name: getattr(row, name) for name in PERSON}
    country = "BE" if row.postcode else ""
    source = f"batch:{batch.pk}"
    return register(at=at, language=batch.language, country=country, source=source, **fields)
