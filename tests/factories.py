"""One factory per model, each making the plainest valid row."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from crm.campaigns.models import Campaign, CampaignText, Signature, Source
from crm.donations.batches import Batch
from crm.donations.credits import MatchingGift, SoftCredit
from crm.donations.models import Entry, Fund, Gift, Plan
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.donations.pledges import Instalment, Pledge
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.privacy.models import Wording
from payments.books import Difference, Payout, PayoutLine, Reconciliation
from payments.models import Checkout
from payments.statements import BankFile, BankLine, BankStatement

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class SupporterFactory(DjangoModelFactory):
    class Meta:
        model = Supporter
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"supporter{n}@example.org")
    given_name = "Sam"
    family_name = "Supporter"
    postcode = "1000"
    country = "BE"
    region = "BE-BRU"
    created_at = AT
    modified_at = AT
    search_text = factory.LazyAttribute(
        lambda supporter: Supporter(
            given_name=supporter.given_name,
            family_name=supporter.family_name,
            email=supporter.email,
            postcode=supporter.postcode,
        ).searchable()
    )

    @factory.post_generation
    def address(self, create, extracted, **_more):
        if create and self.email:
            EmailAddress.objects.get_or_create(
                address=self.email, defaults={"supporter": self, "added_at": self.created_at}
            )


class WordingFactory(DjangoModelFactory):
    class Meta:
        model = Wording

    purpose = "newsletter"
    version = factory.Sequence(lambda n: n + 1)
    language = "en"
    text = "Yes, send me the newsletter."


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    slug = factory.Sequence(lambda n: f"campaign-{n}")
    kind = Campaign.Kind.PETITION
    goal = 100
    suggested_amounts = [1000, 2500, 5000]
    opens_at = datetime(2020, 1, 1, tzinfo=UTC)


class CampaignTextFactory(DjangoModelFactory):
    class Meta:
        model = CampaignText

    campaign = factory.SubFactory(CampaignFactory)
    language = "en"
    title = "Stop child trafficking"
    summary = "Sign for a national plan."
    body = "Children are not for sale."
    demand = "We ask the government for a national plan."


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source
        django_get_or_create = ("channel",)

    channel = "direct"


class SignatureFactory(DjangoModelFactory):
    class Meta:
        model = Signature

    campaign = factory.SubFactory(CampaignFactory)
    supporter = factory.SubFactory(SupporterFactory)
    source = factory.SubFactory(SourceFactory)
    language = "fr"
    country = "BE"
    region = "BE-BRU"
    signed_at = AT
    modified_at = AT


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    reference = factory.Sequence(lambda n: f"test:plan:{n}")
    supporter = factory.SubFactory(SupporterFactory)
    amount = 1000
    currency = "EUR"
    status = Plan.Status.ACTIVE
    started_at = AT


class GiftFactory(DjangoModelFactory):
    class Meta:
        model = Gift

    reference = factory.Sequence(lambda n: f"test:gift:{n}")
    supporter = factory.SubFactory(SupporterFactory)
    status = Gift.Status.PAID
    method = "card"
    amount = 2500
    currency = "EUR"
    given_at = AT
    modified_at = AT
    received_on = date(2026, 3, 1)


class EntryFactory(DjangoModelFactory):
    class Meta:
        model = Entry

    reference = factory.Sequence(lambda n: f"test:entry:{n}")
    gift = factory.SubFactory(GiftFactory)
    kind = Entry.Kind.PAYMENT
    amount = 2500
    currency = "EUR"
    day = date(2026, 3, 1)
    at = AT


class FundFactory(DjangoModelFactory):
    class Meta:
        model = Fund

    code = factory.Sequence(lambda n: f"fund-{n}")
    name = "Shelter"


class BatchFactory(DjangoModelFactory):
    class Meta:
        model = Batch

    name = "Collection"
    received_on = date(2026, 3, 1)
    expected_count = 2
    expected_total = 3000
    opened_at = AT


class PledgeFactory(DjangoModelFactory):
    class Meta:
        model = Pledge

    supporter = factory.SubFactory(SupporterFactory)
    amount = 10000
    promised_on = date(2026, 3, 1)


class InstalmentFactory(DjangoModelFactory):
    class Meta:
        model = Instalment

    pledge = factory.SubFactory(PledgeFactory)
    due_on = date(2026, 4, 1)
    amount = 10000


class SoftCreditFactory(DjangoModelFactory):
    class Meta:
        model = SoftCredit

    gift = factory.SubFactory(GiftFactory)
    supporter = factory.SubFactory(SupporterFactory)
    kind = "solicitor"
    amount = 1000


class MatchingGiftFactory(DjangoModelFactory):
    class Meta:
        model = MatchingGift

    gift = factory.SubFactory(GiftFactory)
    employer = factory.SubFactory(SupporterFactory, kind="organisation")
    amount = 2500
    currency = "EUR"
    promised_on = date(2026, 3, 1)


class ReceiptFactory(DjangoModelFactory):
    class Meta:
        model = Receipt

    gift = factory.SubFactory(GiftFactory)
    supporter = factory.SelfAttribute("gift.supporter")
    year = 2026
    number = factory.Sequence(lambda n: n + 1)
    language = "fr"
    amount = factory.SelfAttribute("gift.amount")
    currency = "EUR"
    donor_name = "Sam Supporter"
    issued_at = AT


class TaxIdentityFactory(DjangoModelFactory):
    class Meta:
        model = TaxIdentity

    supporter = factory.SubFactory(SupporterFactory)
    given_name = "Sam"
    family_name = "Supporter"
    street = "Rue Haute 1"
    postcode = "1000"
    town = "Bruxelles"
    given_at = AT


class TaxCertificateFactory(DjangoModelFactory):
    class Meta:
        model = TaxCertificate

    supporter = factory.SubFactory(SupporterFactory)
    year = 2025
    number = factory.Sequence(lambda n: n + 1)
    amount = 5000
    language = "fr"
    donor_given_name = "Sam"
    donor_family_name = "Supporter"
    street = "Rue Haute 1"
    postcode = "1000"
    town = "Bruxelles"
    country = "BE"
    issued_at = AT


class CheckoutFactory(DjangoModelFactory):
    class Meta:
        model = Checkout

    frequency = Checkout.Frequency.ONCE
    amount = 2500
    given_name = "Dora"
    family_name = "Donor"
    email = "dora@example.org"
    language = "en"
    source = factory.SubFactory(SourceFactory)
    started_at = AT


class PayoutFactory(DjangoModelFactory):
    class Meta:
        model = Payout

    payout_id = factory.Sequence(lambda n: f"po_{n}")
    amount = 2437
    currency = "EUR"
    status = Payout.Status.PAID
    created_at = AT
    arrives_on = date(2026, 3, 3)
    lines_sum = 2437
    our_sum = 2437
    checked_at = AT


class PayoutLineFactory(DjangoModelFactory):
    class Meta:
        model = PayoutLine

    transaction = factory.Sequence(lambda n: f"txn_{n}")
    payout = factory.SubFactory(PayoutFactory)
    kind = "charge"
    amount = 2500
    fee = 63
    net = 2437
    currency = "EUR"
    at = AT


class ReconciliationFactory(DjangoModelFactory):
    class Meta:
        model = Reconciliation

    started_at = AT
    finished_at = AT
    since = AT
    until = AT


class DifferenceFactory(DjangoModelFactory):
    class Meta:
        model = Difference

    kind = Difference.Kind.AMOUNT
    reference = factory.Sequence(lambda n: f"txn_{n}")
    ours = "2400 EUR"
    theirs = "2437 EUR"
    first_seen_at = AT
    last_seen_at = AT


class BankFileFactory(DjangoModelFactory):
    class Meta:
        model = BankFile

    name = "march.cod"
    format = "coda"
    fingerprint = factory.Sequence(str)


class BankStatementFactory(DjangoModelFactory):
    class Meta:
        model = BankStatement

    file = factory.SubFactory(BankFileFactory)
    account = "BE68539007547034"
    currency = "EUR"
    opened_on = date(2026, 3, 1)
    closed_on = date(2026, 3, 31)
    opening_balance = 0
    closing_balance = 0


class BankLineFactory(DjangoModelFactory):
    class Meta:
        model = BankLine

    statement = factory.SubFactory(BankStatementFactory)
    key = factory.Sequence(str)
    position = factory.Sequence(int)
    booked_on = date(2026, 3, 3)
    amount = 2437
    currency = "EUR"
