"""Finding people who are written down twice: newcomers as they come, and everybody in one search.

An exact e-mail address is the same person, and never comes this far. For the rest a trained model
gives each pair a probability (`scoring`, `comparing`); who is likely to be one person is a
`Suspicion` that staff decide, or that the rule merges.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from crm.people import organisations
from crm.people.duplicates import MatchRule, Suspicion
from crm.people.gathering import candidates, persons
from crm.people.models import Change, Supporter
from crm.people.scoring import SUSPECT_FROM, Evidence, Frequencies, score

# Lines of the feed after which we look again.
TOLD = (
    "registered",
    "corrected",
    "phone.added",
    "phone.changed",
    "address.added",
    "address.changed",
)
BATCH = 200  # newcomers in one transaction
# More newcomers than this at once, as after an import: a search through everybody is quicker.
MANY = 2_000


class Pair(NamedTuple):
    first: int
    second: int
    score: float
    evidence: list[Evidence]


def rule() -> MatchRule:
    """The one rule there is."""
    return MatchRule.objects.get_or_create(pk=1)[0]


def frequencies() -> Frequencies:
    """What the last search counted; before the first, nothing is frequent."""
    kept = rule().frequencies or {}
    return Frequencies(kept.get("people", 0), kept.get("shares", {}))


def suspect(pairs: Iterable[Pair], *, at: datetime) -> list[Suspicion]:
    """Pairs that may be one person are there to decide; what was decided stays decided."""
    rows = [
        Suspicion(
            first_id=pair.first,
            second_id=pair.second,
            score=pair.score,
            evidence=[each._asdict() for each in pair.evidence],
            found_at=at,
        )
        for pair in pairs
    ]
    Suspicion.objects.bulk_create(
        rows,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["score", "evidence"],
    )
    return rows


@transaction.atomic
def match_one(supporter: Supporter, *, at: datetime) -> list[Suspicion]:
    """Compare one supporter with everybody; who may be the same person is there to decide.

    What was to decide about them, and is not likely any more, is gone.
    """
    waiting = Suspicion.objects.filter(
        Q(first=supporter) | Q(second=supporter), state=Suspicion.State.OPEN
    )
    suspected = [(each.first_id, each.second_id) for each in waiting]
    pairs = pairs_of(supporter, {key for pair in suspected for key in pair})
    likely = {(pair.first, pair.second) for pair in pairs}
    for first, second in set(suspected) - likely:
        waiting.filter(first=first, second=second).delete()
    return suspect(pairs, at=at)


def pairs_of(supporter: Supporter, suspected: set[int]) -> list[Pair]:
    """Return the likely doubles of one supporter."""
    if supporter.kind == Supporter.Kind.ORGANISATION:
        return [
            Pair(*keys, organisations.SAME, organisations.EVIDENCE)
            for keys in organisations.doubles_of(supporter)
        ]
    people = persons({supporter.pk, *suspected, *candidates(supporter)})
    one, known = people.pop(supporter.pk, None), frequencies()
    scores = {key: score(one, other, known) for key, other in people.items()} if one else {}
    return [
        Pair(min(key, supporter.pk), max(key, supporter.pk), each.probability, each.evidence)
        for key, each in scores.items()
        if each.probability >= SUSPECT_FROM
    ]


@transaction.atomic
def match_newcomers(*, at: datetime) -> tuple[list[Suspicion], bool]:
    """Compare who came or changed since the last time; return what was found, and if more came.

    The place in the change feed moves on in the same transaction, so nobody is left out.
    """
    reader = MatchRule.objects.select_for_update().get(pk=rule().pk)
    lines = list(unread(reader).values("transaction", "id", "supporter_id")[:BATCH])
    if not lines:
        return [], False
    found: list[Suspicion] = []
    wanted = {line["supporter_id"] for line in lines}
    for supporter in Supporter.objects.current().filter(pk__in=wanted).order_by("pk"):
        found += match_one(supporter, at=at)
    move_on(reader, lines[-1]["transaction"], lines[-1]["id"])
    return found, len(lines) == BATCH


def unread(reader: MatchRule):
    """The lines of the feed that were not read yet, and tell of somebody to compare."""
    place = Q(transaction__gt=reader.read_transaction) | Q(
        transaction=reader.read_transaction, id__gt=reader.read_change
    )
    return Change.objects.settled().filter(place, kind__in=TOLD)


def are_many() -> bool:
    """Whether so many came that a search through everybody is quicker."""
    return unread(rule()).values("id")[MANY : MANY + 1].exists()


def read_all() -> None:
    """Pass over what a search through everybody is about to see."""
    reader = MatchRule.objects.select_for_update().get(pk=rule().pk)
    last = unread(reader).reverse().values_list("transaction", "id").first()
    if last:
        move_on(reader, *last)


def move_on(reader: MatchRule, transaction_id: int, change: int) -> None:
    """Remember how far the feed was read."""
    reader.read_transaction, reader.read_change = transaction_id, change
    reader.save(update_fields=["read_transaction", "read_change"])
