"""What staff decide about pairs that may be one person, and what the rule decides for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Q

from crm import audit
from crm.people.contact_points import EmailAddress
from crm.people.duplicates import MatchRule, Suspicion
from crm.people.matching import rule
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, merge
from crm.people.models import Supporter


class CannotDecide(Exception):
    """Somebody was faster: the pair was decided already, or is one record by now."""


@transaction.atomic
def say_different(*, suspicion: Suspicion, at: datetime, by: Any = None) -> Suspicion:
    """The two are different people, and no search or import proposes them again."""
    return decided(suspicion, Suspicion.State.OPEN, Suspicion.State.DIFFERENT, at=at, by=by)


@transaction.atomic
def ask_again(*, suspicion: Suspicion, at: datetime, by: Any = None) -> Suspicion:
    """It was not right that the two are different: they are to decide again."""
    return decided(suspicion, Suspicion.State.DIFFERENT, Suspicion.State.OPEN, at=at, by=by)


def decided(suspicion: Suspicion, was: str, state: str, *, at: datetime, by: Any) -> Suspicion:
    """Move a pair from one state to another. Raises CannotDecide when it is not in the first."""
    locked = Suspicion.objects.select_for_update().filter(pk=suspicion.pk, state=was).first()
    if locked is None:
        raise CannotDecide
    locked.state, locked.decided_at, locked.decided_by = state, at, by
    locked.save(update_fields=["state", "decided_at", "decided_by"])
    audit.log(f"suspicion.{state}", locked, by=by, at=at)
    return locked


@transaction.atomic
def set_rule(*, merges_from: float | None, at: datetime, by: Any = None) -> MatchRule:
    """From now on pairs with this probability are merged without asking; none are, if None."""
    row = rule()
    row.merges_from, row.modified_at, row.modified_by = merges_from, at, by
    row.save(update_fields=["merges_from", "modified_at", "modified_by"])
    audit.log("matchrule.changed", row, by=by, at=at, merges_from=merges_from)
    return row


def merge_by_rule(found: Iterable[Suspicion], *, at: datetime) -> int:
    """Merge the pairs that the rule calls sure, each in a transaction of its own; return how many.

    The older record is kept. Nothing is merged against what people said or what speaks against it.
    """
    least = rule().merges_from
    if least is None:
        return 0
    likely = {(each.first_id, each.second_id) for each in found if each.score >= least}
    return sum(merge_pair(*pair, least=least, at=at) for pair in sorted(likely))


@transaction.atomic
def merge_pair(first: int, second: int, *, least: float, at: datetime) -> bool:
    """Merge one pair if the rule still may; tell whether it did."""
    # Nobody adds an address or decides otherwise between our looking and our merging.
    list(Supporter.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk"))
    suspicion = (
        Suspicion.objects.open()
        .select_for_update(of=("self",))
        .select_related("first", "second")
        .filter(first=first, second=second, score__gte=least)
        .first()
    )
    if suspicion is None or not may_merge(suspicion):
        return False
    with pghistory.context(source="matching"):
        try:
            merge(kept=suspicion.first, lost=suspicion.second, at=at, score=suspicion.score)
        except NotMergeable:
            return False
    Suspicion.objects.filter(pk=suspicion.pk).update(
        state=Suspicion.State.MERGED, decided_at=at, decided_by=None
    )
    return True


def may_merge(suspicion: Suspicion) -> bool:
    """Whether nothing forbids that the rule makes one record of two.

    Both have an e-mail address in use, and so two; their dates of birth differ; they were merged
    once and taken apart; or one is an organisation, of which only the name was compared.
    """
    first, second = suspicion.first, suspicion.second
    people = Supporter.Kind.PERSON
    if (first.kind, second.kind) != (people, people):
        return False
    if first.birth_date and second.birth_date and first.birth_date != second.birth_date:
        return False
    return not have_two_addresses(first, second) and not were_taken_apart(first, second)


def have_two_addresses(first: Supporter, second: Supporter) -> bool:
    """Whether mail reaches either at an address of their own."""
    used = EmailAddress.objects.usable().filter(supporter__in=[first, second])
    return used.values("supporter").distinct().count() == 2


def were_taken_apart(first: Supporter, second: Supporter) -> bool:
    sides = Q(kept=first, lost=second) | Q(kept=second, lost=first)
    return Merge.objects.filter(sides).exclude(undone_at=None).exists()
