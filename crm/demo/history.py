"""How a petition lives: a launch, the press, waves on social networks, and quiet times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crm.demo.chance import Weighted, dice

YEARS = 3
LENGTH = YEARS * 365 + 8

# What brings people, per kind of occasion; the first two are how the quiet days change over time.
FIRST_DAYS = {"direct": 16, "facebook": 34, "x": 8, "youtube": 3, "instagram": 4, "whatsapp": 2,
    "search": 11, "newsletter": 6, "partner": 9, "share": 16}  # fmt: skip
LAST_DAYS = {"direct": 15, "facebook": 20, "x": 3, "youtube": 5, "instagram": 14, "whatsapp": 9,
    "search": 12, "newsletter": 10, "partner": 7, "share": 26}  # fmt: skip
PRESS = {"direct": 34, "search": 36, "facebook": 14, "x": 6, "partner": 4, "share": 22}
SOCIAL = {"facebook": 42, "instagram": 16, "whatsapp": 12, "x": 6, "youtube": 4, "share": 48}
VIDEO = {"youtube": 55, "facebook": 14, "instagram": 12, "whatsapp": 6, "share": 26}
LETTER = {"newsletter": 82, "share": 14, "whatsapp": 4, "direct": 4}
STREET = {"street": 88, "direct": 8, "share": 4}
PARTNER = {"partner": 70, "newsletter": 8, "direct": 12, "share": 16}


@dataclass(frozen=True)
class Occasion:
    """Something that brings signers from one day on, and wears off."""

    day: int  # since the launch
    height: float  # signers on its best day
    mix: dict[str, int]
    half_life: float  # days
    rise: int = 0  # days until its best day
    flanders: float = 1.0  # how much more it is heard in Dutch

    def strength(self, day: int) -> float:
        since = day - self.day
        if since < 0 or since > self.rise + 10 * self.half_life:
            return 0
        if since < self.rise:
            return self.height * (since + 1) / (self.rise + 1)
        return self.height * 0.5 ** ((since - self.rise) / self.half_life)


SINGLE = [
    Occasion(0, 2900, PRESS, 2.6),
    Occasion(0, 1500, SOCIAL, 9, rise=2),
    Occasion(1, 900, LETTER, 1.5),
    Occasion(6, 1300, PRESS, 2.2, flanders=3.0),
    Occasion(19, 650, SOCIAL, 5, rise=3),
    Occasion(47, 420, PARTNER, 6),
    Occasion(88, 1150, PRESS, 1.8, flanders=0.4),
    Occasion(131, 380, SOCIAL, 7, rise=4),
    Occasion(204, 760, PRESS, 2.4, flanders=2.6),
    Occasion(259, 520, VIDEO, 6, rise=2),
    Occasion(333, 300, SOCIAL, 8, rise=5, flanders=1.8),
    Occasion(402, 1450, PRESS, 2.0),
    Occasion(405, 640, SOCIAL, 6, rise=2),
    Occasion(476, 340, PARTNER, 8, flanders=1.7),
    Occasion(548, 450, SOCIAL, 6, rise=3, flanders=0.6),
    Occasion(611, 880, PRESS, 1.7, flanders=0.3),
    Occasion(702, 410, VIDEO, 9, rise=3),
    Occasion(766, 560, SOCIAL, 5, rise=2, flanders=1.5),
    Occasion(838, 1020, PRESS, 2.3, flanders=1.4),
    Occasion(911, 360, SOCIAL, 8, rise=4),
    Occasion(978, 690, PRESS, 2.0, flanders=2.2),
    Occasion(1034, 470, SOCIAL, 7, rise=3),
    Occasion(1079, 330, PARTNER, 5),
]
# Each year: against trafficking (18 October), for children's rights (20 November), and others.
YEARLY = {
    (10, 18): Occasion(0, 820, PRESS, 2.0),
    (11, 18): Occasion(0, 340, SOCIAL, 3, rise=1),
    (11, 20): Occasion(0, 430, PARTNER, 3),
    (7, 30): Occasion(0, 260, SOCIAL, 3, rise=1),
    (2, 6): Occasion(0, 190, SOCIAL, 4, rise=1),
}
WEEKDAYS = [1.04, 1.1, 1.08, 1.06, 0.98, 0.82, 0.92]


def occasions(launch: date) -> list[Occasion]:
    """Everything that brings signers, in a petition launched on `launch`."""
    found = list(SINGLE)
    for since in range(1, LENGTH):
        day = launch + timedelta(days=since)
        year = since / LENGTH
        if yearly := YEARLY.get((day.month, day.day)):
            found.append(Occasion(since, yearly.height, yearly.mix, yearly.half_life, yearly.rise))
        if day.weekday() == 3 and day.day <= 7:  # a letter on the first Thursday
            found.append(Occasion(since, 60 + 130 * year, LETTER, 0.9))
        if day.weekday() == 5 and day.month in {4, 5, 6, 9, 10}:  # streets on Saturdays
            found.append(Occasion(since, 55 + 25 * year, STREET, 0.35))
    return found


@dataclass(frozen=True)
class Day:
    """How many sign on a day, where they come from, and how much more of them speak Dutch."""

    day: date
    weight: float
    channels: Weighted[str]
    flanders: float


def season(day: date) -> float:
    """Summer and the end of the year are quiet."""
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 3):
        return 0.6
    if date(day.year, 7, 8) <= day <= date(day.year, 8, 20):
        return 0.62
    return 1.0


def petition(*, launch: date, until: date) -> list[Day]:
    """The days of a petition, each with its weight."""
    rng, known = dice("history"), occasions(launch)
    return [day_of(launch, since, known, rng) for since in range((until - launch).days)]


def day_of(launch: date, since: int, known: list[Occasion], rng: Random) -> Day:
    day, part = launch + timedelta(days=since), since / LENGTH
    quiet = 30 + 22 * part
    channels = {
        channel: quiet * (FIRST_DAYS[channel] * (1 - part) + LAST_DAYS[channel] * part) / 100
        for channel in FIRST_DAYS
    }
    flemish, weight = quiet, quiet
    for occasion, strength in at_work(known, since):
        total = sum(occasion.mix.values())
        for channel, number in occasion.mix.items():
            channels[channel] = channels.get(channel, 0) + strength * number / total
        flemish += strength * occasion.flanders
        weight += strength
    rhythm = WEEKDAYS[day.weekday()] * season(day) * rng.lognormvariate(0, 0.16)
    return Day(day, weight * rhythm, Weighted(channels), flemish / weight)


def at_work(known: list[Occasion], since: int) -> Iterator[tuple[Occasion, float]]:
    for occasion in known:
        if strength := occasion.strength(since):
            yield occasion, strength


def sign_up(*, opened: date, until: date, rng: Random) -> list[Day]:
    """The days of a campaign that people join a few at a time."""
    channels = Weighted(
        {"partner": 34.0, "newsletter": 24, "direct": 16, "search": 12, "facebook": 14}
    )
    number = (until - opened).days
    return [
        Day(
            day := opened + timedelta(days=since),
            (0.5 + since / number)
            * WEEKDAYS[day.weekday()]
            * season(day)
            * rng.lognormvariate(0, 1.1),
            channels,
            1.0,
        )
        for since in range(number)
    ]
