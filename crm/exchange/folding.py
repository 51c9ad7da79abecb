"""Where rows about one person contradict each other, the last one holds.

What a row changes and a later one changes back was never changed: so the same file again changes
nothing, not even the date of a record.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from crm.exchange.knowing import Known
from crm.exchange.planning import UNCHANGED, UPDATED, Step


def folded(steps: Iterable[Step], people: dict[int, Known]) -> list[Step]:
    """Return the steps without what those of one person take back of each other."""
    found = list(steps)
    theirs: dict[int, list[Step]] = defaultdict(list)
    for step in found:
        if step.person is not None:
            theirs[step.person].append(step)
    for number, own in theirs.items():
        if names := taken_back(people[number], own):
            forget(names, people[number], own)
    return found


def taken_back(person: Known, steps: list[Step]) -> set[str]:
    """Return which fields were changed, and are in the end what they were."""
    firsts: dict[str, Any] = {}
    place: dict[str, Any] = {}
    # From the last to the first: what was before all of them remains.
    for step in reversed(steps):
        firsts |= step.before
        place |= step.before.get("address", {})
    names = {name for name in firsts if name != "address" and firsts[name] == person.fields[name]}
    if place and person.address and place.items() <= person.address.items():
        names.add("address")
    return names


def forget(names: set[str], person: Known, steps: list[Step]) -> None:
    """Let some fields be as if no row had changed them."""
    for step in steps:
        for name in names & step.before.keys():
            del step.before[name], step.after[name]
        if step.outcome == UPDATED and not step.after and step.say is None:
            step.outcome = UNCHANGED
    if "address" in names and person.address:
        person.address["changed"] = False
    writes = ({"emails", "address"} & step.after.keys() or step.before for step in steps)
    person.dirty = person.is_new or any(writes)
