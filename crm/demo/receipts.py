"""Receipts for the gifts of money, numbered within each year in the order of their issue."""

from django.db import connection

# The first receipt of a gift is of what was paid; what went back voids it, and what was kept in
# spite of that is on a second one.
ISSUED = """
WITH issued AS (
    SELECT gift.id AS gift_id, gift.supporter_id, gift.currency, gift.amount,
           paid.at AS issued_at, back.at AS voided_at, FALSE AS is_second
    FROM crm_gift gift
    JOIN crm_entry paid ON paid.gift_id = gift.id AND paid.kind = 'payment'
    LEFT JOIN crm_entry back ON back.gift_id = gift.id AND back.kind IN ('refund', 'dispute')
    WHERE gift.kind = 'money'
    UNION ALL
    SELECT gift.id, gift.supporter_id, gift.currency, gift.amount + back.amount,
           back.at, NULL, TRUE
    FROM crm_gift gift
    JOIN crm_entry back ON back.gift_id = gift.id AND back.kind IN ('refund', 'dispute')
    WHERE gift.kind = 'money' AND gift.amount + back.amount > 0
), counted AS (
    SELECT issued.*,
           row_number() OVER (ORDER BY issued_at, gift_id, is_second) AS id,
           extract(year FROM issued_at AT TIME ZONE 'Europe/Brussels')::int AS year
    FROM issued
)
INSERT INTO crm_receipt (id, supporter_id, gift_id, year, number, language, amount, currency,
                         donor_name, lines, issued_at, voided_at, replaces_id)
SELECT receipt.id, receipt.supporter_id, receipt.gift_id, receipt.year,
       row_number() OVER (PARTITION BY receipt.year ORDER BY receipt.id),
       supporter.language, receipt.amount, receipt.currency,
       coalesce(nullif(trim(supporter.given_name || ' ' || supporter.family_name), ''),
                supporter.email),
       '[]', receipt.issued_at, receipt.voided_at,
       lag(receipt.id) OVER (PARTITION BY receipt.gift_id ORDER BY receipt.id)
FROM counted receipt
JOIN crm_supporter supporter ON supporter.id = receipt.supporter_id
"""
# Without indexes, the planner must know at least how many rows there are.
ANALYZE = "ANALYZE crm_supporter, crm_gift, crm_entry"
NUMBERING = """
SELECT setval(pg_get_serial_sequence('crm_receipt', 'id'), greatest(max(id), 1), count(*) > 0)
FROM crm_receipt
"""


def issue() -> None:
    """Write the receipts as if each was issued when its gift was paid."""
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE)
        cursor.execute(ISSUED)
        cursor.execute(NUMBERING)
