"""What is compared of a person, in normal forms, and how a level of agreement is written.

Each level is written twice, side by side: as splink's SQL for lists of people, and in Python for
one newcomer among some candidates. tests/crm/test_matching_levels.py holds them together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crm.people import names
from crm.people.streets import street


class Person(NamedTuple):
    """What is compared of one person. What is not known is None, or an empty list."""

    id: int
    given: str | None
    given_root: str | None
    given_words: list[str]
    family: str | None
    family_core: str | None
    family_words: list[str]
    birth: str | None
    postcode: str | None
    town: str | None
    street: str | None
    number: str | None
    phones: list[str]


def person(
    *,
    id: int,  # noqa: A002 (as the field is called)
    given_name: str = "",
    family_name: str = "",
    birth: str = "",
    postcode: str = "",
    town: str = "",
    street_and_number: str = "",
    phones: list[str] | None = None,
) -> Person:
    """Return the normal form of somebody as they were written down; `birth` is year, month, day."""
    house = street(street_and_number)
    return Person(
        id,
        *given_forms(given_name),
        *family_forms(family_name),
        birth=birth or None,
        postcode=postcode_key(postcode) or None,
        town=family_forms(town)[0],
        street=house.name or None,
        number=house.number or None,
        phones=sorted(set(phones or [])),
    )


@lru_cache(maxsize=20_000)
def given_forms(name: str) -> tuple[str | None, str | None, list[str]]:
    """Return the key of a given name, the key of its full form, and its words."""
    words = [word for word in names.given_words(name) if len(word) > 2]
    return names.given_key(name) or None, names.given_root(name) or None, words


@lru_cache(maxsize=20_000)
def family_forms(name: str) -> tuple[str | None, str | None, list[str]]:
    """Return the key of a family name, with and without particles, and its parts."""
    return names.family_key(name) or None, names.family_core(name) or None, names.family_words(name)


def postcode_key(text: str) -> str:
    """Return a postcode without the letters of its country.

    >>> postcode_key("B-1000"), postcode_key("1012 ab"), postcode_key("NL 1012AB")
    ('1000', '1012AB', '1012AB')
    """
    key = "".join(char for char in text.upper() if char.isalnum())
    return key.lstrip("BELUFDN") if key[-1:].isdigit() or key[:2] == "NL" else key


class Level(NamedTuple):
    """One way in which two people agree; `frequency` names what is weaker evidence if common."""

    name: str
    sql: str
    holds: Callable[[Person, Person], bool]
    frequency: str = ""


@dataclass(frozen=True)
class Comparison:
    """The levels of one field, the strongest first; `missing` says when it tells nothing."""

    name: str
    missing: Level
    levels: tuple[Level, ...]


@lru_cache(maxsize=20_000)
def distance(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or exchanged with their neighbour.

    >>> distance("dupont", "dupond"), distance("marie", "maire"), distance("ann", "anne")
    (1, 1, 1)
    """
    infinite = len(one) + len(other)
    last_row: dict[str, int] = {}
    rows = [[infinite] * (len(other) + 2), [infinite, *range(len(other) + 1)]]
    for row, char in enumerate(one, 1):
        line, last_column = [infinite, row], 0
        for column, against in enumerate(other, 1):
            before, same_column = last_row.get(against, 0), last_column
            if char == against:
                last_column = column
            exchanged = rows[before][same_column] + row - before + column - same_column - 1
            line.append(
                min(
                    rows[row][column] + (char != against),
                    line[column] + 1,
                    rows[row][column + 1] + 1,
                    exchanged,
                )
            )
        rows.append(line)
        last_row[char] = row
    return rows[-1][-1]


def lacks(*fields: str) -> Level:
    """At least one of the two has none of these fields."""
    sql = " AND ".join(f'("{field}_l" IS NULL OR "{field}_r" IS NULL)' for field in fields)

    def holds(one: Person, other: Person) -> bool:
        return all(getattr(one, field) is None or getattr(other, field) is None for field in fields)

    return Level("missing", sql, holds)


def same(name: str, *fields: str, frequency: str = "") -> Level:
    """Both have the same."""
    sql = " AND ".join(f'"{field}_l" = "{field}_r"' for field in fields)

    def holds(one: Person, other: Person) -> bool:
        return all(getattr(one, field) == getattr(other, field) is not None for field in fields)

    return Level(name, sql, holds, frequency)


def near(name: str, field: str, letters: int, shortest: int = 3) -> Level:
    """So many letters of them differ at most, the first or the last does not, and both are long."""
    left, right = f'"{field}_l"', f'"{field}_r"'
    sql = (
        f"abs(length({left}) - length({right})) <= {letters}"
        f" AND least(length({left}), length({right})) >= {shortest}"
        f" AND (left({left}, 1) = left({right}, 1) OR right({left}, 1) = right({right}, 1))"
        f" AND damerau_levenshtein({left}, {right}) <= {letters}"
    )

    def holds(one: Person, other: Person) -> bool:
        return are_near(getattr(one, field), getattr(other, field), letters, shortest)

    return Level(name, sql, holds)


def are_near(left: str | None, right: str | None, letters: int, shortest: int) -> bool:
    if left is None or right is None or abs(len(left) - len(right)) > letters:
        return False
    if min(len(left), len(right)) < shortest:
        return False
    has_end = left[0] == right[0] or left[-1] == right[-1]
    return has_end and distance(left, right) <= letters


def shared(name: str, field: str, among: int = 1) -> Level:
    """They have one in common, of which at least one of them has so many."""
    sql = f'list_has_any("{field}_l", "{field}_r")'
    if among > 1:
        sql = f'(len("{field}_l") >= {among} OR len("{field}_r") >= {among}) AND {sql}'

    def holds(one: Person, other: Person) -> bool:
        left, right = getattr(one, field), getattr(other, field)
        return max(len(left), len(right)) >= among and not set(left).isdisjoint(right)

    return Level(name, sql, holds)


def together(name: str, *levels: Level) -> Level:
    """All of these hold."""
    sql = " AND ".join(f"({level.sql})" for level in levels)

    def holds(one: Person, other: Person) -> bool:
        return all(level.holds(one, other) for level in levels)

    return Level(name, sql, holds)
