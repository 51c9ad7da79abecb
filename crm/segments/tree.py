"""Conditions put together: groups of which all, any or none must hold, in one another.

As JSON: {"match": "all", "of": [{"is": "gave", "least": 10000, …}, {"match": "any", "of": […]}]}.
What is stored was checked; `build` reads it, `check` is for what somebody just made.
"""

from collections.abc import Iterator
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.people.segments import Segment
from crm.segments.catalogue import CONDITIONS
from crm.segments.condition import Condition, WrongTogether
from crm.segments.conditions.belonging import InSegment
from crm.segments.known import Known
from crm.segments.parameters import Wrong

MATCHES = [
    ("all", gettext_lazy("all of these")),
    ("any", gettext_lazy("at least one of these")),
    ("none", gettext_lazy("none of these")),
]
BETWEEN = {
    "all": format_lazy("; {} ", gettext_lazy("and")),
    "any": format_lazy("; {} ", gettext_lazy("or")),
    "none": "; ",
}
DEPTH = 2  # groups in the first, and groups in those
MOST = 50
Path = tuple[int, ...]
Stored = dict[str, Any]


class Problem(NamedTuple):
    """What is wrong, with which condition, and beside which of its parameters."""

    path: Path
    parameter: str
    message: str


class Invalid(ValueError):
    """These conditions cannot be used."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class Group:
    def __init__(self, match: str, nodes: list["Node"]) -> None:
        self.match, self.nodes = match, nodes

    def where(self) -> Q:
        """Whom it selects. Each condition stands by itself, so that none doubles a row."""
        wheres = [Q(node.where()) for node in self.nodes]
        if self.match == "none":
            # None of several is: not this, and not that, each of which can be an anti-join.
            wheres = [~where for where in wheres]
        if not wheres:
            return Q(pk__in=[])
        return reduce(or_ if self.match == "any" else and_, wheres)

    def needs(self) -> frozenset[str]:
        return frozenset().union(*(node.needs() for node in self.nodes))

    def words(self) -> str:
        parts = [f"({n.words()})" if isinstance(n, Group) else n.words() for n in self.nodes]
        said = str(BETWEEN[self.match]).join(parts)
        return _("none of: %(conditions)s") % {"conditions": said} if self.match == "none" else said

    def leaves(self) -> Iterator[Condition]:
        for node in self.nodes:
            if isinstance(node, Group):
                yield from node.leaves()
            else:
                yield node


Node = Group | Condition


def build(stored: Stored, known: Known, *, within: frozenset[int] = frozenset()) -> Group:
    """Read stored conditions. `within` are the segments that they are the conditions of.

    Raises Invalid where they go in a circle, or are of a kind that there no longer is.
    """
    return Group(stored.get("match", "all"), [node(e, known, within) for e in stored.get("of", [])])


def node(stored: Stored, known: Known, within: frozenset[int]) -> Node:
    if "match" in stored:
        return build(stored, known, within=within)
    if stored.get("is") not in CONDITIONS:
        raise Invalid([Problem((), "", _("There is no such condition."))])
    values = {name: value for name, value in stored.items() if name != "is"}
    made = CONDITIONS[stored["is"]](values, known)
    if isinstance(made, InSegment):
        named = [known.segments[pk] for pk in values["segments"] if pk in known.segments]
        made.others = [(each, inside(each, known, within)) for each in named]
    return made


def inside(segment: Segment, known: Known, within: frozenset[int]) -> Group:
    if segment.pk in within:
        circle = _("The segment “%(name)s” is made with this one: it would go in a circle.")
        raise Invalid([Problem((), "segments", circle % {"name": segment.name})])
    return build(segment.conditions, known, within=within | {segment.pk})


def tree_of(segment: Segment, known: Known) -> Group:
    """The conditions of a saved segment."""
    own = frozenset() if segment.pk is None else frozenset([segment.pk])
    return build(segment.conditions, known, within=own)


def check(given: Any, known: Known, *, within: frozenset[int] = frozenset()) -> Stored:
    """Return conditions as they are stored. Raises Invalid, which names all that is wrong."""
    checking = Checking(known, within)
    checked = checking.group(given, ())
    if checking.number > MOST:
        checking.tell((), "", _("At most %(number)s conditions, please.") % {"number": MOST})
    if checking.problems:
        raise Invalid(checking.problems)
    return checked


class Checking:
    """One walk over conditions that somebody made, and what is wrong with them."""

    def __init__(self, known: Known, within: frozenset[int]) -> None:
        self.known, self.within = known, within
        self.problems: list[Problem] = []
        self.number = 0

    def tell(self, path: Path, parameter: str, message: str) -> None:
        self.problems.append(Problem(path, parameter, message))

    def group(self, given: Any, path: Path) -> Stored:
        if not isinstance(given, dict) or given.get("match") not in dict(MATCHES):
            self.tell(path, "", _("This is no group of conditions."))
            return {}
        parts = given.get("of")
        if not isinstance(parts, list) or not parts:
            self.tell(path, "", _("There is no condition here yet."))
            return {}
        if len(path) > DEPTH:
            self.tell(path, "", _("Groups can stand in groups, but not deeper than this."))
            return {}
        checked = [self.part(each, (*path, place)) for place, each in enumerate(parts)]
        return {"match": given["match"], "of": checked}

    def part(self, given: Any, path: Path) -> Stored:
        if isinstance(given, dict) and "match" in given:
            return self.group(given, path)
        self.number += 1
        name = given.get("is") if isinstance(given, dict) else None
        if not isinstance(name, str) or name not in CONDITIONS:
            self.tell(path, "", _("There is no such condition."))
            return {}
        return self.condition(CONDITIONS[name], given, path)

    def condition(self, kind: type[Condition], given: Stored, path: Path) -> Stored:
        before = len(self.problems)
        unknown = set(given) - {"is", *(each.name for each in kind.takes)}
        if unknown:
            self.tell(path, "", _("It takes no such thing: %(name)s.") % {"name": min(unknown)})
        values: Stored = {}
        for each in kind.takes:
            try:
                value = each.checked(given.get(each.name), self.known)
            except Wrong as wrong:
                self.tell(path, each.name, str(wrong))
            else:
                values |= {} if value is None else {each.name: value}
        if len(self.problems) == before:
            self.together(kind, values, path)
        return {"is": kind.name, **values}

    def together(self, kind: type[Condition], values: Stored, path: Path) -> None:
        try:
            kind.check(values)
            node({"is": kind.name, **values}, self.known, self.within)
        except WrongTogether as wrong:
            self.tell(path, wrong.at, str(wrong))
        except Wrong as wrong:
            self.tell(path, "", str(wrong))
        except Invalid as invalid:
            self.problems += [each._replace(path=path) for each in invalid.problems]
