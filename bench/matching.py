"""Finding duplicates: how right it is on two labelled lists, and how fast on a long one.

FEBRL 3 is other people's list (Australian, with several mistakes a record), so its model is trained
on it without looking at the labels, as splink does it. Our list is judged by the model in the
repository, which was trained on other people. Both are cut at the one probability from which staff
are told of a pair. The search runs as its job does, in a process and a database of its own.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import servers
from bench.matching_lists import Pairs, febrl, own
from bench.result import Result
from crm.people import linkage, training
from crm.people.levels import Person
from crm.people.scoring import SUSPECT_FROM, Frequencies, model, weight_of

CUT = weight_of(SUSPECT_FROM)
SUPPORTERS, ROUNDS, NEWCOMERS = 102_911, 5, 200
# Runs the job in a process of its own; tells how long it took, its memory, and what it found.
SEARCH = """
import resource, time
import django
django.setup()
from pathlib import Path
from django.utils import timezone
from crm.people import runs
from crm.people.searching import search
run = runs.begin(run_id=runs.start(at=timezone.now()).pk, at=timezone.now())
began = time.perf_counter()
search(run=run, folder=Path("var"), at=timezone.now())
seconds = time.perf_counter() - began
runs.end(run=run, at=timezone.now())
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, run.found)
"""
MATCH = f"""
import statistics, time
import django
django.setup()
from django.utils import timezone
from crm.people.matching import match_one
from crm.people.models import Supporter
people = list(Supporter.objects.order_by("public_id")[:{NEWCOMERS}])
match_one(people[0], at=timezone.now())
taken = []
for each in people:
    began = time.perf_counter()
    match_one(each, at=timezone.now())
    taken.append(1000 * (time.perf_counter() - began))
print(statistics.median(taken), statistics.quantiles(taken, n=20)[-1])
"""


def measure() -> Iterator[Result]:
    yield f1_of_febrl()
    yield f1_of_own()
    with servers.database() as environment:
        run(environment, "-m", "bench.matching_people", str(SUPPORTERS))
        rounds = [search(environment) for _round in range(ROUNDS)]
        newcomer, slowest = run(environment, "-c", MATCH)
    seconds, memory, found = (median(each) for each in zip(*rounds, strict=True))
    cores = {"cores": os.cpu_count() or 0}
    details = {**cores, "pairs": found}
    yield Result("matching-scan", round(seconds, 1), "s", "at most 60", None, details)
    yield Result("matching-memory", round(memory, 0), "MB", "at most 2,000", None, cores)
    details = {**cores, "p95": round(slowest, 1)}
    yield Result("matching-newcomer", round(newcomer, 1), "ms", "at most 50", None, details)


def search(environment: dict[str, str]) -> list[float]:
    """Search everybody as for the first time."""
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("TRUNCATE crm_suspicion")
    return run(environment, "-c", SEARCH)


def run(environment: dict[str, str], *program: str) -> list[float]:
    """Run a program in Soutien's environment; return the numbers it printed."""
    answer = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, *program],
        cwd=servers.ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "crm.settings"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [float(each) for each in answer.stdout.split()]


def f1_of_febrl() -> Result:
    people, truth = febrl()
    with listed(people) as (database, known):
        shipped = linkage.pairs(database, model(), known, weight=CUT)
        trained, prior = training.train(database)
        judge = replace(known, estimated=prior)
        found = linkage.pairs(database, trained, judge, weight=CUT)
    result = judged("matching-f1", "FEBRL 3, trained on it without labels", found, truth)
    details = {**result.details, "model_of_the_repository": measures(shipped, truth)[2]}
    return replace(result, details=details)


def f1_of_own() -> Result:
    people, truth = own()
    with listed(people) as (database, known):
        found = linkage.pairs(database, model(), known, weight=CUT)
    return judged("matching-own-f1", "our list, judged by the repository's model", found, truth)


@contextmanager
def listed(people: list[Person]) -> Iterator[tuple[Any, Frequencies]]:
    """Yield a database with these people, and how frequent their names are."""
    with tempfile.TemporaryDirectory() as folder, linkage.opened(Path(folder)) as database:
        linkage.fill(database, people)
        yield database, linkage.frequencies(database)


def judged(name: str, against: str, found: list[tuple[int, int, float]], truth: Pairs) -> Result:
    precision, recall, f1 = measures(found, truth)
    return Result(name, f1, "", against, None, {"precision": precision, "recall": recall})


def measures(found: list[tuple[int, int, float]], truth: Pairs) -> tuple[float, float, float]:
    """Return precision, recall and F1 of pairs."""
    right = sum((one, other) in truth for one, other, _weight in found)
    precision, recall = right / len(found), right / len(truth)
    f1 = 2 * precision * recall / (precision + recall)
    return round(precision, 4), round(recall, 4), round(f1, 4)
