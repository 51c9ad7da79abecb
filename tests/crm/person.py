"""Zelda, about whom the database knows something everywhere."""

from datetime import date

from crm.campaigns.comments import Comment
from crm.donations.batches import Batch, BatchRow
from crm.donations.communications import Communication
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.instructions import Instruction
from crm.donations.papers import TaxCertificate, TaxIdentity
from crm.donations.pledges import Instalment, Pledge
from crm.mailing import outbox
from crm.people.operations import identify, record_change, register
from crm.privacy.operations import record_consent
from payments.models import Checkout
from tests.factories import (
    AT,
    CheckoutFactory,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SupporterFactory,
    WordingFactory,
)

NAMES = {"given_name": "Zeldarine", "family_name": "Quixworth"}
EMAIL = "zeldarine@quixworth.example.org"
TELLING = ["Zeldarine", "Quixworth", "Rue Zygomar 7", "BE71096123456769", "my own words"]


def zelda():
    """Register Zelda, with a record that was merged into hers, and rows in every model."""
    who = register(email=EMAIL, at=AT, language="en", postcode="9999", country="BE", **NAMES)
    SupporterFactory(merged_into=who, email="old@quixworth.example.org", **NAMES)
    identify(supporter=who, system="iban", value="BE71096123456769")
    identify(supporter=who, system="stripe", value="cus_1")
    record_change(supporter=who, kind="corrected", at=AT)
    record_consent(supporter=who, given=True, source="paper", wording=WordingFactory(), at=AT)
    Comment.objects.create(
        signature=SignatureFactory(supporter=who, status="confirmed", confirmed_at=AT),
        text="my own words",
    )
    SignatureFactory(supporter=who)
    write_to(who)
    give(who)
    promise(who)
    return who


def write_to(who):
    context = {"given_name": "Zeldarine", "token": "secret-token"}
    for name in ("sent", "waiting"):
        outbox.queue(
            "confirm_signature",
            key=f"{name}:{who.public_id}",
            to=who,
            language="en",
            at=AT,
            context=context,
            files=[outbox.File("letter.txt", "text/plain", b"Dear Zeldarine Quixworth")],
        )
    who.mails.filter(key__startswith="sent").update(sent_at=AT)


def give(who):
    plan = PlanFactory(supporter=who, reference="stripe:sub_zelda")
    gift = GiftFactory(supporter=who, plan=plan)
    EntryFactory(gift=gift)
    ReceiptFactory(gift=gift, donor_name="Zeldarine Quixworth")
    Tribute.objects.create(
        gift=gift, kind="memory", name="Old Quixworth", notify_name="Young Quixworth"
    )
    SoftCredit.objects.create(gift=GiftFactory(), supporter=who, kind="other", amount=100)
    MatchingGift.objects.create(
        gift=GiftFactory(), employer=who, amount=100, currency="EUR", promised_on=date(2026, 3, 1)
    )
    Instruction.objects.create(
        kind="pause", supporter=who, plan=plan, reason="my own words", state="done"
    )
    TaxIdentity.objects.create(
        supporter=who,
        **NAMES,
        street="Rue Zygomar 7",
        postcode="9999",
        town="Zonnebeke",
        number=b"Quixworth",
        given_at=AT,
    )
    TaxCertificate.objects.create(
        year=2025,
        number=1,
        supporter=who,
        amount=5000,
        language="en",
        donor_given_name="Zeldarine",
        donor_family_name="Quixworth",
        street="Rue Zygomar 7",
        issued_at=AT,
    )
    # One that became a gift, and one that is on the payment page now.
    CheckoutFactory(email=EMAIL, supporter=who, state=Checkout.State.PAID, **NAMES)
    CheckoutFactory(email=EMAIL, **NAMES)


def promise(who):
    pledge = Pledge.objects.create(
        supporter=who, amount=500, promised_on=date(2026, 3, 1), note="my own words"
    )
    Instalment.objects.create(pledge=pledge, due_on=date(2026, 4, 1), amount=500)
    Communication.objects.create(digits="000000000101", supporter=who)
    batch = Batch.objects.create(
        name="Letters", received_on=date(2026, 3, 1), expected_count=1, expected_total=100
    )
    BatchRow.objects.create(batch=batch, position=1, email=EMAIL, **NAMES)
