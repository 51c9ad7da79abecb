"""A small world in which everything may have happened to a few people, and what its tables say."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.apps import apps
from django.db.models import Sum

from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.counting import SignatureDelta
from crm.campaigns.models import Campaign, Signature
from crm.donations.communications import Communication
from crm.donations.credits import SoftCredit
from crm.donations.instructions import Instruction
from crm.donations.models import Gift
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.donations.pledges import Pledge
from crm.exchange.models import Import, ImportRow
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.files import StoredFile
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.merging import refresh
from crm.people.models import Identifier
from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
from crm.people.segments import Segment, SegmentMember
from crm.people.tags import Tag, Tagging
from crm.privacy.models import ConsentState
from crm.privacy.operations import record_consent
from payments.models import Checkout
from tests.factories import (
    BatchFactory,
    CampaignFactory,
    CheckoutFactory,
    EntryFactory,
    GiftFactory,
    MatchingGiftFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
    TaxCertificateFactory,
    TaxIdentityFactory,
)

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
# They are added to, and never say what holds: feeds, trails, and merges themselves.
LOGS = {"Change", "AuditEntry", "Merge", "SignatureDelta"}
# When a row was last written is true of the merge and its undoing, too.
WHEN_WRITTEN = {"modified_at"}


class World:
    """Some people, two of each thing that they share, and what happens to them."""

    def __init__(self, owner, people=3):
        self.at = START
        self.number = 0
        self.people = [
            SupporterFactory(
                email="" if number == 1 else f"p{number}@example.org",
                given_name=["Anna", "", "Ana"][number % 3],
                family_name=["Peeters", "Peters", ""][number % 3],
                postcode=["", "1000", "9000"][number % 3],
                created_at=START - timedelta(days=10 * (number % 2) + number),
                source=f"source {number}",
            )
            for number in range(people)
        ]
        self.petitions = [CampaignFactory(slug=f"petition-{number}") for number in range(2)]
        self.tags = [Tag.objects.create(name=f"tag {number}") for number in range(2)]
        self.households = [Household.objects.create() for _each in range(2)]
        self.segments = [
            Segment.objects.create(name=f"segment {number}", owner=owner, is_audience=True)
            for number in range(2)
        ]
        self.batch = BatchFactory()
        self.batch_import = Import.objects.create(kind="supporters", name="list.csv")

    def do(self, deed, who, which):
        """Let somebody do something; `which` chooses among what there is."""
        self.at += timedelta(hours=1)
        self.number += 1
        getattr(self, deed)(self.people[who % len(self.people)], which)

    def other(self, who, which):
        others = [each for each in self.people if each.pk != who.pk]
        return others[which % len(others)]

    def signs(self, who, which):
        status = ["pending", "confirmed", "withdrawn"][which % 3]
        campaign = self.petitions[which % 2]
        if Signature.objects.filter(campaign=campaign, supporter=who).exists():
            return
        confirmed_at = None if status == "pending" else self.at
        signature = SignatureFactory(
            campaign=campaign,
            supporter=who,
            status=status,
            signed_at=self.at,
            confirmed_at=confirmed_at,
        )
        Comment.objects.create(signature=signature, text="Enough.")
        if status == "confirmed":
            tallies.append(signature=signature, number=1, at=self.at)

    def gives(self, who, which):
        plan = PlanFactory(supporter=who) if which % 2 else None
        gift = GiftFactory(supporter=who, plan=plan, amount=1000 + which)
        EntryFactory(gift=gift, amount=gift.amount)
        ReceiptFactory(gift=gift)

    def consents(self, who, which):
        record_consent(supporter=who, given=which % 2 == 0, source="test", at=self.at)

    def has_an_address(self, who, which):
        EmailAddress.objects.create(
            supporter=who,
            address=f"more{self.number}@example.org",
            status=["good", "bouncing", "complained"][which % 3],
        )
        refresh(who)

    def has_a_phone(self, who, which):
        number = f"+3247512345{which % 2}"
        preferred = not who.phones.filter(is_preferred=True).exists()
        Phone.objects.get_or_create(
            supporter=who, number=number, defaults={"is_preferred": preferred}
        )

    def lives_somewhere(self, who, which):
        preferred = not who.addresses.filter(is_preferred=True).exists()
        PostalAddress.objects.create(
            supporter=who, street=f"Rue Haute {which}", is_preferred=preferred
        )

    def is_tagged(self, who, which):
        Tagging.objects.get_or_create(
            supporter=who, tag=self.tags[which % 2], defaults={"source": f"{self.number}"}
        )

    def joins_a_household(self, who, which):
        HouseholdMember.objects.get_or_create(
            supporter=who,
            defaults={"household": self.households[which % 2], "position": which},
        )

    def is_in_a_segment(self, who, which):
        SegmentMember.objects.get_or_create(
            supporter=who,
            segment=self.segments[which % 2],
            defaults={"since": self.at, "is_held_out": which % 3 == 0},
        )

    def is_related(self, who, which):
        Relationship.objects.get_or_create(
            supporter=who, other=self.other(who, which), kind=["partner", "friend"][which % 2]
        )

    def is_suspected(self, who, which):
        first, second = sorted([who.pk, self.other(who, which).pk])
        Suspicion.objects.get_or_create(
            first_id=first,
            second_id=second,
            defaults={"score": 0.4 + which / 20, "state": ["open", "different"][which % 2]},
        )

    def is_noted(self, who, which):
        Note.objects.create(supporter=who, text=f"note {which}")
        Task.objects.create(supporter=who, title=f"call {which}")
        StoredFile.objects.create(
            supporter=who, name="letter.pdf", content_type="application/pdf", size=0, sha256=""
        )

    def proposes(self, who, which):
        Proposal.objects.get_or_create(
            supporter=who, field="given_name", value=f"Anne {which % 2}", source="checkout"
        )

    def is_known_elsewhere(self, who, which):
        Identifier.objects.create(supporter=who, system="stripe", value=f"cus_{self.number}")

    def is_credited(self, who, which):
        gift = Gift.objects.exclude(supporter=who).order_by("pk").first()
        if gift and not SoftCredit.objects.filter(supporter=who, gift=gift, kind="other").exists():
            SoftCreditFactory(supporter=who, gift=gift, kind="other", amount=100 + which)

    def is_certified(self, who, which):
        TaxIdentity.objects.filter(supporter=who).exists() or TaxIdentityFactory(
            supporter=who, given_at=self.at, number=bytes([which, 255])
        )
        year = 2024 + which % 2
        version = TaxCertificate.objects.filter(supporter=who, year=year).count() + 1
        TaxCertificateFactory(
            supporter=who, year=year, version=version, number=1000 * who.pk + which % 2
        )

    def gets_a_yearly_receipt(self, who, which):
        if not Receipt.objects.filter(supporter=who, of_year=2025).exists():
            Receipt.objects.create(
                supporter=who,
                of_year=2025,
                year=2026,
                number=100_000 + self.number,
                language="fr",
                amount=100,
                currency="EUR",
                donor_name="Anna",
                issued_at=self.at,
            )

    def is_written_to(self, who, which):
        Mail.objects.create(key=f"key {self.number}", supporter=who, to="a@example.org")
        Communication.objects.get_or_create(
            supporter=who,
            campaign=None,
            appeal=["", "letter"][which % 2],
            defaults={"digits": f"{self.number:012d}"},
        )

    def promises(self, who, which):
        Pledge.objects.create(supporter=who, amount=1000, promised_on=date(2026, 1, 1))
        Instruction.objects.create(supporter=who, kind="pause", plan=PlanFactory(supporter=who))
        CheckoutFactory(supporter=who, state=Checkout.State.PAID)

    def is_imported(self, who, which):
        ImportRow.objects.create(
            batch=self.batch_import, line=self.number, outcome="c", supporter=who
        )
        self.batch.rows.create(position=self.number, supporter=who)

    def adds_to_a_gift(self, who, which):
        MatchingGiftFactory(employer=who, gift=GiftFactory(supporter=self.other(who, which)))


DEEDS = [name for name in vars(World) if not name.startswith("_") and name not in {"do", "other"}]


def tables(undone=()):
    """Every row of every model about people, but for logs; with the sums that logs come to.

    `undone`: pairs that were taken apart, of whom is remembered that they are two.
    """
    pairs = {tuple(sorted(pair)) for pair in undone}
    told = {}
    for model in apps.get_models():
        data = getattr(model, "personal_data", None)
        if data is None or data.is_history or model.__name__ in LOGS:
            continue
        for row in model._base_manager.all():
            fields = {
                field.attname: getattr(row, field.attname)
                for field in model._meta.concrete_fields
                if field.name not in WHEN_WRITTEN
            }
            told[model._meta.label, row.pk] = plain(fields)
    for label, pk in [key for key in told if key[0] == "crm.Suspicion"]:
        if (told[label, pk]["first_id"], told[label, pk]["second_id"]) in pairs:
            del told[label, pk]
    return told, counters()


def plain(fields):
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in fields.items()
    }


def counters():
    return {campaign.slug: tallies.count(campaign) for campaign in Campaign.objects.all()}


def sums_of_deltas():
    rows = SignatureDelta.objects.values("campaign", "day", "source", "language", "region")
    return {tuple(row.values()) for row in rows.annotate(sum=Sum("number")) if row["sum"]}


def rows_there_are():
    """How many rows of each model there are."""
    return Counter(label for label, _pk in tables()[0])


def states():
    """What each record that stands agreed to."""
    current = ConsentState.objects.filter(supporter__merged_into=None)
    return sorted(current.values_list("channel", "purpose", "given", "since"))
