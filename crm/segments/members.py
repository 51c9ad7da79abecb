"""Who is in a segment, how many they are, and who may ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from psycopg.errors import QueryCanceled

from crm.access import FIELD_RIGHTS, may_see
from crm.people.models import Supporter
from crm.people.segments import Segment, SegmentMember
from crm.privacy.models import Purpose
from crm.segments.conditions.consents import may_be_mailed
from crm.segments.known import Known, visible_to
from crm.segments.tree import Group, Invalid, tree_of

PATIENCE = 5_000  # milliseconds for whoever waits before a screen
# Room for lists of keys in memory, no compiling of what is asked once, and no going through one
# list for each row of another, which PostgreSQL does where it takes a long list for a short one.
SETTINGS = """SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true),
    set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true)"""


class TooSlow(Exception):
    """Counting took longer than somebody would wait."""


def may_use(reader: Any, tree: Group) -> bool:
    """Whether a reader has every right that the conditions take: else even a number would tell."""
    return may_see(reader, "segments") and bool(reader.has_perms(tree.needs()))


def selected(tree: Group) -> QuerySet[Supporter]:
    return Supporter.objects.current().filter(tree.where())


def members_of(segment: Segment, *, today: date) -> QuerySet[Supporter]:
    """The current supporters for whom a segment's conditions hold, each once, in no order.

    Whoever shows them asks `may_use` first. Raises Invalid where the conditions no longer work.
    """
    return selected(tree_of(segment, Known(today=today)))


def audience_of(segment: Segment, purpose: str = Purpose.NEWSLETTER) -> QuerySet[Supporter]:
    """Whom a mail may be sent to: members who agreed to its purpose, can be reached at an address
    that is not suppressed, and are not held out.

    Consent and address are read now: what the list of members knew is not enough.
    """
    inside = SegmentMember.objects.filter(segment=segment, is_held_out=False)
    found = Supporter.objects.current().filter(pk__in=inside.values("supporter"))
    return found.filter(may_be_mailed(purpose))


@contextmanager
def patiently(milliseconds: int) -> Iterator[None]:
    """Read something large, but for so long only. Raises TooSlow."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(SETTINGS, [str(milliseconds)])
            yield
            transaction.set_rollback(True)  # nothing was written; the settings end with it
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def count(tree: Group, *, patience: int = PATIENCE) -> int:
    """Return how many supporters there are. Raises TooSlow."""
    with patiently(patience):
        return selected(tree).count()


def segments_of(
    supporter: Supporter, *, reader: Any, today: date
) -> list[tuple[Segment, SegmentMember | None]]:
    """The segments that somebody is in, as far as the reader may know, by name.

    Beside an audience stands since when, and whether they are held out. One query for all.
    """
    if not reader.has_perm(FIELD_RIGHTS["segments"]) or supporter.merged_into_id:
        return []
    known = Known(today=today)
    trees = dict(readable(reader, known))
    kept = {each.segment_id: each for each in supporter.segments.all()}
    inside = [segment for segment, holds in holding(supporter, trees) if holds]
    return [(each, kept.get(each.pk) if each.is_audience else None) for each in inside]


def readable(reader: Any, known: Known) -> Iterator[tuple[Segment, Group]]:
    """The segments that a reader may open, with their conditions."""
    seen = set(Segment.objects.filter(visible_to(reader)).values_list("pk", flat=True))
    for segment in known.segments.values():
        tree = tree_or_none(segment, known) if segment.pk in seen else None
        if tree is not None and may_use(reader, tree):
            yield segment, tree


def tree_or_none(segment: Segment, known: Known) -> Group | None:
    try:
        return tree_of(segment, known)
    except Invalid:
        return None


def holding(supporter: Supporter, trees: dict[Any, Any]) -> list[tuple[Any, bool]]:
    """Whether each of some conditions holds for somebody, in one query. Keys say of which."""
    if not trees:
        return []
    flags = {
        f"holds{place}": Case(When(Q(tree.where()), then=Value(True)), default=Value(False))
        for place, tree in enumerate(trees.values())
    }
    # As a list of one: a supporter who was merged or erased is in no segment.
    found = Supporter.objects.current().filter(pk=supporter.pk).annotate(**flags)
    row = found.values_list(*flags).first() or (False,) * len(flags)
    return list(zip(trees, row, strict=True))
