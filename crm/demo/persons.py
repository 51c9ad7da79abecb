"""Invented people: a name, an address at example.org, a place in Belgium or next to it."""

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import NamedTuple

from crm.demo.chance import Weighted
from crm.demo.data import read
from crm.lib.contact import words
from crm.lib.regions import region_of

HOSTS = ["example.org", "example.com", "example.net"]
FLEMISH = {"BE-VAN", "BE-VBR", "BE-VLI", "BE-VOV", "BE-VWV"}


class Name(NamedTuple):
    text: str
    words: str  # as a search finds it
    slug: str  # as it stands in an address


class Person(NamedTuple):
    given_name: str
    family_name: str
    email: str
    language: str
    postcode: str
    country: str
    region: str
    search_text: str


@dataclass(frozen=True)
class Place:
    country: str
    region: str
    postcodes: list[tuple[str, str]]  # as written, and as a search finds it
    languages: Weighted[str]


def name(text: str) -> Name:
    found = words(text)
    return Name(text, " ".join(found), "".join(found))


def place(*, country: str, people: int, languages: list[int], postcodes: list[str]) -> Place:
    return Place(
        country,
        region_of(country, postcodes[0]),
        [(postcode, " ".join(words(postcode))) for postcode in postcodes],
        Weighted(list(zip(("fr", "nl", "en"), languages, strict=True))),
    )


class Population:
    """Everybody the demo invents, no address twice."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.names = {
            language: tuple([name(text) for text in lists[kind]] for kind in ("given", "family"))
            for language, lists in read("names").items()
        }
        self.places = [(place(**entry), entry["people"]) for entry in read("places")["place"]]

    def where(self, *, flanders: float = 1.0) -> Weighted[Place]:
        """The places, each as often as people live there; Dutch-speaking ones `flanders` times."""
        return Weighted(
            [
                (place, people * (flanders if place.region in FLEMISH else 1))
                for place, people in self.places
            ]
        )

    def person(self, place: Place, rng: Random) -> Person:
        language = place.languages.draw(rng)
        givens, families = self.names[language]
        given = givens[int(len(givens) * rng.random() ** 1.4)]
        family = families[int(len(families) * rng.random() ** 1.4)]
        # The first postcodes of a list are those of larger places.
        postcode, found = place.postcodes[int(len(place.postcodes) * rng.random() ** 1.6)]
        local = f"{given.slug}.{family.slug}{next(self.numbers)}"
        host = HOSTS[int(3 * rng.random())]
        local_words, host_words = local.replace(".", " "), host.replace(".", " ")
        return Person(
            given.text,
            family.text,
            f"{local}@{host}",
            language,
            postcode,
            place.country,
            place.region,
            f"{given.words} {family.words} {local_words} {host_words} {found}",
        )
