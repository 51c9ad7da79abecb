"""How donors, and some of those who signed, are reached beside their e-mail. All of it is invented.

Telephone numbers come from one small block, streets from names that many towns have.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from django.db import connection

from crm.demo.chance import dice
from crm.demo.copying import Table
from crm.demo.data import read
from crm.demo.persons import Person
from crm.demo.world import NOTHING, Known, World
from crm.people.contact_points import Phone, PostalAddress
from crm.people.models import Supporter

NUMBERS = "+324500{:05d}"
WITH_STREET, WITH_PHONE, WHO_MOVED = 0.8, 0.4, 0.04
EACH_SIGNER = 70  # gave a telephone, one in so many
TELL_FORM, TELL_BIRTH = 0.7, 0.15
COUPLES, PER_COUPLE = 300, 25  # at most, and one to so many donors
REACHED = """
SELECT id, given_name, language, postcode, country, created_at, is_donor
FROM crm_supporter
LEFT JOIN (SELECT supporter_id, true AS is_donor FROM crm_gift GROUP BY 1) AS donor
ON donor.supporter_id = id
WHERE kind = 'person' AND (is_donor OR id %% %(each)s = 0)
ORDER BY id
"""


class Reached(NamedTuple):
    """Somebody whom we reach, or may."""

    id: int
    given_name: str
    language: str
    postcode: str
    country: str
    since: datetime
    is_donor: bool | None


class Home(NamedTuple):
    street: str
    town: str


class Forms:
    """How somebody of a given name is most likely addressed."""

    def __init__(self) -> None:
        names, told = read("names"), read("forms")
        self.forms = {}
        for language, lists in names.items():
            given = lists["given"]
            men = given[given.index(told["first_man"][language]) :]
            for name in given:
                form = Supporter.Form.SIR if name in men else Supporter.Form.MADAM
                self.forms[language, name] = form.value
        for language, given in told["either"].items():
            self.forms |= dict.fromkeys([(language, name) for name in given], "")

    def of(self, given_name: str, language: str) -> str:
        return self.forms.get((language, given_name), "")


class Telling:
    """What some people tell of themselves when they give."""

    def __init__(self, today: date) -> None:
        self.today, self.rng, self.forms = today, dice("telling"), Forms()

    def of(self, person: Person) -> Known:
        draws = self.rng.random(), self.rng.random(), self.rng.random()
        form = self.forms.of(person.given_name, person.language) if draws[0] < TELL_FORM else ""
        if draws[1] >= TELL_BIRTH:
            return NOTHING._replace(form=form)
        return Known(form, self.today - timedelta(days=int(365.25 * (22 + 66 * draws[2]))))


class Homes:
    """Streets in the towns that we know the names of."""

    def __init__(self, rng: Random) -> None:
        known = read("towns")
        self.rng, self.streets = rng, read("streets")
        self.towns, self.brussels = known["towns"], known["brussels"]

    def town(self, postcode: str, language: str) -> str:
        if postcode in self.brussels:
            return self.brussels[postcode][language == "nl"]
        return self.towns.get(postcode, "")

    def home(self, postcode: str, language: str) -> Home:
        is_flemish = postcode[:1] in "2389" or "1500" <= postcode < "2000"
        is_dutch = language == "nl" if postcode in self.brussels else is_flemish
        street = self.rng.choice(self.streets["nl" if is_dutch else "fr"])
        box = f" {'bus' if is_dutch else 'bte'} {self.rng.randrange(1, 9)}"
        number = self.rng.randrange(1, 190)
        written = f"{street} {number}" if is_dutch else f"{street}, {number}"
        has_box = self.rng.random() < 0.15
        return Home(written + box * has_box, self.town(postcode, language))


class Reaching:
    """Writes the two tables, by COPY."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, dice("reach")
        self.homes = Homes(self.rng)
        self.phones = Table(
            Phone, "supporter_id", "number", "use", "source", "added_at", "status", "is_preferred"
        )
        self.addresses = Table(
            PostalAddress, "supporter_id", "street", "postcode", "town", "country", "use",
            "source", "added_at", "status", "is_preferred", "begins_on", "ends_on",
        )  # fmt: skip

    def live(self, one: Reached, home: Home) -> None:
        """Write where somebody lives, and for a few where they lived before."""
        source = "checkout" if self.rng.random() < 0.7 else "staff"
        draw, moved_on = self.rng.random(), None
        if draw < WHO_MOVED:
            moved_on = one.since.date()
            before = self.homes.home(one.postcode, one.language)
            self.add(one, before, source, "past", ends_on=moved_on)
        status = "bad" if draw > 0.985 else "verified" if draw > 0.6 else "unverified"
        self.add(one, home, source, status, begins_on=moved_on)

    def add(
        self,
        one: Reached,
        home: Home,
        source: str,
        status: str,
        *,
        begins_on: date | None = None,
        ends_on: date | None = None,
    ) -> None:
        self.addresses.add(
            one.id, home.street, one.postcode, home.town, one.country, "home", source, one.since,
            status, status != "past", begins_on, ends_on,
        )  # fmt: skip

    def call(self, one: Reached) -> None:
        number = NUMBERS.format(self.phones.last_id)
        use = "work" if self.rng.random() < 0.08 else "home"
        source = "checkout" if one.is_donor else "signature"
        self.phones.add(one.id, number, use, source, one.since, "good", True)


def write(world: World) -> list[tuple[int, int]]:
    """Write addresses and telephones; return those who live together, two by two."""
    with connection.cursor() as cursor:
        cursor.execute(REACHED, {"each": EACH_SIGNER})
        found = [Reached(*row) for row in cursor.fetchall()]
    reaching, rng = Reaching(world), dice("reached")
    couples = pairs(found)
    homes: dict[int, Home] = {}
    partners = {second: first for first, second in couples}
    together = {each for couple in couples for each in couple}
    for one in found:
        has_street = one.id in together or (one.is_donor and rng.random() < WITH_STREET)
        if has_street and reaching.homes.town(one.postcode, one.language):
            home = homes.get(partners.get(one.id, 0))
            homes[one.id] = home or reaching.homes.home(one.postcode, one.language)
            reaching.live(one, homes[one.id])
        if not one.is_donor or rng.random() < WITH_PHONE:
            reaching.call(one)
    reaching.phones.finish()
    reaching.addresses.finish()
    return couples


def pairs(found: Iterable[Reached]) -> list[tuple[int, int]]:
    """Return donors of one postcode and language, the one who came first first."""
    forms = Forms()
    waiting: dict[tuple[str, str], list[tuple[Reached, str]]] = defaultdict(list)
    couples: list[tuple[int, int]] = []
    donors = [one for one in found if one.is_donor and one.country == "BE"]
    wanted = min(COUPLES, len(donors) // PER_COUPLE)
    # From all over the years, not only from the first.
    for one in donors[:: max(1, len(donors) // (wanted * 12 or 1))]:
        place = one.postcode, one.language
        form = forms.of(one.given_name, one.language)
        fitting = [each for each in waiting[place] if each[1] != form]
        if fitting and len(couples) < wanted:
            other = fitting[0]
            waiting[place].remove(other)
            couples.append((other[0].id, one.id))
        else:
            waiting[place].append((one, form))
    return couples
