"""What of two people is compared: the fields, and for each its levels, the strongest first."""

from crm.people.levels import (
    Comparison,
    Level,
    Person,
    distance,
    lacks,
    near,
    same,
    shared,
    together,
)


def are_swapped(one: Person, other: Person) -> bool:
    """Whether the given name of each is the family name of the other, but for a letter."""
    return crosses(one, other) and crosses(other, one)


def crosses(one: Person, other: Person) -> bool:
    if one.given is None or other.family is None:
        return False
    is_near = one.given[:2] == other.family[:2] and distance(one.given, other.family) <= 1
    return is_near or one.given == other.family_core


def are_one_family(one: Person, other: Person) -> bool:
    """Whether their family names are one, with or without its particles."""
    if one.family_core is None or other.family_core is None:
        return False
    if one.family_core == other.family_core:
        return True
    is_long = min(len(one.family_core), len(other.family_core)) >= SHORTEST
    left, right = one.family or "", other.family or ""
    return is_long and (left.endswith(other.family_core) or right.endswith(one.family_core))


def is_initial(one: Person, other: Person) -> bool:
    left, right = one.given, other.given
    if left is None or right is None:
        return False
    return left[0] == right[0] and min(len(left), len(right)) == 1


def day_for_month(one: Person, other: Person) -> bool:
    left, right = one.birth, other.birth
    if left is None or right is None:
        return False
    return left == right[:4] + right[6:] + right[4:6]


def is_one_digit_wrong(one: Person, other: Person) -> bool:
    left, right = one.birth, other.birth
    if left is None or right is None:
        return False
    return (left[:4] == right[:4] or left[4:] == right[4:]) and distance(left, right) <= 1


def same_day_or_year(one: Person, other: Person) -> bool:
    left, right = one.birth, other.birth
    if left is None or right is None:
        return False
    return left[4:] == right[4:] or left[:6] == right[:6]


def share_a_home(one: Person, other: Person) -> bool:
    return SAME_HOUSE.holds(one, other) or SAME_PHONE.holds(one, other)


def have_other_names(one: Person, other: Person) -> bool:
    """Whether their given names are not one name in two forms, nor one that was misspelt."""
    if one.given is None or other.given is None or one.given_root == other.given_root:
        return False
    if are_swapped(one, other) or INITIAL.holds(one, other):
        return False
    return not SHARED_GIVEN.holds(one, other) and distance(one.given, other.given) > 1


def are_a_generation_apart(one: Person, other: Person) -> bool:
    if one.birth is None or other.birth is None or is_one_digit_wrong(one, other):
        return False
    return abs(int(one.birth[:4]) - int(other.birth[:4])) >= GENERATION


SAME_HOUSE = same("house", "street", "number", "postcode")
SAME_PHONE = shared("same", "phones")
SHARED_GIVEN = shared("part", "given_words", among=2)
SHORTEST = 5  # letters of a name that may stand alone at the end of another
ONE_FAMILY = Level(
    "particle",
    '"family_core_l" = "family_core_r"'
    f' OR (least(length("family_core_l"), length("family_core_r")) >= {SHORTEST}'
    ' AND (ends_with("family_l", "family_core_r") OR ends_with("family_r", "family_core_l")))',
    are_one_family,
)
SAME_BIRTH = same("same", "birth")
GENERATION = 12  # years between the births of parent and child, at least
CROSSES = (
    '(left("given_{0}", 2) = left("family_{1}", 2)'
    ' AND damerau_levenshtein("given_{0}", "family_{1}") <= 1'
    ' OR "given_{0}" = "family_core_{1}")'
)
SWAPPED = Level(
    "swapped", f"{CROSSES.format('l', 'r')} AND {CROSSES.format('r', 'l')}", are_swapped
)
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
ONE_DIGIT = Level(
    "one_digit",
    '(left("birth_l", 4) = left("birth_r", 4) OR substr("birth_l", 5) = substr("birth_r", 5))'
    ' AND damerau_levenshtein("birth_l", "birth_r") <= 1',
    is_one_digit_wrong,
)
SAME_DAY_OR_YEAR = Level(
    "partly",
    'substr("birth_l", 5) = substr("birth_r", 5) OR left("birth_l", 6) = left("birth_r", 6)',
    same_day_or_year,
)

DIFFERENT = Level("different", "ELSE", lambda one, other: True)
HOME = Level("home", f"coalesce({SAME_HOUSE.sql}, false) OR {SAME_PHONE.sql}", share_a_home)
BOTH = together("both", SAME_HOUSE, SAME_PHONE)
OTHER_NAMES = Level(
    "other_names",
    f'"given_root_l" <> "given_root_r" AND NOT coalesce({SWAPPED.sql}, false)'
    f" AND NOT ({INITIAL.sql}) AND NOT ({SHARED_GIVEN.sql})"
    ' AND damerau_levenshtein("given_l", "given_r") > 1',
    have_other_names,
)
GENERATIONS = Level(
    "generations",
    f'abs(cast(left("birth_l", 4) AS int) - cast(left("birth_r", 4) AS int)) >= {GENERATION}'
    f" AND NOT ({ONE_DIGIT.sql})",
    are_a_generation_apart,
)
NO_NUMBER = lacks("number")
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
            SHARED_GIVEN,
            near("two_letters", "given", 2, shortest=5),
            DIFFERENT,
        ),
    ),
    Comparison(
        "family",
        lacks("family"),
        (
            same("same", "family", frequency="family"),
            ONE_FAMILY,
            SWAPPED,
            near("one_letter", "family", 1, shortest=3),
            shared("part", "family_words", among=2),
            near("two_letters", "family", 2, shortest=5),
            DIFFERENT,
        ),
    ),
    Comparison(
        "birth",
        lacks("birth"),
        (
            SAME_BIRTH,
            DAY_FOR_MONTH,
            ONE_DIGIT,
            SAME_DAY_OR_YEAR,
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
                same("number", "number"),
                near("near", "street", 2, shortest=5),
            ),
            same("no_number", "street"),
            together("near", NO_NUMBER, near("near", "street", 2, shortest=5)),
            DIFFERENT,
        ),
    ),
    Comparison("phone", NO_PHONE, (SAME_PHONE, DIFFERENT)),
    # People of one family have much in common, and are not one person: what the fields above say
    # one by one is too much together, by what these levels take away. In two ways, house and
    # telephone, or in one they share a home.
    Comparison(
        "relatives",
        Level("missing", "false", lambda one, other: False),
        (
            together("twins_two", SAME_BIRTH, ONE_FAMILY, BOTH, OTHER_NAMES),
            together("twins_one", SAME_BIRTH, ONE_FAMILY, HOME, OTHER_NAMES),
            together("twins", SAME_BIRTH, ONE_FAMILY, OTHER_NAMES),
            together("family_two", BOTH, ONE_FAMILY, OTHER_NAMES),
            together("family_one", HOME, ONE_FAMILY, OTHER_NAMES),
            together("family", ONE_FAMILY, OTHER_NAMES),
            together("household_two", BOTH, OTHER_NAMES),
            together("household_one", HOME, OTHER_NAMES),
            together("generations_two", BOTH, ONE_FAMILY, GENERATIONS),
            together("generations_one", HOME, ONE_FAMILY, GENERATIONS),
            together("generations", ONE_FAMILY, GENERATIONS),
            DIFFERENT,
        ),
    ),
)
