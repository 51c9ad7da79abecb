"""Normal forms in which street addresses are compared, French, Dutch and bilingual ones."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crm.people.names import spelt

PAIRS = Path(__file__).parent / "data" / "streets.txt"
# Of words: French abbreviations, and what stands before a name in either language.
WORDS = {
    "r": "rue",
    "av": "avenue",
    "ave": "avenue",
    "aven": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "boul": "boulevard",
    "ch": "chaussee",
    "chee": "chaussee",
    "chauss": "chaussee",
    "che": "chaussee",
    "pl": "place",
    "sq": "square",
    "imp": "impasse",
    "all": "allee",
    "qu": "quai",
    "st": "saint",
    "ste": "sainte",
    "sint": "saint",
    "gen": "general",
    "dr": "docteur",
    "prof": "professeur",
    "burg": "burgemeester",
    "bourgm": "bourgmestre",
    "kon": "koning",
}
# Of endings: Dutch abbreviations; and Our Lady, who has a street in every town.
ENDINGS = (
    (re.compile(r"\bstr\b|(?<=\w)str(?=\.|\s|\d|$)"), "straat"),
    (re.compile(r"\b(?:stwg|steenw|stw)\b|(?<=\w)(?:stwg|steenw|stw)(?=\.|\s|\d|$)"), "steenweg"),
    (re.compile(r"\bln\b|(?<=\w{3})ln(?=\.|\s|\d|$)"), "laan"),
    (re.compile(r"(?<=\w{3})pln(?=\.|\s|\d|$)|(?<=\w{3})pl(?=\.)"), "plein"),
    (re.compile(r"(?<=\w{3})dr(?=\.)"), "dreef"),
    (re.compile(r"\bo\.?\s?l\.?\s?v\b\.?"), "onze lieve vrouw"),
)
ARTICLES = frozenset(
    re.findall(r"\w+", "de du des d la le les l den der het t ten ter van aux au a")
)
APOSTROPHES = re.compile(r"[’‘`´ʼ]")
NUMBER = re.compile(r"\b(\d{1,4})(?:\s?([a-z])\b)?")
BOX = re.compile(r"\b(?:bte|boite|bus|bt|b|box|app|apt|appt)\b\.?\s*\w*")


class Street(NamedTuple):
    """The name of a street as it is compared, and the number of a house in it."""

    name: str
    number: str


def street(text: str) -> Street:
    """Return the normal form of a street and number, as they are written on envelopes.

    >>> street("av. de la Couronne 12 bte 3") == street("12, Avenue de la Couronne")
    True
    >>> street("Dorpsstr. 5b")
    Street(name='dorpsstraat', number='5b')
    >>> street("Rue de la Loi 16") == street("Wetstraat 16") == street("Rue de la Loi/Wetstraat 16")
    True
    """
    folded = APOSTROPHES.sub("'", spelt(text))
    number = house_number(folded)
    name = one_language(BOX.sub(" ", NUMBER.sub(" ", folded)))
    key = "".join(word for word in long_words(name) if word not in ARTICLES)
    return Street(translations().get(key, key), number)


def house_number(folded: str) -> str:
    """Return the first number, with its letter.

    >>> house_number("rue haute 12 a bte 4")
    '12a'
    """
    found = NUMBER.search(BOX.sub(" ", folded))
    return "" if found is None else found[1].lstrip("0") + (found[2] or "")


def one_language(folded: str) -> str:
    """Return the first of two names, as they are written in Brussels: "rue haute / hoogstraat"."""
    first = re.split(r"\s*/\s*|\s+[-–]\s+", folded)[0]
    return first if len(first) > 3 else folded


def long_words(name: str) -> list[str]:
    """Return the words of a street's name in full.

    >>> long_words("bd. du midi"), long_words("leuvensestw.")
    (['boulevard', 'du', 'midi'], ['leuvensesteenweg'])
    """
    for pattern, whole in ENDINGS:
        name = pattern.sub(whole, name)
    return [WORDS.get(word, word) for word in re.findall(r"[^\W\d_]+", name)]


@cache
def translations() -> dict[str, str]:
    """Return for the Dutch name of a street in Brussels the French one."""
    found = {}
    for line in PAIRS.read_text().splitlines():
        if line and not line.startswith("#"):
            french, dutch = (
                "".join(word for word in long_words(spelt(name)) if word not in ARTICLES)
                for name in line.split("=")
            )
            found[dutch] = french
    return found
