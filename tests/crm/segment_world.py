"""People to whom anything may have happened, as conditions of segments ask for it."""

import random
from datetime import UTC, date, datetime, timedelta

from crm.people.contact_points import Phone, PostalAddress
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.tags import Tag, Tagging
from crm.privacy.models import ConsentState
from tests.crm.segments import TODAY
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    SignatureFactory,
    SupporterFactory,
)

DAYS = [
    date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 14), date(2025, 12, 31),
    date(2026, 1, 1), date(2026, 2, 12), date(2026, 3, 7), date(2026, 3, 13), TODAY,
]  # fmt: skip
# Around the midnight of Brussels, which is not that of UTC.
HOURS = [
    timedelta(hours=0),
    timedelta(hours=12),
    timedelta(hours=22, minutes=30),
    timedelta(hours=23, minutes=30),
]
WHENS = [
    None,
    {"kind": "last", "days": 7},
    {"kind": "last", "days": 30},
    {"kind": "older", "days": 30},
    {"kind": "this_year"},
    {"kind": "last_year"},
    {"kind": "between", "from": "2025-01-01", "to": "2025-12-31"},
    {"kind": "between", "to": "2025-03-14"},
    {"kind": "between", "from": "2026-03-13"},
]


class World:
    """A dozen people, and what a random generator did to them."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.campaigns = [CampaignFactory() for _each in range(3)]
        self.tags = [Tag.objects.create(name=name) for name in "ab"]
        self.people = [self.person(number) for number in range(12)]
        for _number in range(60):
            getattr(self, self.chance.choice(DEEDS))(self.chance.choice(self.people))

    def moment(self):
        midnight = datetime.combine(self.chance.choice(DAYS), datetime.min.time(), tzinfo=UTC)
        return midnight + self.chance.choice(HOURS)

    def person(self, number):
        pick = self.chance.choice
        return SupporterFactory(
            given_name=f"P{number:02}",
            email=pick(["", f"p{number}@example.org"]),
            birth_date=pick([None, date(2004, 2, 29), date(2008, 3, 14), date(2008, 3, 15)]),
            country=pick(["BE", "FR", ""]),
            postcode=pick(["", "999", "1000", "1299", "1300", "75001"]),
            language=pick(["fr", "nl"]),
            kind=pick(["person", "organisation"]),
            created_at=self.moment(),
        )

    def gives(self, who):
        pick = self.chance.choice
        status = pick(["paid", "paid", "paid", "failed"])
        gift = GiftFactory(
            supporter=who,
            amount=pick([500, 1000, 2500]),
            status=status,
            kind=pick(["money", "money", "money", "in_kind"]),
            method=pick(["card", "cash"]),
            campaign=pick([None, *self.campaigns]),
            received_on=pick(DAYS) if status == "paid" else None,
        )
        back = pick([0, 0, 0, 500, gift.amount])
        if back and status == "paid":
            EntryFactory(gift=gift, kind=pick(["refund", "dispute"]), amount=-back)

    def signs(self, who):
        campaign = self.chance.choice(self.campaigns)
        status = self.chance.choice(["pending", "confirmed", "confirmed", "withdrawn"])
        if not who.signatures.filter(campaign=campaign).exists():
            SignatureFactory(
                campaign=campaign,
                supporter=who,
                status=status,
                signed_at=self.moment(),
                confirmed_at=self.moment() if status == "confirmed" else None,
            )

    def promises(self, who):
        status = self.chance.choice(["active", "past_due", "paused", "ended"])
        ended_at = self.moment() if status == "ended" else None
        PlanFactory(
            supporter=who,
            status=status,
            amount=self.chance.choice([500, 1000]),
            started_at=self.moment(),
            ended_at=ended_at,
        )

    def agrees(self, who):
        said = {"given": self.chance.random() < 0.5, "since": self.moment()}
        ConsentState.objects.update_or_create(
            supporter=who, channel="email", purpose="newsletter", defaults=said
        )

    def is_tagged(self, who):
        Tagging.objects.get_or_create(
            supporter=who, tag=self.chance.choice(self.tags), defaults={"tagged_at": self.moment()}
        )

    def is_related(self, who):
        other = self.chance.choice([each for each in self.people if each != who])
        kind = self.chance.choice(["partner", "parent", "member"])
        ends_on = self.chance.choice([None, None, *DAYS])
        if not Relationship.objects.filter(supporter=who, other=other, kind=kind).exists():
            Relationship.objects.create(supporter=who, other=other, kind=kind, ends_on=ends_on)

    def lives_with(self, who):
        HouseholdMember.objects.get_or_create(
            supporter=who, defaults={"household": Household.objects.create()}
        )

    def is_reached(self, who):
        pick = self.chance.choice
        who.emails.update(status=pick(["good", "bouncing"]))
        Phone.objects.get_or_create(
            supporter=who, number="+32475123456", defaults={"status": pick(["good", "wrong"])}
        )
        PostalAddress.objects.create(
            supporter=who,
            street=pick(["", "Rue Haute 1"]),
            status=pick(["unverified", "bad", "past"]),
            ends_on=pick([None, *DAYS]),
        )

    def is_gone(self, who):
        if self.chance.random() < 0.2:
            Supporter.objects.filter(pk=who.pk).update(erased_at=self.moment())


DEEDS = [
    "gives", "gives", "gives", "signs", "signs", "promises", "agrees", "is_tagged", "is_related",
    "lives_with", "is_reached", "is_gone",
]  # fmt: skip
