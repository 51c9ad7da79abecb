"""Trainings, their sessions over three years, who came, and those to come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from crm.demo.chance import dice, public_id, shares
from crm.demo.data import read
from crm.demo.moments import beginning
from crm.demo.world import World
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from crm.people.operations import address_of, newcomer
from crm.programmes.certifying import refresh_on
from crm.programmes.partners import Partner
from crm.programmes.trainings import Certificate, Enrolment, Session, Training

State = Enrolment.State
TRAINED = 410  # in a full year
BEFORE = 0.8  # of that, the year before it
NEWCOMERS, KNOWN = 640, 120  # who comes: people of whom nothing else is known, and donors
SEASON = [date(2000, month, day) for month in (1, 2, 3, 4, 5, 6, 9, 10, 11, 12) for day in (9, 21)]
AHEAD = timedelta(days=75)  # how far sessions are announced
FULL = 3  # of the sessions to come, every so many


class Given(NamedTuple):
    """A session, and how many came, did not come, and gave their place back."""

    session: Session
    came: int
    absent: int
    cancelled: int


class Classroom:
    """Fills sessions with people, nobody twice in the same one."""

    def __init__(self, world: World) -> None:
        self.world, self.rng, self.texts = world, dice("trainings"), read("trainings")
        self.trainings: list[Training] = []
        self.sectors: dict[int, str] = {}
        self.enrolments: list[Enrolment] = []
        self.people: list[Supporter] = []
        self.employers: dict[str, list[int]] = {}
        self.works_at: dict[tuple[int, str], int] = {}

    def write(self) -> None:
        self.write_trainings()
        self.people = [*write_newcomers(self.world), *known_people()]
        self.employers = employers()
        for given in [*self.held(), *self.coming()]:
            self.fill(given)
        Enrolment.objects.bulk_create(self.enrolments)
        write_certificates(self.enrolments)

    def write_trainings(self) -> None:
        at = self.world.end - timedelta(days=1200)
        rows = [
            Training(
                title=told["title"],
                programme=told["programme"],
                description=told["description"],
                language=told["language"],
                hours=Decimal(told["hours"]),
                refresher_months=told["refresher"],
                created_at=at,
            )
            for told in self.texts["training"]
        ]
        self.trainings = Training.objects.bulk_create(rows)
        for training, told in zip(self.trainings, self.texts["training"], strict=True):
            self.sectors[training.pk] = told.get("sector", "")

    def held(self) -> Iterator[Given]:
        """The sessions of the last two full years, and those of this year so far."""
        year = self.world.today.year
        for held_in, trained in ((year - 2, round(TRAINED * BEFORE)), (year - 1, TRAINED)):
            yield from self.filled(self.schedule(held_in), trained)
        all_of_year = self.schedule(year)
        past = [day for day in all_of_year if day[0] < self.world.today]
        yield from self.filled(past, round(TRAINED * len(past) / len(all_of_year)))

    def filled(self, days: list[tuple[date, Training]], trained: int) -> Iterator[Given]:
        """Let exactly so many people come to sessions on these days."""
        weights = [1 + self.rng.random() for _day in days]
        for (day, training), came in zip(days, shares(trained, weights, sum(weights)), strict=True):
            absent, cancelled = self.rng.choice([0, 0, 1, 1, 2, 3]), self.rng.choice([0, 1, 1, 2])
            places = 5 * ((came + absent + 4) // 5)
            yield Given(self.session(day, training, places=places), came, absent, cancelled)

    def coming(self) -> Iterator[Given]:
        """Sessions to come: most have places left, every third one is full with people waiting."""
        last = self.world.today + AHEAD
        both = [*self.schedule(self.world.today.year), *self.schedule(self.world.today.year + 1)]
        days = [each for each in both if self.world.today < each[0] <= last]
        for place, (day, training) in enumerate(days):
            session = self.session(day, training, places=15, is_public=place % 5 != 4)
            number = 15 if place % FULL == 0 else self.rng.randrange(3, 13)
            yield Given(session, number, 0, 1)

    def schedule(self, year: int) -> list[tuple[date, Training]]:
        """The days of a year's sessions, the same in every year but for the weekends."""
        lessons = [
            training
            for training, told in zip(self.trainings, self.texts["training"], strict=True)
            for _time in range(told["each"])
        ]
        dice("lessons").shuffle(lessons)
        days = sorted(dice("season").choices(SEASON, k=len(lessons) - len(SEASON)) + SEASON)
        return [
            (weekday(day.replace(year=year) + timedelta(days=place % 3)), lesson)
            for place, (day, lesson) in enumerate(zip(days, lessons, strict=True))
        ]

    def session(
        self, day: date, training: Training, *, places: int, is_public: bool = True
    ) -> Session:
        begins = beginning(day, self.rng.choice([9, 9, 10, 13]))
        return Session.objects.create(
            public_id=public_id(self.rng),
            training=training,
            begins_at=begins,
            ends_at=begins + timedelta(hours=float(training.hours)),
            place=self.rng.choice(self.texts["places"][training.language]),
            trainer=self.rng.choice(self.texts["trainers"]),
            places=places,
            is_public=is_public,
            created_at=min(begins - AHEAD, self.world.end),
        )

    def fill(self, given: Given) -> None:
        session, is_over = given.session, given.session.begins_at < self.world.end
        waiting = 0 if is_over or given.came < session.places else self.rng.randrange(2, 5)
        states = [
            *[State.ATTENDED if is_over else State.ENROLLED] * given.came,
            *[State.ABSENT] * given.absent,
            *[State.CANCELLED] * given.cancelled,
            *[State.WAITING] * waiting,
        ]
        last = min(session.begins_at, self.world.end) - timedelta(days=1)
        for state, person in zip(states, self.rng.sample(self.people, len(states)), strict=True):
            self.enrol(session, person, state, last=last)

    def enrol(self, session: Session, person: Supporter, state: str, *, last: datetime) -> None:
        sector = self.sectors[session.training_id]
        # Who waits came last, when all the places were taken.
        ago = 0 if state == State.WAITING else self.rng.randrange(1, 30)
        at = last - timedelta(days=ago, minutes=self.rng.randrange(600))
        at = max(at, person.created_at)
        self.enrolments.append(
            Enrolment(
                public_id=public_id(self.rng),
                session=session,
                supporter=person,
                employer_id=self.employer(person, sector),
                state=state,
                source=self.rng.choice(["form", "form", "staff"]),
                enrolled_at=at,
                modified_at=session.ends_at if state in (State.ATTENDED, State.ABSENT) else at,
            )
        )

    def employer(self, person: Supporter, sector: str) -> int | None:
        """Where somebody works, the same each time they come."""
        known = self.employers.get(sector)
        if not known or (not sector and self.rng.random() < 0.7):
            return None
        return self.works_at.setdefault((person.pk, sector), self.rng.choice(known))


