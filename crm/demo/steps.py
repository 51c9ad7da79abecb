"""The steps of signers, as noting each would have counted them; and how many saw the pages."""

from collections import Counter
from datetime import date

from django.db import connection

from crm.campaigns.counting import Step, StepTally
from crm.campaigns.models import Source
from crm.demo.chance import dice
from crm.demo.copying import Table

# The forms sent, as far as the signatures are there; by source as all of this.
SENT = """
SELECT campaign_id, (signed_at AT TIME ZONE 'Europe/Brussels')::date, source_id, count(*)
FROM crm_signature WHERE way = 'online' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
TAKEN = """
INSERT INTO crm_steptally (campaign_id, step, day, source_id, number)
SELECT campaign_id, 'confirm', day, source_id, sum(number)
FROM demo_signed WHERE way = 'online' GROUP BY 1, 3, 4
UNION ALL
SELECT campaign_id, 'consent', day, source_id, sum(agreed)
FROM demo_signed WHERE agreed > 0 GROUP BY 1, 3, 4
UNION ALL
SELECT campaign_id, 'share', (at AT TIME ZONE 'Europe/Brussels')::date, source_id, count(*)
FROM (SELECT signature_id, min(at) AS at FROM crm_share GROUP BY 1) AS shared
JOIN crm_signature signature ON signature.id = signature_id GROUP BY 1, 3, 4
UNION ALL
SELECT campaign_id, 'bring', (at AT TIME ZONE 'Europe/Brussels')::date, source_id, count(*)
FROM (
    SELECT referrer_id, min(confirmed_at) AS at FROM crm_signature
    WHERE referrer_id IS NOT NULL AND status = 'confirmed' GROUP BY 1
) AS brought
JOIN crm_signature signature ON signature.id = brought.referrer_id GROUP BY 1, 3, 4
UNION ALL
SELECT campaign_id, step, (at AT TIME ZONE 'Europe/Brussels')::date, source_id, count(*)
FROM (
    SELECT supporter_id, 'give' AS step, min(entry.at) AS at
    FROM crm_entry entry JOIN crm_gift gift ON gift.id = gift_id
    WHERE entry.kind = 'payment' GROUP BY 1
    UNION ALL
    SELECT supporter_id, 'monthly', min(entry.at)
    FROM crm_entry entry JOIN crm_gift gift ON gift.id = gift_id
    WHERE entry.kind = 'payment' AND plan_id IS NOT NULL GROUP BY 1
) AS gave
JOIN crm_signature signature USING (supporter_id)
WHERE signature.status = 'confirmed' AND way = 'online' AND confirmed_at <= gave.at
GROUP BY 1, 2, 3, 4
"""
# Of those who see the page, how many send the form, by where they come from.
SENDS = {"newsletter": 0.46, "share": 0.34, "whatsapp": 0.33, "street": 0.62, "partner": 0.27,
    "direct": 0.3, "search": 0.24, "facebook": 0.19, "instagram": 0.13, "youtube": 0.11,
    "x": 0.12}  # fmt: skip
OTHERWISE = 0.2
TWICE = 0.013  # who had sent it before


def count(*, gone: Counter[tuple[int, date, int]]) -> None:
    """Fill the tally, which is empty; see crm.demo.tallies."""
    sent = Counter(gone)
    with connection.cursor() as cursor:
        cursor.execute(SENT)
        for campaign, day, source, number in cursor.fetchall():
            sent[campaign, day, source] += number
        write_before_signing(sent)  # which numbers its rows itself
        cursor.execute(TAKEN)


def write_before_signing(sent: Counter[tuple[int, date, int]]) -> None:
    """Write the forms sent, those sent again, and a likely number of those who saw the page."""
    rng, channels = dice("steps"), dict(Source.objects.values_list("pk", "channel"))
    table = Table(StepTally, "campaign_id", "day", "source_id", "step", "number")
    for (campaign, day, source), number in sorted(sent.items()):
        again = sum(rng.random() < TWICE for _each in range(min(number, 1000)))
        rate = SENDS.get(channels[source], OTHERWISE) * rng.uniform(0.85, 1.15)
        steps = {
            Step.SUBMIT: number,
            Step.REPEAT: again * max(1, number // 1000),
            Step.VIEW: max(round((number + again) / rate), number + again),
        }
        for step, each in steps.items():
            if each:
                table.add(campaign, day, source, step.value, each)
    table.finish()
