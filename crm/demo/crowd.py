"""Invented people by the thousand, as lines of COPY."""

from collections.abc import Sequence
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from crm.demo.chance import Rows
from crm.demo.persons import HOSTS, Name, Population

Item = TypeVar("Item")
NULL = r"\N"


class Pool(Generic[Item]):
    """Several lists, in each of which the first things come up most."""

    def __init__(self, lists: Sequence[Sequence[Item]], slope: float) -> None:
        self.items = [item for each in lists for item in each]
        self.lengths = np.array([len(each) for each in lists])
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.slope = slope

    def draw(self, lists: np.ndarray, rng: np.random.Generator) -> list[Item]:
        """Return something of each of the lists."""
        within = self.lengths[lists] * rng.random(len(lists)) ** self.slope
        return [self.items[place] for place in (self.starts[lists] + within.astype(int)).tolist()]


class Cast(NamedTuple):
    """People, column by column."""

    given: list[Name]
    family: list[Name]
    email: list[str]
    language: list[str]
    postcode: list[tuple[str, str]]
    country: list[str]
    region: list[str]

    def lines(self) -> list[str]:
        """Return what the table of supporters holds of each, in the order of Person."""
        return [
            f"{given.text}\t{family.text}\t{email}\t{language}\t{postcode}\t{country}\t{region}\t"
            f"{given.words} {family.words} {email.replace('.', ' ').replace('@', ' ')} {found}"
            for given, family, email, language, (postcode, found), country, region in zip(
                *self, strict=True
            )
        ]


class Crowd:
    """The people of a population, many at once."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.languages = list(population.names)
        self.given = Pool([given for given, _family in population.names.values()], 1.4)
        self.family = Pool([family for _given, family in population.names.values()], 1.4)
        places = [place for place, _people in population.places]
        # The first postcodes of a list are those of larger places.
        self.postcodes = Pool([place.postcodes for place in places], 1.6)
        self.countries = [place.country for place in places]
        self.regions = [place.region for place in places]
        self.spoken = Rows(
            [[place.languages.weights()[code] for code in self.languages] for place in places]
        )

    def draw(self, places: np.ndarray, rng: np.random.Generator) -> Cast:
        """Return somebody of each of the places, no address twice."""
        spoken = self.spoken.draw(places, rng)
        given, family = self.given.draw(spoken, rng), self.family.draw(spoken, rng)
        hosts = rng.integers(len(HOSTS), size=len(places)).tolist()
        numbers = islice(self.population.numbers, len(places))
        return Cast(
            given,
            family,
            [
                f"{first.slug}.{last.slug}{number}@{HOSTS[host]}"
                for first, last, number, host in zip(given, family, numbers, hosts, strict=True)
            ],
            [self.languages[place] for place in spoken.tolist()],
            self.postcodes.draw(places, rng),
            [self.countries[place] for place in places.tolist()],
            [self.regions[place] for place in places.tolist()],
        )


def stamps(seconds: np.ndarray) -> list[str]:
    """Write moments, which are seconds since 1970; 0 is none.

    >>> stamps(np.array([0, 86400]))
    ['\\\\N', '1970-01-02T00:00:00Z']
    """
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"), timezone="UTC").tolist()
    if seconds.all():
        return texts
    return [text if second else NULL for text, second in zip(texts, seconds.tolist(), strict=True)]
