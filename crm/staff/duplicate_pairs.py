"""A pair that may be one person, side by side, as far as the reader may see it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.access import may_see
from crm.people.duplicates import Suspicion
from crm.people.explaining import Reason, reasons
from crm.people.models import Supporter

GUARDED = ("birth_date", "addresses", "phones")
SIDES = ("first", "second")


class Row(NamedTuple):
    """What one field says of both."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return bool(self.first and self.second) and self.first != self.second


class Pair(NamedTuple):
    suspicion: Suspicion
    percent: int
    rows: list[Row]
    reasons: list[Reason]


def with_both(suspicions: QuerySet[Suspicion]) -> QuerySet[Suspicion]:
    """Have both records fetched at once, with how they are reached."""
    related = suspicions.select_related(*SIDES, "decided_by")
    return related.prefetch_related(
        *(f"{side}__{rows}" for side in SIDES for rows in ("emails", "phones", "addresses"))
    )


def pairs(suspicions: Iterable[Suspicion], reader: Any) -> list[Pair]:
    """Return what the page shows of each pair to a reader."""
    hidden = frozenset(field for field in GUARDED if not may_see(reader, field))
    return [
        Pair(each, percent(each.score), rows(each, hidden), reasons(each.evidence, hidden))
        for each in suspicions
    ]


def percent(score: float) -> int:
    """Return a probability in whole per cent, of which 100 would be a certainty."""
    return min(int(score * 100), 99)


def rows(suspicion: Suspicion, hidden: frozenset[str]) -> list[Row]:
    """Return the fields of which at least one of the two says anything."""
    sides = [told(supporter, hidden) for supporter in (suspicion.first, suspicion.second)]
    both = [Row(label, sides[0][label], sides[1][label]) for label in sides[0]]
    return [row for row in both if row.first or row.second]


def told(supporter: Any, hidden: frozenset[str]) -> dict[str, str]:
    """Return what is shown of one record, each line under its name."""
    lines = {
        _("Name"): str(supporter),
        _("E-mail"): joined(supporter.emails.all()) or supporter.email,
        _("Date of birth"): day(supporter.birth_date),
        _("Telephone"): joined(supporter.phones.all()),
        _("Address"): joined(supporter.addresses.all()),
        _("Lives in"): place(supporter),
        _("Language"): supporter.get_language_display(),
        _("Known since"): day(timezone.localtime(supporter.created_at).date()),
    }
    guarded = dict(zip(GUARDED, (_("Date of birth"), _("Address"), _("Telephone")), strict=True))
    for field in hidden:
        del lines[guarded[field]]
    return lines


def place(supporter: Supporter) -> str:
    return " ".join(filter(None, [str(supporter.country), supporter.postcode]))


def day(value: Any) -> str:
    return date_format(value, "DATE_FORMAT") if value else ""


def joined(contact_points: Any) -> str:
    return "; ".join(sorted(str(point) for point in contact_points))
