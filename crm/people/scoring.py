"""How likely it is that two records are one person: the trained model, applied in Python.

The model says for each level of agreement how often one person's records agree so (m), and how
often those of two people do (u). log2(m / u) is what a level weighs; the weights add up, beginning
with how unlikely it is that any two records are one person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import log2
from pathlib import Path
from typing import NamedTuple

from crm.people.comparing import COMPARISONS
from crm.people.levels import Comparison, Level, Person

FILE = Path(__file__).parent / "data" / "matching.json"
# Staff are told of a pair that is likelier one person than two.
SUSPECT_FROM = 0.5
# Of so many records one has a double, we expect before we look.
ONE_IN = 20
# A list is judged as if so many others were on it: in a short one, too, most people are others.
OTHERS = 20_000
# A name or postcode that is rarer than this tells no more than one that is just so rare.
RARE = {"given": 1 / 1_000, "family": 1 / 5_000, "postcode": 1 / 1_000}
# And as if so many had a name that nobody else has: what two of ten have is not frequent.
WITHOUT_NAME = 1_000
# A name is kept as frequent when at least so many people have it: then it is nobody's.
SEVERAL = 3

Model = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Frequencies:
    """How many people there are, and the share of them who have a value, where it is not rare."""

    people: int = 0
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    estimated: float | None = None  # the prior, where a training found one

    def of(self, name: str, value: str | None) -> float:
        return max(self.shares.get(name, {}).get(value or "", 0.0), RARE[name])

    @property
    def prior(self) -> float:
        """The probability that two records drawn at random are one person."""
        return self.estimated or 2 / (ONE_IN * (self.people + OTHERS))


class Evidence(NamedTuple):
    """What one field says: above nought for one person, below for two."""

    field: str
    level: str
    weight: float


class Score(NamedTuple):
    weight: float
    evidence: list[Evidence]

    @property
    def probability(self) -> float:
        return 1 / (1 + 2**-self.weight)


def weight_of(probability: float) -> float:
    """Return the weight at which a pair has this probability of being one person.

    >>> weight_of(0.5), round(Score(weight_of(0.8), []).probability, 3)
    (0.0, 0.8)
    """
    return log2(probability / (1 - probability))


def share(count: int, people: int) -> float:
    """Return the share of people who have a value that so many have here."""
    return (count + 1) / (people + WITHOUT_NAME)


@cache
def model() -> Model:
    """The model that was trained, and is in the repository."""
    read: Model = json.loads(FILE.read_text())
    return read


def level_of(comparison: Comparison, one: Person, other: Person) -> Level | None:
    """Return the strongest level that holds; None when the field tells nothing."""
    if comparison.missing.holds(one, other):
        return None
    return next(level for level in comparison.levels if level.holds(one, other))


def score(
    one: Person, other: Person, frequencies: Frequencies, *, by: Model | None = None
) -> Score:
    """Return how much speaks for two records being one person, and what does."""
    by = by or model()
    prior = frequencies.prior
    total, evidence = log2(prior / (1 - prior)), []
    for comparison in COMPARISONS:
        level = level_of(comparison, one, other)
        if level is not None:
            m, u = by[comparison.name][level.name]
            if level.frequency:
                u = frequencies.of(level.frequency, getattr(one, level.frequency))
            total += log2(m / u)
            evidence.append(Evidence(comparison.name, level.name, round(log2(m / u), 2)))
    return Score(total, [each for each in evidence if each.weight])
