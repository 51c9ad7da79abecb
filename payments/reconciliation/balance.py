"""Line by line: what Stripe's balance says of a movement of money, and what our entries say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from crm.donations.models import Entry, Gift
from payments import gateway, listing
from payments.books import Difference, PayoutLine
from payments.listing import BalanceLine
from payments.reconciliation.differences import Finding, Kind, written
from payments.reconciliation.following import Walk, attempt, began_here

LATE = timedelta(days=2)  # by then Stripe has booked what it took
OURS = Sum(Coalesce("settled_amount", "amount"))


@dataclass(frozen=True)
class Compared:
    """A line beside our books. A line of no gift of ours counts as Stripe tells it."""

    line: BalanceLine
    gift: Gift | None
    ours: int
    is_missing: bool = False  # it began here, but there is no gift of it

    @property
    def agrees(self) -> bool:
        return self.ours == self.line.net and not self.is_missing

    def finding(self, kind: str) -> Finding:
        return Finding(
            kind,
            self.line.id,
            self.gift,
            ours="" if self.is_missing else written(self.ours, self.line.currency),
            theirs=written(self.line.net, self.line.currency),
        )


def compare(walk: Walk, lines: list[BalanceLine]) -> list[Compared]:
    """Put lines beside our entries, once what can be repaired is repaired."""
    known = beside_ours(lines, missing=set())
    doubtful = {each.line.payment_id for each in known if not (each.gift and each.agrees)}
    strange = {each.line.payment_id for each in known if each.gift is None}
    ours = {each for each in doubtful - {""} if each not in strange or is_ours(walk, each)}
    for payment_id in ours:
        walk.follow(payment_id)
    return beside_ours(lines, missing=ours)


def is_ours(walk: Walk, payment_id: str) -> bool:
    """Say whether a payment of which there is no gift began on our form. In doubt it did."""
    answers: list[bool] = []
    if not is_told(walk, payment_id):
        found = attempt(lambda name, _at: answers.append(origin_is_here(name)), payment_id, walk.at)
        walk.findings += [found] if found else []
    return all(answers)


def origin_is_here(payment_id: str) -> bool:
    payment = gateway.fetch_payment(payment_id)
    if payment.plan_id:
        return began_here(gateway.fetch_promise(payment.plan_id).checkout_id)
    return began_here(payment.checkout_id)


def beside_ours(lines: list[BalanceLine], *, missing: set[str]) -> list[Compared]:
    """Put each line beside the sum of our entries that carry its id."""
    entries = Entry.objects.filter(transaction__in=[line.id for line in lines])
    sums = {
        row["transaction"]: row
        for row in entries.values("transaction", "gift_id").annotate(ours=OURS)
    }
    by_id = Gift.objects.in_bulk([row["gift_id"] for row in sums.values()])
    named = [f"stripe:{line.payment_id}" for line in lines]
    by_name = {gift.reference: gift for gift in Gift.objects.filter(reference__in=named)}
    found = []
    for line in lines:
        row = sums.get(line.id)
        gift = by_id[row["gift_id"]] if row else by_name.get(f"stripe:{line.payment_id}")
        ours = row["ours"] if row else 0 if gift else line.net
        is_missing = gift is None and line.payment_id in missing
        found.append(Compared(line, gift, ours, is_missing))
    return found


def compare_balance(walk: Walk, since: datetime) -> None:
    """Compare what moved in Stripe's balance since then, and what differed before.

    What a payout carried is compared with that payout.
    """
    lines = {line.id: line for line in listing.lines_since(since)}
    for reference in differing("txn_").difference(lines):
        try:
            lines[reference] = listing.fetch_line(reference)
        except gateway.Unknown:
            walk.looked_at.add(reference)
    carried = PayoutLine.objects.filter(transaction__in=lines).values_list("transaction", flat=True)
    loose = [lines[name] for name in lines.keys() - set(carried)]
    for each in compare(walk, loose):
        if not each.agrees and not is_told(walk, each.line.payment_id):
            kind = Kind.AMOUNT if each.gift and each.ours else Kind.MISSING_HERE
            walk.findings.append(each.finding(kind))
    walk.looked_at |= lines.keys()
    look_for_ours(walk, since, set(lines))


def differing(beginning: str, kind: str = "") -> set[str]:
    """Return what differed before, of those whose name begins so."""
    still = Difference.objects.open().filter(reference__startswith=beginning)
    return set((still.filter(kind=kind) if kind else still).values_list("reference", flat=True))


def is_told(walk: Walk, payment_id: str) -> bool:
    """Say whether what is wrong with a payment as a whole is found already."""
    return any(each.reference in {payment_id, f"stripe:{payment_id}"} for each in walk.findings)


def look_for_ours(walk: Walk, since: datetime, theirs: set[str]) -> None:
    """Find entries of ours for which Stripe booked nothing."""
    before = differing("", Kind.MISSING_THERE)
    entries = Entry.objects.filter(reference__startswith="stripe:").select_related("gift")
    booked = entries.filter(at__gte=since) | entries.filter(transaction__in=before)
    for entry in booked.exclude(transaction__in=["", *theirs]):
        walk.findings += unknown_there(entry, walk)
    for entry in unbooked(entries, walk.at):
        walk.follow(entry.gift.reference.removeprefix("stripe:"))
    walk.findings += [absent(entry, entry.reference) for entry in unbooked(entries, walk.at)]
    walk.looked_at |= before


def unbooked(entries: QuerySet[Entry], at: datetime) -> QuerySet[Entry]:
    return entries.filter(transaction="", at__lt=at - LATE)


def unknown_there(entry: Entry, walk: Walk) -> Iterator[Finding]:
    if entry.transaction in walk.looked_at:
        return
    walk.looked_at.add(entry.transaction)
    try:
        listing.fetch_line(entry.transaction)
    except gateway.Unknown:
        yield absent(entry, entry.transaction)


def absent(entry: Entry, reference: str) -> Finding:
    ours = written(entry.amount, entry.currency)
    return Finding(Kind.MISSING_THERE, reference, entry.gift, ours=ours)
