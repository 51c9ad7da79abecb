"""What the demo's bank statement shows: who transferred money, and what was paid from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from django.db.models import Q

from crm.demo.chance import dice
from crm.donations.communications import Communication
from crm.donations.credits import MatchingGift
from crm.donations.models import Gift, Method
from crm.donations.pledges import Instalment
from crm.people.models import Identifier, Supporter
from payments.books import Payout
from payments.demo.statement import Move, invented_account
from payments.imports.files import IBAN

DAYS = 14  # of the statement, until yesterday
LETTERS, KNOWN, FREQUENT, CLOSE = 12, 60, 4, 3
AMOUNTS = [2000, 2500, 4000, 4000, 5000, 10000]
WAYS = ["M. et Mme {family} {given}", "{family}-Wauters {given}", "{family} {given}"]
TEXTS = ["Don", "Gift voor de kinderen", "Merci pour votre travail", "Gift", "Don annuel"]
# Who has no gift behind it: days ago, cents, the other party, what was written.
OTHERS = [
    (12, -185_000, "IMMO FICTIF SRL", "LOYER BUREAUX"),
    (11, -1_845, "TERMINAUX FICTIFS SRL", "FRAIS TERMINAL DE PAIEMENT"),
    (9, -43_210, "IMPRIMERIE FICTIVE SRL", "FACTURE 2231 LETTRES ET ENVELOPPES"),
    (6, -1_200, "", "FRAIS DE COMPTE"),
    (3, 8_640, "ENERGIE FICTIVE SRL", "REMBOURSEMENT DECOMPTE ANNUEL"),
]


@dataclass
class Transfers:
    """Draws the movements; a supporter comes up once, so that each line has a reason of its own."""

    today: date
    rng: Random = field(default_factory=lambda: dice("bank"))
    taken: set[int] = field(default_factory=set)
    accounts: int = 0

    def moves(self) -> list[Move]:
        """Return the lines of the statement, in the order of their days."""
        known = self.remember_accounts()
        found = [
            *self.of_pledges(),
            *self.of_employers(),
            *self.of_letter(),
            *self.from_known_accounts(known),
            *self.of_close_names(),
            *self.of_strangers(),
            *self.of_others(),
            *self.of_payouts(),
        ]
        return sorted(found, key=lambda move: move.on)

    def remember_accounts(self) -> list[Identifier]:
        """Note the accounts from which some donors transferred money in earlier years."""
        waiting = Instalment.objects.outstanding().values("pledge__supporter")
        donors = Supporter.objects.filter(
            kind=Supporter.Kind.PERSON, gifts__in=transfers()
        ).exclude(pk__in=waiting)
        return [
            Identifier.objects.create(supporter=donor, system=IBAN, value=self.account())
            for donor in self.some(donors, KNOWN)
        ]

    def of_letter(self) -> Iterator[Move]:
        """Answers to the letter, with its communication."""
        asked = Communication.objects.exclude(supporter=None)
        donors = self.some(Supporter.objects.filter(communications__in=asked), LETTERS)
        communications = {each.supporter_id: each for each in asked.filter(supporter__in=donors)}
        for donor in donors:
            digits = communications[donor.pk].digits
            yield self.move(self.rng.choice(AMOUNTS), name_of(donor), digits=digits)

    def from_known_accounts(self, known: list[Identifier]) -> Iterator[Move]:
        """Donors who give from the account as ever; and one who asked for a gift back."""
        for each in known[:FREQUENT]:
            yield self.move(
                self.rng.choice(AMOUNTS), name_of(each.supporter), self.text(), iban=each.value
            )
        accounts = {each.supporter_id: each.value for each in known[FREQUENT:]}
        asked_back = transfers().filter(
            supporter__in=accounts, received_on__lt=self.today - timedelta(days=DAYS)
        )
        newest = asked_back.select_related("supporter").order_by("-received_on", "-pk")
        for gift in newest[:1]:
            iban = accounts[gift.supporter_id]
            yield self.move(-gift.amount, name_of(gift.supporter), "REMBOURSEMENT", iban=iban)

    def of_close_names(self) -> Iterator[Move]:
        """Donors whose bank writes their name otherwise, from accounts not seen before."""
        donors = self.some(Supporter.objects.filter(gifts__in=transfers()), CLOSE)
        for donor, way in zip(donors, WAYS, strict=False):
            name = way.format(family=donor.family_name, given=donor.given_name).upper()
            yield self.move(self.rng.choice(AMOUNTS), name, self.text())

    def of_pledges(self) -> Iterator[Move]:
        """Parts of pledges: paid by the donor, and from somebody else's account."""
        near = timedelta(days=40)
        due = Instalment.objects.outstanding().filter(
            due_on__range=(self.today - near, self.today + near)
        )
        for place, each in enumerate(
            due.select_related("pledge__supporter").order_by("due_on")[:2]
        ):
            donor = each.pledge.supporter
            self.taken.add(donor.pk)
            name = name_of(donor) if place else f"{donor.family_name} SRL".upper()
            yield self.move(each.amount, name, "Solde promesse" if place else "Versement")

    def of_employers(self) -> Iterator[Move]:
        """What an employer promised to add."""
        for each in MatchingGift.objects.waiting().order_by("promised_on", "pk")[:1]:
            yield self.move(each.amount, each.employer.family_name.upper(), "MATCHING GIFT")

    def of_strangers(self) -> Iterator[Move]:
        """Somebody we do not know, and somebody whose communication has a wrong digit."""
        yield self.move(3000, "VANDROOGENBROECK-NYS LIESELOT", "Steun aan de kinderen")
        yield self.move(2500, "ETIENNE-COLSON MARTHE", "+++000/0000/12345+++")

    def of_others(self) -> Iterator[Move]:
        for days, cents, name, text in OTHERS:
            yield Move(self.day(days), cents, name, self.account() if name else "", text)

    def of_payouts(self) -> Iterator[Move]:
        """What Stripe paid out within these days."""
        first, account = self.today - timedelta(days=DAYS), self.account()
        for each in Payout.objects.filter(arrives_on__range=(first, self.today)).order_by("pk"):
            text = f"STRIPE PAYOUT {each.payout_id[-6:]}"
            yield Move(each.arrives_on, each.amount, "STRIPE PAYMENTS", account, text)

    def some(self, donors, number: int) -> list[Supporter]:
        """So many supporters whom nothing else on the statement is about."""
        free = donors.filter(~Q(family_name="")).exclude(pk__in=self.taken)
        ids = sorted(set(free.values_list("pk", flat=True)))
        chosen = self.rng.sample(ids, min(number, len(ids)))
        self.taken.update(chosen)
        return list(Supporter.objects.filter(pk__in=chosen).order_by("pk"))

    def move(
        self, amount: int, name: str, text: str = "", *, digits: str = "", iban: str = ""
    ) -> Move:
        """A movement on some day of the statement."""
        day = self.day(self.rng.randrange(1, DAYS - 1))
        return Move(day, amount, name, iban or self.account(), text, digits)

    def day(self, days: int) -> date:
        """The day so long ago, or the working day before it; within the statement's days."""
        day = self.today - timedelta(days=days)
        return day - timedelta(days=max(day.weekday() - 4, 0))

    def text(self) -> str:
        return self.rng.choice(TEXTS)

    def account(self) -> str:
        self.accounts += 1
        return invented_account(self.accounts)


def transfers():
    """The demo's gifts that came by bank transfer."""
    gifts = Gift.objects.paid().filter(method=Method.BANK_TRANSFER, kind=Gift.Kind.MONEY)
    return gifts.filter(reference__startswith="demo:")


def name_of(supporter: Supporter) -> str:
    """Write a name as banks do: the family name first, in capitals."""
    return f"{supporter.family_name} {supporter.given_name}".strip().upper()
