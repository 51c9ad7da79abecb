"""Some checkouts of the demo that came to nothing, with no more of their donors than is kept."""

from datetime import date, timedelta

from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail, source_of
from crm.demo.chance import dice, public_id
from crm.demo.moments import midnight, moment_on
from crm.demo.persons import Population
from payments.checkouts import forget_donors
from payments.models import Checkout

Frequency, State = Checkout.Frequency, Checkout.State
# How many days ago, how often, cents, and what became of it.
STOPPED = [
    (1, Frequency.ONCE, 4000, State.EXPIRED),
    (1, Frequency.MONTHLY, 1500, State.DECLINED),
    (2, Frequency.ONCE, 2500, State.EXPIRED),
    (3, Frequency.ONCE, 10000, State.EXPIRED),
    (4, Frequency.YEARLY, 5000, State.EXPIRED),
    (5, Frequency.ONCE, 2500, State.DECLINED),
    (6, Frequency.MONTHLY, 1000, State.FAILED),
    (9, Frequency.ONCE, 5000, State.EXPIRED),
    (12, Frequency.MONTHLY, 2000, State.EXPIRED),
    (15, Frequency.ONCE, 4000, State.DECLINED),
    (20, Frequency.ONCE, 7500, State.EXPIRED),
    (26, Frequency.ONCE, 2000, State.EXPIRED),
]


def write(*, today: date) -> None:
    """Write them as the form does, and forget those donors who are to be forgotten by now."""
    rng, population = dice("checkouts"), Population()
    places, source = population.where(), source_of(Trail(utm_source="newsletter"))
    campaigns = [None, *Campaign.objects.order_by("pk")]
    for place, (days, frequency, amount, state) in enumerate(STOPPED):
        person = population.person(places.draw(rng), rng)
        Checkout.objects.create(
            public_id=public_id(rng),
            frequency=frequency,
            amount=amount,
            campaign=campaigns[place % len(campaigns)],
            source=source,
            given_name=person.given_name,
            family_name=person.family_name,
            email=f"essai{place}@example.org",
            language=person.language,
            state=state,
            started_at=moment_on(today - timedelta(days=days), rng),
        )
    forget_donors(at=midnight(today))
