"""Whose gift a line may be, and why: pure rules, which know no database."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from crm.lib.contact import words

# What banks put before a name, and what is no part of one.
TITLES = {
    *("m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "et", "ou"),
    *("dhr", "heer", "mevr", "mevrouw", "mej", "en", "of", "de", "and", "or", "mrs", "ms"),
}
LEGAL_FORMS = {
    *("asbl", "vzw", "aisbl", "ivzw", "sa", "nv", "srl", "bv", "sprl", "bvba", "sc", "cv", "scrl"),
    *("cvba", "fondation", "stichting", "foundation", "commune", "gemeente", "ville", "stad"),
}
NEAR = 45  # days around the day on which a part of a pledge is due


class Why(Enum):
    """What speaks for a supporter, with its weight."""

    COMMUNICATION = 100
    IBAN = 60
    SAME_NAME = 40
    SIMILAR_NAME = 20
    INSTALMENT = 26
    MATCHING = 25
    SAME_AMOUNT = 5


@dataclass(frozen=True)
class Promise:
    """A part of a pledge, or what an employer promised, that was not paid yet."""

    pk: int
    amount: int
    due_on: date


@dataclass(frozen=True)
class Candidate:
    """A supporter, and what is known of them that the line may agree with."""

    supporter_id: int
    name: str
    has_communication: bool = False
    has_iban: bool = False
    instalments: tuple[Promise, ...] = ()
    matchings: tuple[Promise, ...] = ()
    last_amount: int | None = None


@dataclass(frozen=True)
class Payment:
    """What of a line matters here."""

    amount: int
    booked_on: date
    payer_name: str


@dataclass(frozen=True)
class Proposal:
    supporter_id: int
    why: tuple[Why, ...]
    instalment: Promise | None = None
    matching: Promise | None = None
    shared: tuple[str, ...] = field(default=())

    @property
    def weight(self) -> int:
        return sum(reason.value for reason in self.why)


def name_words(name: str) -> list[str]:
    """Return what of a name tells people apart.

    >>> name_words("M. et Mme DUPONT-LEROY Éric")
    ['dupont', 'leroy', 'eric']
    """
    return [word for word in words(name) if len(word) > 1 and word not in TITLES]


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same words, in whatever order.

    >>> same_name("DUPONT MARIE", "Marie Dupont"), same_name("DUPONT M", "Marie Dupont")
    (True, False)
    """
    found = name_words(one)
    return bool(found) and sorted(found) == sorted(name_words(other))


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """Return the words that two names share: two at least, or the only one that one of them has.

    A legal form is no such word.

    >>> shared_words("Leroy-Dupont Marie", "Marie Dupont"), shared_words("Dupont Jan", "Dupont An")
    (('dupont', 'marie'), ())
    >>> shared_words("Hotel du Parc SA", "Hotel Royal SA")
    ()
    """
    ours, theirs = (
        [word for word in name_words(name) if word not in LEGAL_FORMS] for name in (one, other)
    )
    both = tuple(word for word in dict.fromkeys(ours) if word in theirs)
    is_whole = len(both) == 1 and 1 in (len(ours), len(theirs)) and len(both[0]) > 3
    return both if len(both) > 1 or is_whole else ()


def pairs(name: str) -> list[tuple[str, ...]]:
    """Return by which words, two by two, to look for a name; the first six words count."""
    found = list(dict.fromkeys(name_words(name)))[:6]
    if len(found) == 1:
        return [(found[0],)]
    return [(a, b) for number, a in enumerate(found) for b in found[number + 1 :]]


def is_organisation(name: str) -> bool:
    """Whether a name has the legal form of an organisation in it.

    >>> is_organisation("Les Amis ASBL"), is_organisation("Marie Dupont")
    (True, False)
    """
    return not LEGAL_FORMS.isdisjoint(words(name))


def split_name(name: str) -> tuple[str, str]:
    """Return given and family name of a person as banks write them: the family name first.

    >>> split_name("DUPONT MARIE ANNE"), split_name("Mme VAN DEN BERGHE AN"), split_name("")
    (('Marie Anne', 'Dupont'), ('An', 'Van Den Berghe'), ('', ''))
    """
    found = [
        word for word in name.split() if re.sub(r"\W", "", word).lower() not in TITLES - {"de"}
    ]
    particles = {"VAN", "DEN", "DER", "DE", "LE", "LA", "DU", "VANDE", "TEN", "TER", "VON", "DI"}
    family: list[str] = []
    while found and (not family or family[-1].upper() in particles):
        family.append(found.pop(0))
    return " ".join(found).title(), " ".join(family).title()


def weigh(payment: Payment, candidate: Candidate) -> Proposal | None:
    """Return what speaks for a candidate; None where nothing does but an amount."""
    instalment = due(payment, candidate.instalments)
    matching = next((each for each in candidate.matchings if each.amount == payment.amount), None)
    shared = shared_words(payment.payer_name, candidate.name)
    is_same = same_name(payment.payer_name, candidate.name)
    signs = {
        Why.COMMUNICATION: candidate.has_communication,
        Why.IBAN: candidate.has_iban,
        Why.SAME_NAME: is_same,
        Why.SIMILAR_NAME: bool(shared) and not is_same,
        Why.INSTALMENT: instalment is not None,
        Why.MATCHING: matching is not None,
        Why.SAME_AMOUNT: candidate.last_amount == payment.amount,
    }
    why = tuple(reason for reason, holds in signs.items() if holds)
    if not set(why) - {Why.SAME_AMOUNT}:
        return None
    return Proposal(candidate.supporter_id, why, instalment, matching, shared)


def due(payment: Payment, instalments: Iterable[Promise]) -> Promise | None:
    """Return the part of a pledge that a payment is: of its amount, and nearest to its day."""
    fitting = [
        each
        for each in instalments
        if each.amount == payment.amount and abs((each.due_on - payment.booked_on).days) <= NEAR
    ]
    return min(fitting, key=lambda each: abs((each.due_on - payment.booked_on).days), default=None)


def ranked(payment: Payment, candidates: Iterable[Candidate], most: int = 9) -> list[Proposal]:
    """Return the proposals for a payment, the best first."""
    found = [proposal for each in candidates if (proposal := weigh(payment, each))]
    return sorted(found, key=lambda each: (-each.weight, each.supporter_id))[:most]
