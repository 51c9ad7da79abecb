"""What gifts are besides money by transfer or card: cheques, things, legacies, for a fund."""

from datetime import date, timedelta
from typing import NamedTuple

from crm.demo.chance import dice
from crm.demo.data import read
from crm.demo.givers import CARD, CHEQUE, TRANSFER, Giving
from crm.demo.moments import midnight
from crm.donations.models import Fund, Gift, Method

CHEQUES = 0.1  # of the transfers, so that they are about 1 % of all
FOR_A_FUND = 0.21  # of single gifts, so that they are about 10 % of all
ANONYMOUS = 0.006
THINGS, LEGACIES = 12, 5  # at most, and of so many transfers each:
PER_THING, PER_LEGACY = 12, 25
BEQUEATHED = [2_500_000, 800_000, 4_000_000, 500_000, 1_250_000]
OBJECTS = [
    ("Ordinateurs portables reconditionnés", 120_000),
    ("Impression de 2 000 dépliants", 45_000),
    ("Laptops voor het onthaalteam", 90_000),
    ("Jouets et livres pour la salle d'accueil", 25_000),
    ("Location d'une salle pour la journée d'étude", 60_000),
    ("Juridisch advies", 150_000),
]
DISPUTE_AFTER = timedelta(days=12)


class Purpose(NamedTuple):
    """A fund, and the days between which it got gifts."""

    fund: int
    since: date
    until: date


def make_funds(*, today: date) -> list[Purpose]:
    """Make three funds, of which one is closed."""
    return [
        Purpose(
            Fund.objects.create(
                code=code, name=each["name"], purpose=each["purpose"], is_open=each["until"] == 0
            ).pk,
            today - timedelta(days=each["since"]),
            today - timedelta(days=each["until"]),
        )
        for code, each in read("funds").items()
    ]


def dress(givings: list[Giving], *, funds: list[Purpose], today: date) -> list[Giving]:
    """Let some gifts, in order of time, be something special; how many there are stays."""
    dressed = {**rare(givings), **disputed(givings, today=today)}
    rng = dice("purposes")
    found = []
    for place, giving in enumerate(givings):
        draws = rng.random(), rng.random(), rng.random(), rng.random()
        is_usual = place not in dressed and giving.plan is None and not giving.is_promised
        found.append(usual(giving, draws, funds) if is_usual else dressed.get(place, giving))
    return found


def usual(giving: Giving, draws: tuple[float, ...], funds: list[Purpose]) -> Giving:
    """A single gift, perhaps by cheque, for a fund, or anonymous."""
    day = giving.given_at.date()
    given_to = [each.fund for each in funds if each.since <= day < each.until]
    for_a_fund = bool(given_to) and draws[0] < FOR_A_FUND
    by_cheque = giving.method == TRANSFER and draws[2] < CHEQUES
    return giving._replace(
        fund=given_to[int(draws[1] * len(given_to))] if for_a_fund else None,
        method=CHEQUE if by_cheque else giving.method,
        is_anonymous=draws[3] < ANONYMOUS,
    )


def rare(givings: list[Giving]) -> dict[int, Giving]:
    """Things and legacies, by their place: they were transfers before."""
    rng = dice("rare")
    transfers = [
        place
        for place, giving in enumerate(givings)
        if giving.method == TRANSFER and not giving.is_promised
    ]
    things = min(THINGS, len(transfers) // PER_THING)
    legacies = min(LEGACIES, len(transfers) // PER_LEGACY)
    settled = transfers[: len(transfers) * 9 // 10]  # nothing of these days: it would stand out
    chosen = rng.sample(settled, things + legacies)
    found = {}
    for number, place in enumerate(chosen[:things]):
        what, worth = OBJECTS[number % len(OBJECTS)]
        found[place] = givings[place]._replace(
            kind=Gift.Kind.IN_KIND.value, method=Method.OTHER.value, amount=worth, description=what
        )
    for number, place in enumerate(chosen[things:]):
        found[place] = givings[place]._replace(
            kind=Gift.Kind.LEGACY.value, amount=BEQUEATHED[number], campaign=None
        )
    return found


def disputed(givings: list[Giving], *, today: date) -> dict[int, Giving]:
    """The last of the card gifts that a bank took back, if there is one."""
    latest = midnight(today) - DISPUTE_AFTER
    for place in range(len(givings) - 1, -1, -1):
        giving = givings[place]
        is_kept = giving.method == CARD and giving.plan is None and giving.refunded_at is None
        if is_kept and giving.amount >= 2500 and giving.paid_at and giving.paid_at < latest:
            at = giving.paid_at + timedelta(days=9, hours=5)
            return {place: giving._replace(disputed_at=at)}
    return {}
