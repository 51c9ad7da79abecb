"""Makes people.csv: invented people of Belgium, some of whom were written down several times.

`python -m tests.data.people.make` writes the list again, always the same. Rows of one `person` are
one human being. The rules, each with its chance for a record that is not the first of its person:

given name    a short form of it 12 %, one word of two 30 %, its initial 3 %, a wrong letter 5 %,
              another spelling of accents and hyphens 50 %
family name   particles written together, apart or left out 35 %, a partner's name added 3 %, a
              wrong letter 6 %, another spelling of one sound 20 %
both          swapped 4 %, in capitals 10 %
birth         day and month exchanged 3 %, a wrong digit 4 %, another year 1 %, quite another 0.2 %
postcode      a wrong digit 2 %; the whole address is another one, for people move, 5 %
street        abbreviated 40 %, in the other language (Brussels) 50 %, a wrong letter 6 %, without
              number 4 %, with a box 10 %
telephone     another one 12 %

Missing in any record: birth 25 %, street 20 %, telephone 35 %, postcode 3 %.

Hard negatives, who are not one person: couples at one address with one telephone (a third of them
with one family name), their children, father and son or mother and daughter of the same name (one
child in fifteen), twins (one birth in thirty), neighbours in one building, namesakes in one town.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, count
from pathlib import Path
from random import Random
from typing import NamedTuple

from crm.demo.data import read
from crm.people import names, streets

HERE = Path(__file__).parent
FIELDS = ("person", "given_name", "family_name", "birth", "postcode", "town", "street", "phone")
STEMS_NL = "Acker Bos Broeck Kerck Linden Meer Molen Put Riet Steen Velde Weyer Zand Berg Dam Eynde"
ENDS_NL = "beke broeck camp gem hove laer mans rode sele straeten veken voort eren aert winckel"
STEMS_FR = "Beau Bel Bon Cam Char Clé Des Fer Gau Hau Lam Mar Mon Pel Ques Ré Sau Tou Val Ver"
ENDS_FR = "bert champ court dron fort gnies lier loy mont noy pagne quin rand tier val veau ville"
BEFORE_NL = ["Van ", "Van ", "Van den ", "Van der ", "De ", "", "", ""]
BEFORE_FR = ["", "", "", "", "De ", "Du ", "d'", "Le "]
TOWNS = {
    "1": ("Bruxelles", "Brussel"),
    "2": ("Anvers", "Antwerpen"),
    "3": ("Louvain", "Leuven"),
    "4": ("Liège", "Luik"),
    "5": ("Namur", "Namen"),
    "6": ("Charleroi", "Charleroi"),
    "7": ("Mons", "Bergen"),
    "8": ("Bruges", "Brugge"),
    "9": ("Gand", "Gent"),
}
SHORT = {
    "rue ": "r. ",
    "Rue ": "R. ",
    "avenue ": "av. ",
    "boulevard ": "bd ",
    "chaussée ": "ch. ",
    "place ": "pl. ",
    "straat": "str.",
    "steenweg": "stwg.",
    "laan": "ln.",
}
STREET_NAMES = (
    "Bergers Cerisiers Combattants Écoles Étangs Fermes Fontaine Forges Hêtres Jardins "
    "Lilas Marronniers Mésanges Mineurs Peupliers Prés Sapins Tilleuls Vergers Verriers Vignes"
)
STRAAT_NAMES = (
    "Beuken Berken Boomgaard Brouwerij Dorps Duiven Eiken Esdoorn Kapel Kasteel Kloosters "
    "Leeuwerik Linden Meester Merel Populieren Rozen School Smeden Veld Vijver Wilgen Zonne"
)


class Written(NamedTuple):
    """One record of a person."""

    person: int
    given_name: str
    family_name: str
    birth: str
    postcode: str
    town: str
    street: str
    phone: str


class Home(NamedTuple):
    postcode: str
    town: str
    street: str
    phone: str


class Human(NamedTuple):
    number: int
    language: str
    given_name: str
    family_name: str
    birth: date
    home: Home


def frequent(rng: Random, items: list[str], exponent: float = 0.8) -> Iterator[str]:
    """Draw for ever, the first of the list most often, as names are (Zipf)."""
    reached = list(accumulate(1 / (rank + 3) ** exponent for rank in range(len(items))))
    while True:
        yield rng.choices(items, cum_weights=reached)[0]


class Country:
    """Draws people and homes."""

    def __init__(self, seed: str) -> None:
        self.rng = rng = Random(f"people {seed}")
        lists = read("names")
        self.numbers = count(1)
        self.given, self.family = {}, {}
        for language, stems, ends, before in (
            ("fr", STEMS_FR, ENDS_FR, BEFORE_FR),
            ("nl", STEMS_NL, ENDS_NL, BEFORE_NL),
        ):
            rare = [
                f"{first}{stem}{end}"
                for first in before
                for stem in stems.split()
                for end in ends.split()
            ]
            rng.shuffle(rare)
            short = [line.split(",")[0] for line in names.NICKNAMES.read_text().splitlines()[2:]]
            self.given[language] = frequent(rng, lists[language]["given"] + short)
            self.family[language] = frequent(
                rng, lists[language]["family"] + list(dict.fromkeys(rare))
            )
        self.places = [
            (postcode, "fr" if language == "fr" else "nl")
            for place in read("places")["place"]
            if place["country"] == "BE"
            for language in (["fr"] if place["languages"][0] > 50 else ["nl"])
            for postcode in place["postcodes"]
        ]
        self.bilingual = [
            tuple(name.strip() for name in line.split("="))
            for line in streets.PAIRS.read_text().splitlines()
            if not line.startswith("#")
        ]

    def home(self) -> tuple[Home, str]:
        rng = self.rng
        postcode, language = rng.choice(self.places)
        town = TOWNS[postcode[0]][language == "nl"]
        if postcode < "1300":
            name = rng.choice(self.bilingual)[0]
        elif language == "fr":
            name = f"rue des {rng.choice(STREET_NAMES.split())}"
        else:
            name = f"{rng.choice(STRAAT_NAMES.split())}{rng.choice(['straat', 'straat', 'laan'])}"
        street = f"{name} {int(1 + 180 * rng.random() ** 2)}"
        return Home(postcode, town, street, self.phone()), language

    def phone(self) -> str:
        return f"+32400{self.rng.randrange(10**6):06}"  # no number in Belgium begins so

    def human(
        self,
        language: str,
        home: Home,
        birth: date,
        family: str = "",
        beside: tuple[Human, ...] = (),
    ) -> Human:
        given = next(self.given[language])
        while names.given_root(given) in {names.given_root(other.given_name) for other in beside}:
            given = next(self.given[language])
        family = family or next(self.family[language])
        return Human(next(self.numbers), language, given, family, birth, home)

    def household(self) -> list[Human]:
        """One adult or two, and perhaps their grown-up children."""
        rng = self.rng
        home, language = self.home()
        born = date(1935, 1, 1) + timedelta(days=rng.randrange(365 * 65))
        people = [self.human(language, home, born)]
        if rng.random() < 0.35:
            own = home if rng.random() < 0.6 else home._replace(phone=self.phone())
            family = people[0].family_name if rng.random() < 0.33 else ""
            other = born + timedelta(days=rng.randrange(-2500, 2500))
            people.append(self.human(language, own, other, family, tuple(people)))
            if rng.random() < 0.4:
                people += self.children(*people)
        elif rng.random() < 0.1:
            flat = home._replace(phone=self.phone())
            people.append(self.human(language, flat, born + timedelta(days=rng.randrange(9000))))
        return people

    def children(self, parent: Human, partner: Human) -> list[Human]:
        rng = self.rng
        born = parent.birth + timedelta(days=rng.randrange(365 * 20, 365 * 35))
        home = parent.home if rng.random() < 0.5 else parent.home._replace(phone=self.phone())
        family, both = parent.family_name, (parent, partner)
        child = self.human(parent.language, home, born, family, both)
        if rng.random() < 1 / 15:
            child = child._replace(given_name=parent.given_name)
        others = []
        if rng.random() < 0.5:
            later = (
                born if rng.random() < 1 / 15 else born + timedelta(days=rng.randrange(400, 3000))
            )
            others = [self.human(parent.language, home, later, family, (*both, child))]
        return [child, *others]

    def people(self, wanted: int) -> Iterator[Human]:
        found: list[Human] = []
        while len(found) < wanted:
            found += self.household()
        yield from found[:wanted]

    def records(self, human: Human) -> Iterator[Written]:
        """The records of somebody: the first as it should be, others with mistakes."""
        copies = self.rng.choices([1, 2, 3, 4], [62, 27, 8, 3])[0]
        for copy in range(copies):
            yield self.forgotten(self.mistaken(human) if copy else self.written(human))

    def written(self, human: Human) -> Written:
        birth = human.birth.strftime("%Y%m%d")
        return Written(human.number, human.given_name, human.family_name, birth, *human.home)

    def forgotten(self, row: Written) -> Written:
        gone = {"birth": 0.25, "street": 0.2, "phone": 0.35, "postcode": 0.03}
        missing = {field: "" for field, chance in gone.items() if self.rng.random() < chance}
        return row._replace(**missing)

    def mistaken(self, human: Human) -> Written:
        rng = self.rng
        if rng.random() < 0.05:
            moved, _language = self.home()
            human = human._replace(home=moved._replace(phone=human.home.phone))
        row = self.written(human)
        row = row._replace(
            given_name=self.given_mistaken(row.given_name),
            family_name=self.family_mistaken(row.family_name, human.language),
            birth=self.birth_mistaken(row.birth),
            street=self.street_mistaken(row.street),
        )
        if rng.random() < 0.02:
            row = row._replace(postcode=wrong(rng, row.postcode))
        if rng.random() < 0.12:
            row = row._replace(phone=self.phone())
        if rng.random() < 0.04:
            row = row._replace(given_name=row.family_name, family_name=row.given_name)
        if rng.random() < 0.1:
            row = row._replace(
                given_name=row.given_name.upper(), family_name=row.family_name.upper()
            )
        return row

    def given_mistaken(self, name: str) -> str:
        rng = self.rng
        if rng.random() < 0.12 and (others := short_forms(name)):
            return rng.choice(others)
        if "-" in name and rng.random() < 0.3:
            return name.split("-", maxsplit=1)[0]
        if rng.random() < 0.5:
            name = rng.choice([name.replace("-", " "), names.contact.fold(name).title()])
        if rng.random() < 0.03:
            return f"{name[0]}."
        return wrong(rng, name) if rng.random() < 0.05 else name

    def family_mistaken(self, name: str, language: str) -> str:
        rng = self.rng
        first, _space, rest = name.rpartition(" ")
        if first and rng.random() < 0.35:
            name = rng.choice([rest, f"{first.replace(' ', '')}{rest.lower()}", name.lower()])
        if rng.random() < 0.2:
            name = rng.choice(
                [name.replace("ck", "k"), name.replace("cq", "ck"), name.replace("ey", "eij")]
            )
        if rng.random() < 0.03:
            return f"{name}-{next(self.family[language])}"
        return wrong(rng, name) if rng.random() < 0.06 else name

    def birth_mistaken(self, birth: str) -> str:
        chance = self.rng.random()
        if chance < 0.03 and birth[6:] <= "12":
            return birth[:4] + birth[6:] + birth[4:6]
        if chance < 0.07:
            return wrong(self.rng, birth)
        if chance < 0.08:
            return f"{int(birth[:4]) - 1}{birth[4:]}"
        return f"{self.rng.randrange(1940, 2000)}0101" if chance < 0.082 else birth

    def street_mistaken(self, street: str) -> str:
        rng = self.rng
        name, _space, number = street.rpartition(" ")
        if rng.random() < 0.5:
            name = dict(self.bilingual).get(name, name)
        if rng.random() < 0.4:
            for long, short in SHORT.items():
                name = name.replace(long, short)
        if rng.random() < 0.06:
            name = wrong(rng, name)
        if rng.random() < 0.04:
            return name
        box = f" bte {rng.randrange(1, 20)}" if rng.random() < 0.1 else ""
        return f"{number}, {name}" if rng.random() < 0.1 else f"{name} {number}{box}"


def short_forms(name: str) -> list[str]:
    """What the bearers of a name are called."""
    for line in names.NICKNAMES.read_text().splitlines():
        group = [each.strip() for each in line.split(",")]
        if name in group:
            return [each for each in group if each != name]
    return []


def wrong(rng: Random, text: str) -> str:
    """One character is wrong, missing, doubled or exchanged with the next."""
    at = rng.randrange(1, len(text)) if len(text) > 1 else 0
    other = rng.choice("0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz")
    if text.isdigit():
        return text[:at] + other + text[at + 1 :]
    return rng.choice(
        [
            text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
        ]
    )


def rows(seed: str, people: int) -> Iterator[Written]:
    """The records of so many people, in random order."""
    country = Country(seed)
    found = [row for human in country.people(people) for row in country.records(human)]
    country.rng.shuffle(found)
    yield from found


def main() -> None:
    with (HERE / "people.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(FIELDS)
        table.writerows(rows("to try", 2_000))
    sys.stdout.write(f"{HERE / 'people.csv'}\n")


if __name__ == "__main__":
    main()
