"""What the builder of segments shows: groups, conditions, and the inputs that each takes."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from crm.segments.catalogue import SUBJECTS, name_in_lists
from crm.segments.condition import Condition
from crm.segments.known import Known
from crm.segments.parameters import Choice, Many, Money, Parameter
from crm.segments.tree import DEPTH, MATCHES
from crm.segments.when import KINDS
from crm.staff.segment_forms import Draft


@dataclass
class Input:
    """One thing that a condition takes, ready to be written into a page."""

    name: str
    label: str
    widget: str
    value: str = ""
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    days: str = ""
    begin: str = ""
    end: str = ""
    is_required: bool = False
    error: str = ""
    is_given: bool = False


@dataclass
class Part:
    """A condition, or a group (without a label) of parts."""

    name: str
    place: str
    label: str = ""
    kind: str = ""
    error: str = ""
    match: str = ""
    matches: list[tuple[str, Any]] = field(default_factory=list)
    may_nest: bool = False
    inputs: list[Input] = field(default_factory=list)
    more: list[Input] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)


def offered(reader: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The conditions that a reader may use, by subject."""
    usable = [
        (
            str(subject),
            [(each.name, name_in_lists(each)) for each in conditions if has(reader, each)],
        )
        for subject, conditions in SUBJECTS
    ]
    return [(subject, conditions) for subject, conditions in usable if conditions]


def has(reader: Any, condition: type[Condition]) -> bool:
    return bool(reader.has_perms(condition.rights))


def shown(draft: Draft, known: Known) -> Part:
    """Return a draft as the page shows it.

    Raises PermissionDenied for a condition that the reader may not use: its choices would tell.
    """
    place = ".".join(str(number + 1) for number in draft.path)
    error = draft.errors.get("", "")
    if not draft.kind:
        parts = [shown(part, known) for part in draft.parts]
        may_nest = len(draft.path) < DEPTH
        return Part(
            draft.name,
            place,
            error=error,
            match=draft.match,
            matches=MATCHES,
            may_nest=may_nest,
            parts=parts,
        )
    if draft.condition is None:
        return Part(draft.name, place, _("unknown"), draft.kind, error or _("unknown"))
    if not has(known.reader, draft.condition):
        raise PermissionDenied
    inputs = [input_of(each, draft, known) for each in draft.condition.takes]
    main = [each for each in inputs if len(inputs) <= MAIN or is_main(each)]
    more = [each for each in inputs if each not in main]
    label = name_in_lists(draft.condition)
    return Part(draft.name, place, label, draft.kind, error, inputs=main, more=more)


MAIN = 4  # so many are shown at once; of more, those that are used most, and what is given


def is_main(each: Input) -> bool:
    rarely = ("most", "one_least", "one_most", "currency", "times_most", "funds", "methods")
    return each.is_given or bool(each.error) or each.name.partition(":")[2] not in rarely


def input_of(parameter: Parameter, draft: Draft, known: Known) -> Input:
    name, given = parameter.name, draft.given
    made = Input(
        f"{draft.name}:{name}",
        str(parameter.label),
        parameter.widget,
        value=one(given, name),
        is_required=parameter.is_required,
        error=draft.errors.get(name, ""),
        is_given=bool(one(given, name)) and name != "currency",
    )
    if parameter.widget == "when":
        made.choices = [(key, str(label), key == made.value) for key, label in KINDS]
        made.days, made.begin = one(given, f"{name}_days"), one(given, f"{name}_from")
        made.end = one(given, f"{name}_to")
    elif isinstance(parameter, Choice):
        made.choices = choices(parameter, given.get(name, []), known)
    if isinstance(parameter, Money) and one(given, "currency") not in ("", "EUR"):
        made.label = f"{made.label} ({one(given, 'currency')})"
    return made


def one(given: dict[str, list[str]], name: str) -> str:
    return (given.get(name) or [""])[0]


def choices(parameter: Choice, given: list[str], known: Known) -> list[tuple[str, str, bool]]:
    picked = given or ([] if isinstance(parameter, Many) else [parameter.default])
    found = [(str(key), str(label)) for key, label in parameter.among(known)]
    optional = not isinstance(parameter, Many) and not (parameter.is_required or parameter.default)
    empty = [("", "–", not given)] if optional else []
    return empty + [(key, label, key in picked) for key, label in found]
