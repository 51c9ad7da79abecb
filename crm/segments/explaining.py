"""Why somebody is in a segment, or is not: each condition, and the facts that decide it."""

from dataclasses import dataclass, field
from datetime import date

from crm.people.models import Supporter
from crm.people.segments import Segment
from crm.segments.condition import Condition
from crm.segments.known import Known
from crm.segments.members import holding
from crm.segments.tree import Group, tree_of


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds, with what we know; or a group of them, with its parts."""

    holds: bool
    words: str = ""
    facts: str = ""
    match: str = ""
    parts: list["Verdict"] = field(default_factory=list)


def explain(segment: Segment, supporter: Supporter, *, today: date) -> Verdict:
    """Say of each condition whether it holds for somebody, and why."""
    tree = tree_of(segment, Known(today=today))
    answers = dict(holding(supporter, {leaf: leaf for leaf in tree.leaves()}))
    return verdict_of_group(tree, supporter, answers)


def verdict_of_group(group: Group, supporter: Supporter, answers: dict[Condition, bool]) -> Verdict:
    parts = [
        verdict_of_group(node, supporter, answers)
        if isinstance(node, Group)
        else Verdict(answers[node], node.words(), node.facts(supporter))
        for node in group.nodes
    ]
    held = [part.holds for part in parts]
    holds = {
        "all": all(held) and bool(held),
        "any": any(held),
        "none": bool(held) and not any(held),
    }
    return Verdict(holds[group.match], match=group.match, parts=parts)
