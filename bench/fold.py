"""Folding the money of many gifts into the daily tallies: a second per so many, also for ten times.

Runs against Soutien's own code in a process of its own, with the deltas of a year's gifts.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

import psycopg

from bench import servers
from bench.result import Result

FEW, MANY, ROUNDS = 10_000, 100_000, 5
EMPTY = "TRUNCATE crm_giftdelta, crm_gifttally, crm_giftsourcetally"
# A payment and its fee per gift, spread over a year, as operations write them.
FILL = """
INSERT INTO crm_giftdelta (day, campaign_id, currency, is_recurring, gifts, gross, fees, refunds)
SELECT date '2026-01-01' + (n %% 365), NULL, 'EUR', n %% 3 = 0,
       part, part * 2500, (part - 1) * 60, 0
FROM generate_series(1, %s) AS n, generate_series(0, 1) AS part
"""
FOLD = """
import time
import django
django.setup()
from crm.donations import tallies
began = time.perf_counter()
while tallies.fold():
    pass
print(time.perf_counter() - began)
"""
EXACT = "SELECT sum(gifts), sum(gross), sum(fees) FROM crm_gifttally"


def fold(environment: dict[str, str], gifts: int) -> float:
    """Return the seconds that the deltas of so many gifts take."""
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(EMPTY)
        database.execute(FILL, [gifts])
        answer = subprocess.run(  # noqa: S603 (our own command line)
            [sys.executable, "-c", FOLD],
            cwd=servers.ROOT,
            env={**environment, "DJANGO_SETTINGS_MODULE": "crm.settings"},
            check=True,
            capture_output=True,
            text=True,
        )
        sums = database.execute(EXACT).fetchone()
        if sums != (gifts, gifts * 2500, gifts * -60):
            raise AssertionError(f"{gifts} gifts were folded into {sums}")
    return float(answer.stdout)


def measure() -> Iterator[Result]:
    with servers.database() as environment:
        pairs = [(fold(environment, FEW), fold(environment, MANY)) for _ in range(ROUNDS)]
    few, many = (median(side) for side in zip(*pairs, strict=True))
    ratio = round(many / MANY / (few / FEW), 2)
    details = {"seconds_of_few": round(few, 3), "cores": os.cpu_count() or 0}
    yield Result("fold", round(many, 3), "s", f"per gift, {FEW:,} gifts", ratio, details)
