"""Hotels and schools that signed The Code: how far they are, and which reports came."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from crm import audit
from crm.access import Role
from crm.audit import AuditEntry
from crm.demo import organisations
from crm.demo.chance import dice
from crm.demo.data import read
from crm.demo.organisations import Told
from crm.demo.world import World
from crm.lib.periods import local_day, noon
from crm.people.households import Relationship
from crm.people.models import Supporter
from crm.people.noting import finish_task
from crm.programmes.chasing import chase
from crm.programmes.partnering import year_after
from crm.programmes.partners import Criterion, CriterionState, Partner, PartnerReport

State = CriterionState.State
OLDEST, YOUNGEST = 3300, 120  # days ago that partners signed
LATE = 150  # days: longer ago, every report came in the end
SOME = 0.45  # of those whose report fell due lately have not sent it
ASKED = 0.6  # of the overdue ones answered that it is coming
GROWN = 1600  # days after which a partner meets nearly everything
REPORTED = timedelta(days=90)  # since when a lapsed report is told


class Register:
    """Writes partners as the members of staff would have over the years."""

    def __init__(self, world: World) -> None:
        self.world, self.rng, self.told = world, dice("partners"), read("partners")
        staff = get_user_model().objects.filter(username__in=Role.values)
        self.staff: dict[str, Any] = {user.username: user for user in staff}
        self.states: list[CriterionState] = []
        self.reports: list[PartnerReport] = []
        self.entries: list[AuditEntry] = []

    def write(self) -> None:
        partners = [
            *self.register("hotels", Partner.Sector.HOTEL),
            *self.register("schools", Partner.Sector.SCHOOL),
        ]
        for partner in partners:
            self.report(partner)
            self.improve(partner)
        self.begin(self.register("preparing", Partner.Sector.HOTEL))
        self.part(self.register("left", Partner.Sector.HOTEL))
        CriterionState.objects.bulk_create(self.states)
        PartnerReport.objects.bulk_create(self.reports)
        Partner.objects.bulk_update(partners, ["next_report_on"])
        AuditEntry.objects.bulk_create(sorted(self.entries, key=lambda entry: entry.at))
        self.introduce(partners)
        self.ask()

    def register(self, part: str, sector: str) -> list[Partner]:
        """Write the organisations of a part of the list, and that we accompany them."""
        days = [self.rng.randint(YOUNGEST, OLDEST) for _each in self.told[part]]
        told = [
            Told(name, language, postcode, noon(self.world.today - timedelta(days=ago + 60)))
            for (name, language, postcode), ago in zip(self.told[part], days, strict=True)
        ]
        partners = [
            Partner(
                organisation=organisation,
                sector=sector_of(organisation, sector),
                signed_on=None if part == "preparing" else self.world.today - timedelta(days=ago),
                responsible=self.companion(),
                modified_at=self.world.end - timedelta(days=min(ago, 30), hours=8),
            )
            for organisation, ago in zip(organisations.write(told), days, strict=True)
        ]
        Partner.objects.bulk_create(partners)
        for partner in partners:
            self.note("partner.added", partner, local_day(partner.organisation.created_at))
            if partner.signed_on:
                self.note("partner.signed", partner, partner.signed_on)
        return partners

    def companion(self) -> Any:
        roles = [Role.CAMPAIGNER, Role.CAMPAIGNER, Role.CAMPAIGNER, Role.ADMINISTRATOR, ""]
        return self.staff.get(self.rng.choice(roles))

    def report(self, partner: Partner) -> None:
        """Each year's report came early or late, but for some of the last; the next is to come."""
        for due_on in self.days_due(partner):
            if due_on >= self.world.today or self.is_missing(due_on):
                partner.next_report_on = due_on
                self.reports.append(PartnerReport(partner=partner, year=due_on.year, due_on=due_on))
                return
            came = due_on + timedelta(days=self.rng.randint(-25, 45))
            came = min(came, self.world.today - timedelta(days=1))
            self.reports.append(
                PartnerReport(partner=partner, year=due_on.year, due_on=due_on, received_on=came)
            )
            self.note("partner.reported", partner, came, year=due_on.year)

    def days_due(self, partner: Partner) -> Iterator[date]:
        due_on = partner.signed_on or self.world.today
        while True:
            due_on = year_after(due_on)
            yield due_on

    def is_missing(self, due_on: date) -> bool:
        ago = (self.world.today - due_on).days
        return ago <= LATE and self.rng.random() < SOME

    def improve(self, partner: Partner) -> None:
        """The longer a partner is one, the more it has done; what it reported is of its reports."""
        since = partner.signed_on or self.world.today
        age = (self.world.today - since).days
        for criterion in list(Criterion)[:-1]:
            state = self.state(age)
            if state:
                day = since + timedelta(days=self.rng.randint(0, age - 1))
                self.reach(partner, criterion, state, day)
        came = [each.received_on for each in self.reports if each.partner == partner]
        received = [day for day in came if day]
        if received:
            overdue = self.world.today - (partner.next_report_on or self.world.today)
            state = State.LAPSED if overdue > REPORTED else State.MET
            self.reach(partner, Criterion.REPORT, state, max(received))

    def state(self, age: int) -> State | None:
        done, luck = min(1, 0.25 + age / GROWN), self.rng.random()
        if luck < done * 0.88:
            return State.MET
        if luck < done * 0.93:
            return State.LAPSED
        return State.BEGUN if luck < done * 0.93 + 0.3 else None

    def reach(self, partner: Partner, criterion: Criterion, state: State, day: date) -> None:
        words = self.told["evidence"][str(criterion.value)][partner.organisation.language]
        evidence = "" if state == State.BEGUN else self.rng.choice(words)
        self.states.append(
            CriterionState(
                partner=partner,
                criterion=criterion.value,
                state=state.value,
                since=day,
                evidence=evidence,
            )
        )
        told = {"criterion": criterion.value, "state": state.value}
        self.note("partner.criterion", partner, day, **told)

    def begin(self, partners: list[Partner]) -> None:
        """Those who prepare have written a policy, or are at it."""
        for place, partner in enumerate(partners):
            day = self.world.today - timedelta(days=20 + 9 * place)
            state = State.MET if place % 2 else State.BEGUN
            self.reach(partner, Criterion.POLICY, state, day)

    def part(self, partners: list[Partner]) -> None:
        for partner in partners:
            stayed = self.rng.randint(60, YOUNGEST - 10)
            partner.left_on = (partner.signed_on or self.world.today) + timedelta(days=stayed)
            self.note("partner.left", partner, partner.left_on)
        Partner.objects.bulk_update(partners, ["left_on"])

    def introduce(self, partners: list[Partner]) -> None:
        """Somebody at each partner is whom one calls: people who have not given so far."""
        people = Supporter.objects.current().filter(
            kind=Supporter.Kind.PERSON, gifts=None, membership=None, relationships=None
        )
        keys = list(people.order_by("pk").values_list("pk", flat=True)[: len(partners) * 20])
        chosen = self.rng.sample(keys, min(len(partners), len(keys)))
        Relationship.objects.bulk_create(
            Relationship(
                supporter_id=key,
                other=partner.organisation,
                kind=Relationship.Kind.CONTACT,
                role=self.rng.choice(self.told["roles"][partner.organisation.language]),
                is_main_contact=True,
                added_at=self.world.end - timedelta(days=100),
            )
            for partner, key in zip(partners, chosen, strict=False)
        )

    def ask(self) -> None:
        """Colleagues were asked for each report the day after it was due; some have called."""
        late = PartnerReport.objects.filter(received_on=None, due_on__lt=self.world.today)
        related = late.select_related("partner__organisation", "partner__responsible")
        for report in related.order_by("due_on", "pk"):
            day = min(report.due_on + timedelta(days=1), self.world.today - timedelta(days=1))
            chase(report, day=day, at=noon(day))
            if report.task is not None and self.rng.random() < ASKED:
                by = report.task.assigned_to or self.staff.get(Role.CAMPAIGNER)
                finish_task(task=report.task, at=min(noon(day), self.last_noon), by=by)

    @property
    def last_noon(self) -> datetime:
        return noon(self.world.today - timedelta(days=1))

    def note(self, action: str, partner: Partner, day: date, **details: Any) -> None:
        by = partner.responsible or self.staff.get(Role.CAMPAIGNER)
        subject = audit.subject_of(partner)
        self.entries.append(
            AuditEntry(action=action, subject=subject, by=by, at=noon(day), details=details)
        )


def sector_of(organisation: Supporter, usual: str) -> str:
    """Those that prepare are of several sectors: their names say so."""
    name = organisation.family_name
    return Partner.Sector.TRAVEL if name.startswith(("Agence", "Reis")) else usual


def write(world: World) -> None:
    """Write the partners, with all that they did."""
    Register(world).write()
