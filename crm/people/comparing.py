"""What of two people is compared, and the levels on which it may agree.

Each level is written twice, side by side: as splink's SQL for lists of people, and in Python for one
newcomer among some candidates. tests/crm/test_matching.py holds them against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crm.people import names
from crm.people.streets import street


class Person(NamedTuple):
    """What is compared of one person, in normal forms. What is not known is None, or an empty list."""

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
        id=id,
        given=names.given_key(given_name) or None,
        given_root=names.given_root(given_name) or None,
        given_words=[word for word in names.given_words(given_name) if len(word) > 2],
        family=names.family_key(family_name) or None,
        family_core=names.family_core(family_name) or None,
        family_words=names.family_words(family_name),
        birth=birth or None,
        postcode=postcode_key(postcode) or None,
        town=names.family_key(town) or None,
        street=house.name or None,
        number=house.number or None,
        phones=sorted(set(phones or [])),
    )


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


def near(name: str, field: str, letters: int, shortest: int = 0) -> Level:
    """So many letters of them differ at most, and neither is shorter than that."""
    sql = f'damerau_levenshtein("{field}_l", "{field}_r") <= {letters}'
    if shortest:
        sql = f'least(length("{field}_l"), length("{field}_r")) >= {shortest} AND {sql}'

    def holds(one: Person, other: Person) -> bool:
        left, right = getattr(one, field), getattr(other, field)
        if left is None or right is None or min(len(left), len(right)) < shortest:
            return False
        if abs(len(left) - len(right)) > letters:
            return False
        return distance(left, right) <= letters

    return Level(name, sql, holds)


def shared(name: str, field: str) -> Level:
    """They have one of several in common."""

    def holds(one: Person, other: Person) -> bool:
        return not set(getattr(one, field)).isdisjoint(getattr(other, field))

    return Level(name, f'list_has_any("{field}_l", "{field}_r")', holds)


def together(name: str, *levels: Level) -> Level:
    """All of these hold."""
    sql = " AND ".join(f"({level.sql})" for level in levels)

    def holds(one: Person, other: Person) -> bool:
        return all(level.holds(one, other) for level in levels)

    return Level(name, sql, holds)


def are_swapped(one: Person, other: Person) -> bool:
    there = None not in (one.given, one.family)
    return there and (one.given, one.family) == (other.family, other.given)


def is_initial(one: Person, other: Person) -> bool:
    there = one.given is not None and other.given is not None
    return (
        there and one.given[0] == other.given[0] and (len(one.given) == 1 or len(other.given) == 1)
    )


def day_for_month(one: Person, other: Person) -> bool:
    left, right = one.birth, other.birth
    there = left is not None and right is not None
    return there and left == right[:4] + right[6:] + right[4:6]


def same_day_or_year(one: Person, other: Person) -> bool:
    left, right = one.birth, other.birth
    there = left is not None and right is not None
    return there and (left[4:] == right[4:] or left[:6] == right[:6])


SWAPPED = Level("swapped", '"given_l" = "family_r" AND "family_l" = "given_r"', are_swapped)
INITIAL = Level(
    "initial",
    'least(length("given_l"), length("given_r")) = 1 AND left("given_l", 1) = left("given_r", 1)',
    is_initial,
)
DAY_FOR_MONTH = Level(
    "day_for_month",
    'left("birth_l", 4) = left("birth_r", 4) AND substr("birth_l", 5, 2) = substr("birth_r", 7, 2)'
    ' AND substr("birth_l", 7, 2) = substr("birth_r", 5, 2)',
    day_for_month,
)
SAME_DAY_OR_YEAR = Level(
    "partly",
    'substr("birth_l", 5) = substr("birth_r", 5) OR left("birth_l", 6) = left("birth_r", 6)',
    same_day_or_year,
)
DIFFERENT = Level("different", "ELSE", lambda one, other: True)
NO_PHONE = Level(
    "missing",
    'len("phones_l") = 0 OR len("phones_r") = 0',
    lambda one, other: not one.phones or not other.phones,
)

COMPARISONS = (
    Comparison(
        "given",
        lacks("given"),
        (
            same("same", "given", frequency="given"),
            same("nickname", "given_root"),
            SWAPPED,
            INITIAL,
            near("one_letter", "given", 1, shortest=3),
            shared("part", "given_words"),
            near("two_letters", "given", 2, shortest=5),
            DIFFERENT,
        ),
    ),
    Comparison(
        "family",
        lacks("family"),
        (
            same("same", "family", frequency="family"),
            same("particle", "family_core"),
            SWAPPED,
            near("one_letter", "family", 1, shortest=3),
            shared("part", "family_words"),
            near("two_letters", "family", 2, shortest=5),
            DIFFERENT,
        ),
    ),
    Comparison(
        "birth",
        lacks("birth"),
        (
            same("same", "birth"),
            DAY_FOR_MONTH,
            near("one_digit", "birth", 1),
            SAME_DAY_OR_YEAR,
            near("two_digits", "birth", 2),
            DIFFERENT,
        ),
    ),
    Comparison(
        "place",
        lacks("postcode", "town"),
        (
            same("same", "postcode", frequency="postcode"),
            same("town", "town"),
            near("one_digit", "postcode", 1),
            DIFFERENT,
        ),
    ),
    Comparison(
        "street",
        lacks("street"),
        (
            same("same", "street", "number"),
            together(
                "near_number",
                near("near", "street", 2, shortest=5),
                same("number", "number"),
            ),
            same("no_number", "street"),
            near("near", "street", 2, shortest=5),
            DIFFERENT,
        ),
    ),
    Comparison("phone", NO_PHONE, (shared("same", "phones"), DIFFERENT)),
)
