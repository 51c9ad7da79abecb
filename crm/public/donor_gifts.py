"""What donors see of their gifts: in words and amounts, year by year."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.donations.models import Entry, Gift
from crm.donations.papers import Receipt
from crm.lib.money import format_money
from crm.lib.periods import local_day
from crm.people.models import Supporter

WENT_BACK = [Entry.Kind.REFUND, Entry.Kind.DISPUTE, Entry.Kind.REVERSAL]


@dataclass(frozen=True)
class GiftLine:
    """One gift, as its donor reads it."""

    day: date
    amount: str
    purpose: str
    note: str
    receipt: Receipt | None


@dataclass
class Year:
    """The gifts of a year, newest first, and what was kept of them in each currency."""

    year: int
    lines: list[GiftLine] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def totals(self) -> list[str]:
        return [money(amount, currency) for currency, amount in sorted(self.sums.items())]


def money(amount: int, currency: str) -> str:
    return format_money(amount, currency, get_language() or "fr")


def years_of(donor: Supporter) -> list[Year]:
    """Return the years in which a donor gave, newest first."""
    years: dict[int, Year] = {}
    for gift in gifts_of(donor):
        day = gift.received_on or local_day(gift.given_at)
        year = years.setdefault(day.year, Year(day.year))
        year.lines.append(line_of(gift, day))
        if gift.status == Gift.Status.PAID and gift.kind != Gift.Kind.IN_KIND:
            year.sums[gift.currency] += gift.amount - gone_back(gift)
    for year in years.values():
        year.lines.sort(key=lambda line: line.day, reverse=True)
    return sorted(years.values(), key=lambda year: year.year, reverse=True)


def gifts_of(donor: Supporter) -> Iterable[Gift]:
    entries = Entry.objects.filter(kind__in=WENT_BACK)
    return (
        Gift.objects.filter(supporter=donor)
        .select_related("plan", "fund", "campaign")
        .prefetch_related(
            "campaign__texts",
            Prefetch("entries", entries, to_attr="went_back"),
            Prefetch("receipts", Receipt.objects.valid(), to_attr="valid_receipts"),
        )
        .order_by("-given_at", "-pk")
    )


def gone_back(gift: Gift) -> int:
    """Return what was refunded or charged back, less what came again."""
    entries: list[Entry] = gift.went_back  # type: ignore[attr-defined]
    return -sum(entry.amount for entry in entries if entry.currency == gift.currency)


def line_of(gift: Gift, day: date) -> GiftLine:
    receipts: list[Receipt] = gift.valid_receipts  # type: ignore[attr-defined]
    return GiftLine(
        day=day,
        amount=money(gift.amount, gift.currency),
        purpose=purpose_of(gift),
        note=note_on(gift),
        receipt=receipts[0] if receipts else None,
    )


def purpose_of(gift: Gift) -> str:
    """Say what was given, and what for."""
    if gift.kind == Gift.Kind.IN_KIND:
        return gift.description or _("Gift in kind")
    if gift.fund is not None:
        return gift.fund.name
    if gift.campaign is not None:
        return gift.campaign.text().title
    if gift.plan is not None:
        is_yearly = gift.plan.interval == gift.plan.Interval.YEAR
        return _("Yearly gift") if is_yearly else _("Monthly gift")
    return _("Gift")


def note_on(gift: Gift) -> str:
    """Say what a donor must know of a gift that did not simply arrive and stay."""
    if gift.status == Gift.Status.PROCESSING:
        return _("On its way: your bank has been asked.")
    if gift.status == Gift.Status.FAILED:
        return _("Did not go through: nothing was charged.")
    if gift.kind == Gift.Kind.IN_KIND:
        return _("In kind: the amount is its estimated value.")
    back = gone_back(gift)
    if back >= gift.amount:
        return _("Went back to you.")
    if back > 0:
        return _("%(amount)s of it went back to you.") % {"amount": money(back, gift.currency)}
    return ""
