"""Payout by payout: what it carried to the bank, beside our entries, to the cent."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from crm.donations.models import Entry
from payments import gateway, listing
from payments.books import Payout, PayoutLine
from payments.listing import StripePayout
from payments.operations import lock
from payments.reconciliation.balance import OURS, Compared, compare, differing
from payments.reconciliation.bank import match_payouts
from payments.reconciliation.differences import Finding, Kind, settle, written
from payments.reconciliation.following import Walk

PAYOUT_LOCK = 2824  # an advisory lock of our own, beside those of payments.operations
TURNS = timedelta(days=14)  # until then a payout that arrived may still be sent back
FINAL = {Payout.Status.PAID, Payout.Status.FAILED, Payout.Status.CANCELED}


def read_payouts(walk: Walk, since: datetime) -> int:
    """Read the payouts that are new, that changed or that did not add up; return how many."""
    found = {payout.id: payout for payout in listing.payouts_since(since)}
    again = doubtful()
    for payout_id in again.difference(found):
        found.update(fetch(payout_id))
    known = {payout.payout_id: payout for payout in Payout.objects.filter(payout_id__in=found)}
    new = [
        payout
        for payout in found.values()
        if payout.id in again or not is_settled(payout, known.get(payout.id))
    ]
    for payout in new:
        read_payout(walk, payout)
    return len(new)


def read_now(*, now: datetime) -> None:
    """Read what is new of payouts, outside a run, and find them on the bank statement."""
    walk = Walk(now)
    read_payouts(walk, now - TURNS)
    walk.settle()
    match_payouts(at=now)


def fetch(payout_id: str) -> dict[str, StripePayout]:
    try:
        return {payout_id: listing.fetch_payout(payout_id)}
    except gateway.Unknown:
        return {}


def is_settled(payout: StripePayout, known: Payout | None) -> bool:
    """Say whether a payout was compared as it stands now, and will not change."""
    if known is None or known.checked_at is None:
        return False
    return known.status == payout.status and payout.status in FINAL


def doubtful() -> set[str]:
    """Return the payouts not final yet, those that differed, and those that do not agree now."""
    odd = differing("po_", Kind.PAYOUT) | differing("txn_", Kind.PAYOUT)
    ours = Entry.objects.filter(transaction=OuterRef("transaction")).values("transaction")
    lines = PayoutLine.objects.annotate(ours=Subquery(ours.annotate(ours=OURS).values("ours")))
    differ = lines.exclude(gift=None).exclude(ours=F("net")) | lines.filter(transaction__in=odd)
    return {
        *(name for name in odd if name.startswith("po_")),
        *Payout.objects.unfinished().values_list("payout_id", flat=True),
        *differ.values_list("payout__payout_id", flat=True),
    }


def read_payout(walk: Walk, payout: StripePayout) -> None:
    """Write down a payout with its lines, and what does not agree."""
    lines = listing.lines_of(payout.id) if payout.has_lines else []
    compared = compare(walk, lines)
    with transaction.atomic():
        lock(PAYOUT_LOCK, payout.id)
        keep(payout, compared, at=walk.at)
        looked_at = [payout.id, *(line.id for line in lines)]
        settle(findings(payout, compared), looked_at, kinds=[Kind.PAYOUT], at=walk.at)


def keep(payout: StripePayout, compared: list[Compared], *, at: datetime) -> None:
    stored, _is_new = Payout.objects.update_or_create(
        payout_id=payout.id,
        defaults={
            "amount": payout.amount,
            "currency": payout.currency,
            "status": payout.status,
            "created_at": payout.created_at,
            "arrives_on": payout.arrives_on,
            "lines_sum": lines_sum(compared) if payout.has_lines else None,
            "our_sum": our_sum(compared) if payout.has_lines else None,
            "checked_at": at,
        },
    )
    PayoutLine.objects.bulk_create(
        [line_of(stored, each) for each in compared],
        update_conflicts=True,
        unique_fields=["transaction"],
        update_fields=["payout", "gift"],
    )


def line_of(payout: Payout, compared: Compared) -> PayoutLine:
    line = compared.line
    return PayoutLine(
        transaction=line.id,
        payout=payout,
        kind=line.kind,
        source=line.source,
        amount=line.amount,
        fee=line.fee,
        net=line.net,
        currency=line.currency,
        at=line.at,
        gift=compared.gift,
    )


def lines_sum(compared: Iterable[Compared]) -> int:
    return sum(each.line.net for each in compared)


def our_sum(compared: Iterable[Compared]) -> int:
    return sum(0 if each.is_missing else each.ours for each in compared)


def findings(payout: StripePayout, compared: list[Compared]) -> list[Finding]:
    """Name each line that differs; and the payout, where its lines are not its amount."""
    found = [each.finding(Kind.PAYOUT) for each in compared if not each.agrees]
    if payout.has_lines and lines_sum(compared) != payout.amount:
        ours = written(lines_sum(compared), payout.currency)
        theirs = written(payout.amount, payout.currency)
        found.append(Finding(Kind.PAYOUT, payout.id, ours=ours, theirs=theirs))
    return found
