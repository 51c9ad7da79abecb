"""Which line of the bank statement a payout arrived on."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef

from crm.people.models import Identifier
from payments.books import Difference, Payout
from payments.reconciliation.differences import Finding, Kind, settle, written
from payments.statements import BankLine, BankStatement

EARLY, LATE = timedelta(days=1), timedelta(days=7)
ARRIVES = [Payout.Status.PAID, Payout.Status.IN_TRANSIT]
NAME = "STRIPE"


@transaction.atomic
def match_payouts(*, at: datetime) -> int:
    """Give payouts their line on the bank statement; return how many found theirs.

    Lines that name Stripe come first, then one that fits a payout which fits no other line.
    """
    waiting = Payout.objects.filter(status__in=ARRIVES, bank_line=None)
    payouts = list(waiting.select_for_update(of=("self",)).order_by("arrives_on", "pk"))
    lines = candidates(payouts)
    pairs = [*by_name(payouts, lines), *by_fit(payouts, lines)]
    for payout, line in pairs:
        payout.bank_line = line
        payout.save(update_fields=["bank_line"])
        line.state, line.matched_by, line.decided_at = BankLine.State.PAYOUT, "payout", at
        line.save(update_fields=["state", "matched_by", "decided_at"])
    look_for_missing(at=at)
    return len(pairs)


def candidates(payouts: list[Payout]) -> list[Any]:
    """Return the undecided lines that may be one of these; what has our communication is a gift.

    Each says whether it comes from the account of a donor (`is_donors`).
    """
    donors = Identifier.objects.filter(system="iban", value=OuterRef("payer_iban"))
    fitting = BankLine.objects.annotate(is_donors=Exists(donors)).filter(
        state=BankLine.State.WAITING,
        structured="",
        amount__in={payout.amount for payout in payouts},
    )
    return list(fitting.select_for_update(of=("self",)).order_by("booked_on", "pk"))


def by_name(payouts: list[Payout], lines: list[BankLine]) -> Iterator[tuple[Payout, BankLine]]:
    """Pair payouts with lines that name Stripe; whoever is paired is taken off its list."""
    for payout in list(payouts):
        line = next((each for each in lines if names_stripe(each) and fits(payout, each)), None)
        if line is not None:
            payouts.remove(payout)
            lines.remove(line)
            yield payout, line


def by_fit(payouts: list[Payout], lines: list[Any]) -> Iterator[tuple[Payout, BankLine]]:
    """Pair payouts with lines where each fits the other only; a donor's line is a gift."""
    for payout in payouts:
        own = [line for line in lines if fits(payout, line) and not line.is_donors]
        if len(own) == 1 and [each for each in payouts if fits(each, own[0])] == [payout]:
            yield payout, own[0]


def names_stripe(line: BankLine) -> bool:
    return NAME in f"{line.payer_name} {line.communication}".upper()


def fits(payout: Payout, line: BankLine) -> bool:
    is_same = (payout.amount, payout.currency) == (line.amount, line.currency)
    return is_same and payout.arrives_on - EARLY <= line.booked_on <= payout.arrives_on + LATE


def look_for_missing(*, at: datetime) -> None:
    """Find payouts that must have come by now: the statements of all those days are here."""
    unmatched = Payout.objects.filter(status=Payout.Status.PAID, bank_line=None)
    days = {currency: accounts(currency) for currency in {each.currency for each in unmatched}}
    missing = [
        Finding(
            Kind.NOT_AT_THE_BANK,
            payout.payout_id,
            theirs=written(payout.amount, payout.currency),
        )
        for payout in unmatched
        if is_covered(payout, days[payout.currency])
    ]
    before = Difference.objects.open().filter(kind=Kind.NOT_AT_THE_BANK)
    looked_at = list(before.values_list("reference", flat=True))
    settle(missing, looked_at, kinds=[Kind.NOT_AT_THE_BANK], at=at)


def accounts(currency: str) -> list[tuple[date, date]]:
    """Return the days whose statements we have, of each account that payouts may arrive on.

    Once one payout was found, it is the accounts where payouts are found.
    """
    statements = BankStatement.objects.filter(currency=currency)
    where = statements.filter(lines__payout__isnull=False).values("account")
    known = statements.filter(account__in=where) if where.exists() else statements
    days = known.values("account").annotate(first=Min("opened_on"), last=Max("closed_on"))
    return [(row["first"], row["last"]) for row in days]


def is_covered(payout: Payout, days: list[tuple[date, date]]) -> bool:
    arrived = payout.arrives_on
    return bool(days) and all(first <= arrived and arrived + LATE <= last for first, last in days)
