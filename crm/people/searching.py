"""The search for duplicates through everybody, with how far it is. Only its job imports this."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from crm.people import linkage, organisations
from crm.people.deciding import merge_by_rule
from crm.people.duplicates import MatchRun, Suspicion
from crm.people.gathering import compared, individuals
from crm.people.levels import Person
from crm.people.matching import Pair, rule, suspect
from crm.people.scoring import SUSPECT_FROM, Frequencies, Score, model, score, weight_of

WRITTEN = 1_000  # pairs at once


def search(*, run: MatchRun, folder: Path, at: datetime) -> None:
    """Compare everybody with everybody: who is likely one person is there to decide."""
    total = individuals().count()
    tell(run, "reading", 0, total)
    with linkage.opened(folder) as connection:
        linkage.fill(connection, compared(individuals()), lambda done: tell(run, "reading", done))
        known = linkage.frequencies(connection)
        remember(known)
        tell(run, "comparing", 0, linkage.PARTS)
        parts = linkage.pairs_in_parts(connection, model(), known, weight=weight_of(SUSPECT_FROM))
        found: list[linkage.Found] = []
        for done, part in enumerate(parts, 1):
            found += part
            tell(run, "comparing", done)
        people = linkage.people_of(connection, found)
    write(run, [*likely(found, people, known), *doubles()], at=at)


def likely(found: list[linkage.Found], people: dict[int, Person], known: Frequencies) -> list[Pair]:
    """Return the pairs with what speaks for and against each."""
    scored: list[tuple[int, int, Score]] = [
        (one, other, score(people[one], people[other], known)) for one, other, _weight in found
    ]
    return [Pair(one, other, each.probability, each.evidence) for one, other, each in scored]


def doubles() -> Iterator[Pair]:
    for pair in organisations.doubles():
        yield Pair(*pair, organisations.SAME, organisations.EVIDENCE)


def remember(known: Frequencies) -> None:
    """Keep what newcomers are judged by."""
    row = rule()
    row.frequencies = {"people": known.people, "shares": known.shares}
    row.save(update_fields=["frequencies"])


def write(run: MatchRun, pairs: list[Pair], *, at: datetime) -> None:
    """Keep what was found, and merge what the rule calls sure."""
    rows, done = iter(pairs), 0
    tell(run, "writing", 0, len(pairs))
    while chunk := list(islice(rows, WRITTEN)):
        found = suspect(chunk, at=at)
        run.merged += merge_by_rule(found, at=at)
        done += len(chunk)
        tell(run, "writing", done)
    forget(pairs, at=at)
    run.found = len(pairs)
    run.save(update_fields=["found", "merged"])


@transaction.atomic
def forget(pairs: list[Pair], *, at: datetime) -> None:
    """Drop what was to decide before this search, and is not likely any more."""
    likely = {(pair.first, pair.second) for pair in pairs}
    waiting = Suspicion.objects.filter(state=Suspicion.State.OPEN, found_at__lt=at)
    gone = [
        key
        for key, *pair in waiting.values_list("pk", "first_id", "second_id")
        if tuple(pair) not in likely
    ]
    Suspicion.objects.filter(pk__in=gone, state=Suspicion.State.OPEN).delete()


def tell(run: MatchRun, stage: str, done: int, total: int | None = None) -> None:
    """Say how far the search is."""
    run.stage, run.done = stage, done
    run.total = run.total if total is None else total
    run.beat_at = timezone.now()
    run.save(update_fields=["stage", "done", "total", "beat_at"])
