"""The money of each day: entries append deltas, a job folds them into daily tallies.

A gift's source and its donor's first one stay what they were when it was recorded: merging people
moves gifts to another record, but no money from one source to another.
"""

from django.db import connection

from crm.donations.models import Entry, GiftDelta

# Which rows is asked once, as an array: joined to the table, whose size the planner cannot know,
# it might be asked for each row anew.
FOLD = """
WITH delta AS (
    DELETE FROM crm_giftdelta WHERE id = ANY (ARRAY(
        SELECT id FROM crm_giftdelta ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )) RETURNING *
), by_source AS (
    INSERT INTO crm_giftsourcetally
        (day, campaign_id, source_id, first_source_id, currency, is_recurring,
         gifts, gross, fees, refunds)
    SELECT day, campaign_id, source_id, first_source_id, currency, is_recurring,
           sum(gifts), sum(gross), sum(fees), sum(refunds)
    FROM delta GROUP BY day, campaign_id, source_id, first_source_id, currency, is_recurring
    ORDER BY day, campaign_id, source_id, first_source_id, currency, is_recurring
    ON CONFLICT (day, campaign_id, source_id, first_source_id, currency, is_recurring)
    DO UPDATE SET
        gifts = crm_giftsourcetally.gifts + excluded.gifts,
        gross = crm_giftsourcetally.gross + excluded.gross,
        fees = crm_giftsourcetally.fees + excluded.fees,
        refunds = crm_giftsourcetally.refunds + excluded.refunds
), folded AS (
    INSERT INTO crm_gifttally
        (day, campaign_id, currency, is_recurring, gifts, gross, fees, refunds)
    SELECT day, campaign_id, currency, is_recurring,
           sum(gifts), sum(gross), sum(fees), sum(refunds)
    FROM delta GROUP BY day, campaign_id, currency, is_recurring
    ORDER BY day, campaign_id, currency, is_recurring
    ON CONFLICT (day, campaign_id, currency, is_recurring) DO UPDATE SET
        gifts = crm_gifttally.gifts + excluded.gifts,
        gross = crm_gifttally.gross + excluded.gross,
        fees = crm_gifttally.fees + excluded.fees,
        refunds = crm_gifttally.refunds + excluded.refunds
)
SELECT count(*) FROM delta
"""
COLUMN = {
    Entry.Kind.PAYMENT: "gross",
    Entry.Kind.FEE: "fees",
    Entry.Kind.REFUND: "refunds",
    Entry.Kind.DISPUTE: "refunds",
    Entry.Kind.REVERSAL: "refunds",
}


def append(entry: Entry) -> None:
    """Note an entry, on its day."""
    gift = entry.gift
    GiftDelta.objects.create(
        day=entry.day,
        campaign_id=gift.campaign_id,
        source_id=gift.source_id,
        first_source_id=gift.first_source_id,
        currency=entry.currency,
        is_recurring=gift.plan_id is not None,
        gifts=1 if entry.kind == Entry.Kind.PAYMENT else 0,
        **{COLUMN[Entry.Kind(entry.kind)]: entry.amount},
    )


def fold(*, batch: int = 10_000) -> int:
    """Move up to `batch` deltas into the tallies, in one statement; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, {"batch": batch})
        return cursor.fetchone()[0]
