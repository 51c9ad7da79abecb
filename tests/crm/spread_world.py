"""Signatures that came through others' links, and their figures, written as rows."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from crm.campaigns.counting import SignatureDelta
from crm.campaigns.models import Signature, Source
from crm.campaigns.shares import Medium, Share
from crm.donations.models import GiftDelta
from crm.lib.periods import Period, local_day
from crm.reports.scope import Scope
from tests.factories import SignatureFactory

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
SPRING = Period(date(2026, 1, 1), date(2026, 6, 2))
DAY = timedelta(days=1)


def scope(campaign=None, period=SPRING):
    return Scope(period, campaign and campaign.pk)


def source_of(channel, **marks):
    return Source.objects.get_or_create(channel=channel, **marks)[0]


def by(medium):
    """The source of who came by a link that was shared so."""
    return source_of("share", utm_source="share", utm_medium=medium)


def note(campaign, source, step, number=1, *, day=date(2026, 3, 1), **more):
    SignatureDelta.objects.create(
        campaign=campaign, source=source, step=step, number=number, day=day, language="en", **more
    )


def note_gift(campaign, *, source=None, first=None, gross=2500, fees=-50, refunds=0, **more):
    fields = {"day": date(2026, 3, 1), "currency": "EUR", "is_recurring": False, "gifts": 1}
    GiftDelta.objects.create(
        campaign=campaign,
        source=source,
        first_source=first,
        gross=gross,
        fees=fees,
        refunds=refunds,
        **fields | more,
    )


def signed(campaign, at=START, *, through=None, medium="whatsapp", status="confirmed", **more):
    """A signature, with what is counted of it; `through` is whose link it came by."""
    source = by(medium) if through else source_of("direct")
    made = SignatureFactory(
        campaign=campaign,
        source=source,
        status=status,
        referrer=through,
        generation=through.generation + 1 if through else 0,
        signed_at=at,
        modified_at=at,
        confirmed_at=at,
        **more,
    )
    if status == "confirmed":
        note(campaign, source, "confirm", day=local_day(at), way=made.way)
    return made


def spreading(campaign, *, number=120, seed=5):
    """Some sign by themselves, some through others, by all ways, soon or late; some withdraw."""
    chance = Random(seed)
    made = []
    for count in range(number):
        at = START + count * DAY / 2
        through = chance.choice(made) if made and chance.random() < 0.5 else None
        if through is not None:
            at = max(at, through.confirmed_at + chance.uniform(0, 20) * DAY)
        status = "withdrawn" if chance.random() < 0.1 else "confirmed"
        medium = chance.choice([*Medium.values, "unheard-of"])
        made.append(signed(campaign, at, through=through, medium=medium, status=status))
    for signature in chance.sample(made, number // 2):
        at = signature.confirmed_at + chance.uniform(0, 20) * DAY
        Share.objects.create(signature=signature, medium=chance.choice(Medium.values), at=at)
    return made


def confirmed():
    return Signature.objects.filter(status="confirmed", way="online")
