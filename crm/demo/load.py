"""Loading the demo: everything or nothing, into a database that is empty."""

from datetime import date, timedelta
from typing import TextIO

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, transaction

from crm import audit
from crm.access import Role
from crm.campaigns import waiting
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.shares import Share
from crm.demo import (
    bare,
    beside,
    circles,
    contents,
    doubles,
    forms,
    givers,
    history,
    lists,
    networks,
    paper,
    partners,
    purposes,
    reach,
    receipts,
    tallies,
    trainings,
)
from crm.demo.channels import make_sources
from crm.demo.contents import JE_DIS_STOP, MAKE_IT_SAFE, PETITION, REACT
from crm.demo.desk import Desk
from crm.demo.donors import Cause, Giftmaking
from crm.demo.joining import SIGNATURES, donors_of, sign
from crm.demo.promised import Promises
from crm.demo.signers import Signer
from crm.demo.world import World
from crm.donations import tallies as money_tallies
from crm.donations.models import Entry, Gift, Plan
from crm.donations.papers import Receipt
from crm.lib.progress import Countdown, step
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Supporter
from crm.privacy.models import Consent, ConsentState
from crm.reports import counting

TABLES = [
    model._meta.db_table
    for model in (
        Supporter,
        EmailAddress,
        Phone,
        PostalAddress,
        Signature,
        Consent,
        ConsentState,
        Comment,
        Share,
        Plan,
        Gift,
        Entry,
        Receipt,
    )
]
GIFTS = 20_000
PLANS_PER_DONOR = 0.1


class NotHere(Exception):
    """The demo must not be loaded into this installation."""


class NotEmpty(NotHere):
    """The database holds something already."""


def refuse_real_money() -> None:
    """Raises NotHere where Stripe's live key is set."""
    if "_live_" in settings.STRIPE_SECRET_KEY:
        raise NotHere("STRIPE_SECRET_KEY is a live key: the demo is not for real installations.")


def refuse_unless_empty() -> None:
    """Raises NotEmpty where there are supporters, campaigns, or accounts of the demo's names."""
    if Supporter.objects.exists():
        raise NotEmpty("There are supporters in this database: the demo needs an empty one.")
    if Campaign.objects.exists():
        raise NotEmpty("There are campaigns in this database: the demo needs an empty one.")
    if get_user_model().objects.filter(username__in=Role.values).exists():
        raise NotEmpty("There are accounts named after roles: the demo needs an empty database.")


@transaction.atomic
def load(*, today: date, signatures: int = SIGNATURES, gifts: int = GIFTS, out: TextIO) -> None:
    """Load the demo up to the end of yesterday. Raises NotHere, and then nothing was changed."""
    with connection.cursor() as cursor:
        # Who signs meanwhile waits, and no second demo is loaded beside this one.
        cursor.execute("LOCK TABLE crm_supporter IN EXCLUSIVE MODE")
    refuse_unless_empty()
    refuse_real_money()
    with step("campaigns, texts and staff accounts", out):
        campaigns = contents.make_campaigns(today=today)
        contents.make_figures(today=today)
        contents.make_staff()
        world = World(today, sources=make_sources(), wordings=contents.make_wordings())
    promises, couples = write_people(world, campaigns, signatures=signatures, gifts=gifts, out=out)
    with step("daily tallies", out):
        count(world, campaigns)
    with step("pledges, tributes and letters", out):
        promises.write()
        beside.write(world, campaign=campaigns[JE_DIS_STOP], gifts=gifts)
        forms.write(world, campaigns[PETITION])
    with step("households, notes and duplicates", out):
        know(world, couples)
        tallies.touch(petition=campaigns[PETITION].pk)
    with step("partners and networks", out):
        networks.write(world)
        partners.write(world)
    with step("trainings", out):
        trainings.write(world)
    load_apps(today=today, out=out)
    with step("segments, imports and exports", out):
        lists.write(world)
    audit.log(audit.DEMO_LOADED, campaigns[PETITION], signatures=signatures, gifts=gifts)
    transaction.on_commit(lambda: cache.delete("is_demo"))


def write_people(
    world: World, campaigns: dict[str, Campaign], *, signatures: int, gifts: int, out: TextIO
) -> tuple[Promises, list[tuple[int, int]]]:
    """Write who signs and who gives; return what is promised, and who live together."""
    days = history.petition(launch=contents.opened_on(PETITION, world.today), until=world.today)
    aside = bare.strip(TABLES)
    with step(f"{signatures:,} signatures", out):
        donors = sign(world, campaigns, days, signatures=signatures, gifts=gifts, out=out)
    with step(f"{gifts:,} gifts", out):
        promises = give(world, campaigns, days, donors, gifts=gifts)
        receipts.issue()
        couples = reach.write(world)
    with step("indexes", out):
        bare.rebuild(aside, Countdown(len(aside), out))
    return promises, couples


def count(world: World, campaigns: dict[str, Campaign]) -> None:
    """Count what jobs would have counted by now, with the sheets of paper."""
    paper.write(world, campaigns)
    tallies.count(gone=world.gone)
    waiting.recount(at=world.end)
    counting.count(counting.every(), at=world.end)
    tallies.settle(petition=campaigns[PETITION].pk)


def know(world: World, couples: list[tuple[int, int]]) -> None:
    """Write what an organisation knows of people besides what they did."""
    people = Supporter.objects.filter(kind=Supporter.Kind.PERSON, gifts__isnull=False)
    donors = list(people.order_by("pk").distinct().values_list("pk", flat=True))
    organisations = circles.write(world, couples, donors=len(donors))
    Desk(world, donors, organisations).write()
    doubles.write(world)


def load_apps(*, today: date, out: TextIO) -> None:
    """Let each app that has a `load_demo(today=…, out=…)` in its AppConfig add its own."""
    for app in apps.get_app_configs():
        if hasattr(app, "load_demo"):
            app.load_demo(today=today, out=out)
    while money_tallies.fold():
        pass


def give(
    world: World,
    campaigns: dict[str, Campaign],
    days: list[history.Day],
    signers: list[Signer],
    *,
    gifts: int,
) -> Promises:
    """Let the signers and others give, and finish the tables of people and money."""
    causes = [
        Cause(campaigns[slug].pk, campaigns[slug].opens_at + timedelta(days=1), weight)
        for slug, weight in ((PETITION, 3.0), (JE_DIS_STOP, 2), (REACT, 1), (MAKE_IT_SAFE, 2))
    ]
    giving_days = givers.giving_days(today=world.today, petition=days)
    making = Giftmaking(world, causes=causes, days=giving_days)
    number = donors_of(gifts)
    donors = making.donors(signers, number=number, plans=round(number * PLANS_PER_DONOR))
    promises = Promises(world, donors, gifts=gifts)
    givings = making.gifts(donors, number=gifts, promised=promises.givings())
    funds = purposes.make_funds(today=world.today)
    for giving in purposes.dress(givings, funds=funds, today=world.today):
        making.accounts.add_gift(giving, making.rng)
    for table in (*world.people.all, *making.accounts.all):
        table.finish()
    return promises
