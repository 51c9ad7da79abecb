"""Stripe's books as they would be for the demo's gifts: weekly payouts that add up."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Sum

from crm.demo.moments import midnight
from crm.donations.models import Entry
from payments.books import Payout, Reconciliation

WEEKS = 4
# One line for what moved at once of a gift: its payment with the fee, or what went back.
LINES = """
INSERT INTO payments_payoutline
    (transaction, payout_id, kind, source, amount, fee, net, currency, at, gift_id)
SELECT entry.transaction, %(payout)s,
       CASE max(entry.kind) FILTER (WHERE entry.kind <> 'fee')
            WHEN 'refund' THEN 'refund' WHEN 'dispute' THEN 'adjustment' ELSE 'charge' END,
       gift.reference,
       sum(entry.amount) FILTER (WHERE entry.kind <> 'fee'),
       -coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'fee'), 0),
       sum(entry.amount), entry.currency, max(entry.at), gift.id
FROM crm_entry entry JOIN crm_gift gift ON gift.id = entry.gift_id
WHERE entry.transaction <> '' AND entry.at >= %(since)s AND entry.at < %(until)s
GROUP BY entry.transaction, entry.currency, gift.id, gift.reference
ORDER BY max(entry.at), entry.transaction
"""


def write(*, today: date) -> None:
    """Write the last weeks' payouts, all compared, and last night's comparison."""
    for weeks in range(WEEKS, 0, -1):
        pay_out(today - timedelta(days=7 * weeks - 5), today=today)
    night = midnight(today) - timedelta(hours=21)
    Reconciliation.objects.create(
        started_at=night,
        finished_at=night + timedelta(seconds=38),
        since=night - timedelta(days=1),
        until=night,
        events=events_of(night),
    )


def events_of(night: datetime) -> int:
    """Return how many signals of money came in the day before: one per movement, at least."""
    moved = Entry.objects.exclude(transaction="")
    return moved.filter(at__range=(night - timedelta(days=1), night)).count()


def pay_out(day: date, *, today: date) -> None:
    """Write the payout that arrived about a day, with what was paid in a week before."""
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    until = midnight(day - timedelta(days=3))
    payout = Payout.objects.create(
        payout_id=f"po_demo_{day:%Y%m%d}",
        amount=0,
        currency="EUR",
        status=Payout.Status.PAID,
        created_at=until + timedelta(hours=5),
        arrives_on=day,
        checked_at=min(midnight(day) + timedelta(hours=3), midnight(today) - timedelta(hours=21)),
    )
    with connection.cursor() as cursor:
        span = {"since": until - timedelta(days=7), "until": until}
        cursor.execute(LINES, {"payout": payout.pk, **span})
    total = payout.lines.aggregate(sum=Sum("net"))["sum"] or 0
    payout.amount = payout.lines_sum = payout.our_sum = total
    payout.save(update_fields=["amount", "lines_sum", "our_sum"])