def write(world: World) -> None:
    """Write all of it, unless there are trainings already."""
    if not Training.objects.exists():
        Classroom(world).write()


def weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def write_newcomers(world: World) -> list[Supporter]:
    """Write people of whom we know from their trainings only."""
    rng, places = dice("trainees"), world.population.where()
    at = world.end - timedelta(days=1100)
    made = [
        newcomer(
            at=at,
            source="training",
            email=person.email,
            given_name=person.given_name,
            family_name=person.family_name,
            language=person.language,
            postcode=person.postcode,
            country=person.country,
        )
        for person in (world.population.person(places.draw(rng), rng) for _ in range(NEWCOMERS))
    ]
    for person in made:
        person.public_id = public_id(rng)
    Supporter.objects.bulk_create(made)
    EmailAddress.objects.bulk_create([address_of(person) for person in made])
    Change.objects.bulk_create(
        [Change(supporter=person, kind="registered", at=at) for person in made]
    )
    return made


def known_people() -> Sequence[Supporter]:
    """Some of the donors."""
    donors = Supporter.objects.current().filter(kind=Supporter.Kind.PERSON, gifts__isnull=False)
    keys = list(donors.order_by("pk").distinct().values_list("pk", flat=True))
    chosen = dice("trainees who give").sample(keys, min(KNOWN, len(keys)))
    return list(Supporter.objects.filter(pk__in=chosen).order_by("pk"))


def employers() -> dict[str, list[int]]:
    """The partners of The Code by their sector, and all of them under no sector."""
    found: dict[str, list[int]] = {}
    rows = Partner.objects.active().order_by("pk").values_list("sector", "organisation")
    for sector, organisation in rows:
        found.setdefault(sector, []).append(organisation)
        found.setdefault("", []).append(organisation)
    return found


def write_certificates(enrolments: list[Enrolment]) -> None:
    """Let all who came have their certificate, numbered within its year."""
    came = [each for each in enrolments if each.state == State.ATTENDED]
    came.sort(key=lambda each: (each.session.ends_at, each.pk))
    numbers: dict[int, int] = {}
    rows: list[Any] = []
    for each in came:
        at = each.session.ends_at
        numbers[at.year] = numbers.get(at.year, 0) + 1
        rows.append(
            Certificate(
                enrolment=each,
                year=at.year,
                number=numbers[at.year],
                name=each.supporter.full_name,
                language=each.session.training.language,
                refresh_on=refresh_on(each.session),
                issued_at=at,
            )
        )
    Certificate.objects.bulk_create(rows)
