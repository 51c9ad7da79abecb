"""What stands beside gifts: tributes, soft credits, a letter, a batch, an alarm."""

from datetime import timedelta
from random import Random

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from crm.access import Role
from crm.campaigns.models import Campaign
from crm.demo.chance import dice, public_id
from crm.demo.copying import Table
from crm.demo.world import World
from crm.donations.batches import Batch, BatchRow
from crm.donations.communications import Communication, number_campaigns, with_check_digits
from crm.donations.credits import SoftCredit, Tribute
from crm.donations.models import Entry, Gift, Method
from crm.lib.periods import noon
from crm.mailing.alarms import Alarm
from crm.people.models import Supporter

TRIBUTES, PER_TRIBUTE = 40, 50  # at most, and one to so many gifts
CREDITS, PER_CREDIT = 30, 60
ASKED = 500  # donors, by letter
LETTER = timedelta(days=24)  # ago
# What was counted on the table, and how many of the slips somebody has typed in so far.
SLIPS = [2000, 1000, 5000, 2500, 2000, 500, 10000, 2000, 1500, 2500, 5000, 1000, 2000, 3000]
ENTERED, KNOWN = 6, 4


def write(world: World, *, campaign: Campaign, gifts: int) -> None:
    """Write all of it, for a demo of so many gifts."""
    people = names_of(world, number=300)
    money = Gift.objects.paid().filter(kind=Gift.Kind.MONEY, reference__startswith="demo:")
    write_tributes(money, people, number=min(TRIBUTES, gifts // PER_TRIBUTE))
    write_credits(money, number=min(CREDITS, gifts // PER_CREDIT))
    write_letter(world, campaign)
    write_batch(world, people)
    ring()


def names_of(world: World, *, number: int) -> list[tuple[str, str]]:
    """Invented names of people who are nobody's supporter here."""
    rng, places = dice("names"), world.population.where()
    found = [world.population.person(places.draw(rng), rng) for _ in range(number)]
    return [(person.given_name, person.family_name) for person in found]


def some(rows: QuerySet, number: int, rng: Random) -> list:
    """So many rows, here and there."""
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    chosen = rng.sample(found, min(number, len(found)))
    return list(rows.filter(pk__in=chosen).order_by("pk"))


def write_tributes(gifts: QuerySet[Gift], people: list[tuple[str, str]], *, number: int) -> None:
    """In memory more often than in honour; some of those near to them were told."""
    rng = dice("tributes")
    single = gifts.filter(plan=None, amount__gte=2500, matching=None).select_related("supporter")
    for place, gift in enumerate(some(single, number, rng)):
        given, family = people[place]
        is_memory = rng.random() < 0.7
        near = f"{people[-1 - place][0]} {family}" if rng.random() < 0.4 else ""
        Tribute.objects.create(
            gift=gift,
            kind=Tribute.Kind.MEMORY if is_memory else Tribute.Kind.HONOUR,
            name=f"{given} {family}",
            notify_name=near,
            notify_email=f"proche{place}@example.org" if near else "",
            language=gift.supporter.language,
            notified_at=gift.modified_at if near else None,
        )


def write_credits(gifts: QuerySet[Gift], *, number: int) -> None:
    """Whoever asked for a gift, made it possible, or gave it with somebody."""
    rng = dice("credits")
    kinds = [SoftCredit.Kind.HOUSEHOLD, SoftCredit.Kind.HOUSEHOLD, SoftCredit.Kind.SOLICITOR,
        SoftCredit.Kind.INFLUENCER]  # fmt: skip
    givers = Supporter.objects.filter(kind=Supporter.Kind.PERSON, gifts__in=gifts).distinct()
    others = some(givers, number, rng)
    for gift, other in zip(some(gifts.filter(plan=None), number, rng), others, strict=False):
        if gift.supporter_id != other.pk:
            kind, part = rng.choice(kinds), rng.choice([1, 1, 2])
            SoftCredit.objects.create(
                gift=gift, supporter=other, kind=kind, amount=gift.amount // part
            )


def write_letter(world: World, campaign: Campaign) -> None:
    """Give those who gave last a communication each, as for a letter of this month."""
    at = noon(world.today - LETTER)
    with override("fr"):
        name = f"Lettre, {date_format(at, 'F Y')}"
    table = Table(Communication, "digits", "supporter_id", "campaign_id", "appeal", "created_at")
    donors = Supporter.objects.filter(kind=Supporter.Kind.PERSON, gifts__received_on__lt=at)
    last = donors.annotate(last=Max("gifts__received_on")).order_by("-last", "pk")
    for donor in last.values_list("pk", flat=True)[:ASKED]:
        digits = with_check_digits(settings.COMMUNICATION_PREFIX, table.last_id + 1)
        table.add(digits, donor, campaign.pk, name, at)
    table.finish()
    number_campaigns(at=at)


def write_batch(world: World, people: list[tuple[str, str]]) -> None:
    """A stack of envelopes that somebody has begun to type in."""
    rng = dice("batch")
    donors = some(Supporter.objects.filter(gifts__isnull=False).distinct(), KNOWN, rng)
    batch = Batch.objects.create(
        public_id=public_id(rng),
        name="Enveloppes de la soirée annuelle",
        method=Method.CASH,
        received_on=world.today - timedelta(days=4),
        expected_count=len(SLIPS),
        expected_total=sum(SLIPS),
        version=1,
        opened_by=get_user_model().objects.filter(username=Role.FUNDRAISER).first(),
        opened_at=world.end - timedelta(hours=9),
    )
    strangers = [{"given_name": given, "family_name": family} for given, family in people[200:]]
    known = [{"supporter": each} for each in donors]
    rows = [*known, *strangers][:ENTERED]
    BatchRow.objects.bulk_create(
        BatchRow(batch=batch, position=place, amount=amount, **who)
        for place, (amount, who) in enumerate(zip(SLIPS, rows, strict=False), start=1)
    )


def ring() -> None:
    """Tell staff of the gift that a bank took back, but not by mail: nobody is there to read it."""
    for entry in Entry.objects.filter(kind=Entry.Kind.DISPUTE):
        Alarm.objects.create(
            kind=Alarm.Kind.DISPUTE,
            key=entry.reference,
            address=reverse("admin:crm_gift_change", args=[entry.gift_id]),
            first_at=entry.at,
            last_at=entry.at,
        )
