"""A few hundred signatures and gifts around midnights and changes of the clock, half folded."""

from datetime import UTC, datetime, timedelta
from random import Random

from django.db import connection

from crm.campaigns import tallies as signature_tallies
from crm.campaigns.operations import confirm, withdraw
from crm.donations import tallies as gift_tallies
from crm.donations.models import Entry, Gift
from crm.donations.operations import record_entry, record_gift
from tests.factories import (
    CampaignFactory,
    PlanFactory,
    SignatureFactory,
    SourceFactory,
    SupporterFactory,
)

# Midnight in Brussels is 22:00 or 23:00 UTC; the clock changed on 27 October and on 30 March.
BORDERS = [
    datetime(2024, 10, 26, 21, 59, 59, tzinfo=UTC),
    datetime(2024, 10, 26, 22, 0, tzinfo=UTC),
    datetime(2024, 10, 27, 22, 59, 59, tzinfo=UTC),
    datetime(2024, 10, 27, 23, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 22, 59, 59, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2025, 3, 29, 23, 0, tzinfo=UTC),
    datetime(2025, 3, 30, 21, 59, 59, tzinfo=UTC),
    datetime(2025, 3, 30, 22, 0, tzinfo=UTC),
]
FIRST = datetime(2024, 10, 20, tzinfo=UTC)
PLACES = [("BE", "BE-BRU"), ("BE", "BE-WLG"), ("BE", ""), ("FR", ""), ("", "")]


def make_signatures(number=70):
    """Two campaigns; every fifth signature is withdrawn, every seventh never confirmed."""
    chance = Random(7)
    campaigns = [CampaignFactory(slug="one", goal=100), CampaignFactory(slug="two", goal=None)]
    sources = [SourceFactory(channel=name) for name in ("direct", "facebook", "newsletter")]
    for count in range(number):
        at = a_moment(chance, count)
        country, region = chance.choice(PLACES)
        signature = SignatureFactory(
            campaign=chance.choice(campaigns),
            source=chance.choice(sources),
            language=chance.choice(["fr", "nl", "en"]),
            country=country,
            region=region,
            signed_at=at - timedelta(hours=1),
        )
        if count % 7:
            confirm(signature=signature, at=at)
        if count % 5 == 0:
            withdraw(signature=signature, at=at + timedelta(days=3))
        if count == number // 2:
            signature_tallies.fold()
    return campaigns


def make_gifts(campaign, number=60):
    """Some donors give often; some gifts fail, some go back, all paid ones cost a fee."""
    chance = Random(11)
    donors = SupporterFactory.create_batch(40)
    plan = PlanFactory(supporter=donors[0])
    for count in range(number):
        at = a_moment(chance, count)
        gift = record_gift(
            reference=f"test:{count}",
            supporter=chance.choice(donors),
            amount=chance.choice([1000, 2550, 10_000]),
            currency="USD" if count % 20 == 19 else "EUR",
            method="card",
            status=Gift.Status.FAILED if count % 9 == 8 else Gift.Status.PAID,
            given_at=at,
            at=at,
            plan=plan if count % 3 == 0 else None,
            campaign=campaign if count % 4 == 0 else None,
            thank=False,
        )
        if gift.status == Gift.Status.PAID:
            record_fee(gift, at=at)
        if gift.status == Gift.Status.PAID and count % 8 == 0:
            give_back(gift, at=at + timedelta(days=20))
        if count == number // 2:
            gift_tallies.fold()


def record_fee(gift, *, at):
    amount = -(25 + gift.amount * 14 // 1000)
    record_entry(
        gift=gift, reference=f"{gift.reference}:fee", kind=Entry.Kind.FEE, amount=amount, at=at
    )


def give_back(gift, *, at):
    """The donor's bank takes the money, gives it back, and then the organisation returns it."""
    for kind, amount in [
        (Entry.Kind.DISPUTE, -gift.amount),
        (Entry.Kind.REVERSAL, gift.amount),
        (Entry.Kind.REFUND, -gift.amount),
    ]:
        record_entry(
            gift=gift, reference=f"{gift.reference}:{kind}", kind=kind, amount=amount, at=at
        )


def a_moment(chance, count):
    if count < len(BORDERS):
        return BORDERS[count]
    return FIRST + timedelta(seconds=chance.randrange(170 * 86_400))


def sql(query, *parameters):
    """The rows of a query, which tests hold against what reports say."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
